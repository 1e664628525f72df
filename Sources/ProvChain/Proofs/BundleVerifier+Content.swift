/// That files at hand are those that were registered.
extension BundleVerifier {
    private static let onlyItsHash = Phrase(
        "not in the bundle; its hash is proven",
        "不在证明包中；其哈希已被证明")

    func checkManifest() throws(BundleFailure) -> Phrase {
        guard let version = try latestVersion() else {
            guard bundle.manifest == nil else {
                throw BundleFailure(
                    "a manifest without a version",
                    "没有版本却有清单")
            }
            return Phrase(
                "not a work: no manifest",
                "不是作品：没有清单")
        }
        guard let bytes = bundle.manifest else {
            return Self.onlyItsHash
        }
        guard AttachmentReference(to: bytes) == version.content.manifest else {
            throw BundleFailure(
                "the manifest is not the registered one",
                "清单不是所登记的清单")
        }
        guard let manifest = try? Manifest(cbor: bytes) else {
            throw BundleFailure(
                "the manifest is not well formed",
                "清单格式不正确")
        }
        guard manifest.root == version.content.manifestRoot else {
            throw BundleFailure(
                "the registered root does not follow from the manifest",
                "由清单不能得出所登记的根")
        }
        return Phrase(
            "\(manifest.files.count) files, root \(manifest.root)",
            "\(manifest.files.count) 个文件，根 \(manifest.root)")
    }

    func checkMetadata() throws(BundleFailure) -> Phrase {
        guard case .work = bundle.subject, let stored = try subjectRecord(),
            let work = try? WorkRecord(cbor: stored.body)
        else {
            guard bundle.metadata == nil else {
                throw BundleFailure(
                    "metadata without a work",
                    "没有作品却有元数据")
            }
            return Phrase(
                "not a work: no metadata",
                "不是作品：没有元数据")
        }
        guard let bytes = bundle.metadata else {
            return Self.onlyItsHash
        }
        guard AttachmentReference(to: bytes) == work.metadata else {
            throw BundleFailure(
                "the metadata are not the registered ones",
                "元数据不是所登记的元数据")
        }
        guard let words = try? WorkMetadata(cbor: bytes) else {
            throw BundleFailure(
                "the metadata are not well formed",
                "元数据格式不正确")
        }
        return Phrase(
            "title: \(words.title)",
            "标题：\(words.title)")
    }

    func checkFile(_ file: FileAtHand) throws(BundleFailure) -> Phrase {
        guard let bytes = bundle.manifest, let manifest = try? Manifest(cbor: bytes) else {
            throw BundleFailure(
                "the bundle has no manifest to compare the file with",
                "证明包中没有可与该文件比对的清单")
        }
        guard let match = manifest.files.first(where: { $0.sha256 == file.sha256 && $0.size == file.size }) else {
            throw BundleFailure(
                "the file (SHA-256 \(file.sha256), \(file.size) bytes) is not one of those registered",
                "该文件（SHA-256 \(file.sha256)，\(file.size) 字节）不在已登记的文件之中")
        }
        return Phrase(
            "registered as \(match.path), SHA-256 \(file.sha256)",
            "登记为 \(match.path)，SHA-256 \(file.sha256)")
    }

    private func latestVersion() throws(BundleFailure) -> VersionRecord? {
        let stored: StoredRecord?
        switch bundle.subject {
        case .work(let work):
            guard let body = try subjectRecord()?.body, let record = try? WorkRecord(cbor: body) else { return nil }
            stored = self.record(.version(work: work, sequence: record.versions))
        case .version: stored = try subjectRecord()
        case .chain, .member, .party, .key, .title, .offer, .component, .statement: return nil
        }
        return stored.flatMap { try? VersionRecord(cbor: $0.body) }
    }
}

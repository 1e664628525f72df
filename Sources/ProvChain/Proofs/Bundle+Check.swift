extension Bundle {
    /// Checks every part of the bundle against the genesis, which is all that has to be trusted.
    ///
    /// - Parameter file: hash and size of a file that should be one of those registered.
    /// - Returns: every check with its outcome; a part that depends on a failed one is still checked where
    ///   that says more.
    public func check(against genesis: GenesisFile, file: FileAtHand? = nil) -> BundleReport {
        BundleVerifier(self, genesis: genesis).report(file: file)
    }
}

/// Why a check failed.
struct BundleFailure: Error {
    let reason: Phrase

    init(_ english: String, _ chinese: String) { reason = Phrase(english, chinese) }

    /// The words of an error below, which are English.
    init(same reason: String) { self.reason = Phrase(same: reason) }
}

/// The checks of one bundle, with what they share: parsed statements and look-up tables.
struct BundleVerifier {
    let bundle: Bundle
    let genesis: GenesisFile
    private let recordsByName: [URN: Bundle.ProvenRecord]
    let heights: [Digest: UInt64]
    let parsed: Result<[Statement], BundleFailure>

    init(_ bundle: Bundle, genesis: GenesisFile) {
        self.bundle = bundle
        self.genesis = genesis
        recordsByName = Dictionary(bundle.records.map { ($0.urn, $0) }) { first, _ in first }
        heights = Dictionary(bundle.history.map { ($0.statement, $0.height) }) { first, _ in first }
        parsed = Result { () throws(BundleFailure) in try Self.parse(bundle.statements) }
    }

    func report(file: FileAtHand?) -> BundleReport {
        var report = BundleReport()
        report.add(.chain, checkChain)
        report.add(.validators, checkValidators)
        report.add(.certificate, checkCertificate)
        report.add(.header, checkHeader)
        report.add(.receipts, checkReceipts)
        report.add(.inclusion, checkInclusion)
        report.add(.state, checkState)
        report.add(.signatures, checkSignatures)
        report.add(.history, checkHistory)
        report.add(.manifest, checkManifest)
        report.add(.metadata, checkMetadata)
        if let file { report.add(.file) { () throws(BundleFailure) in try checkFile(file) } }
        report.add(.witness) { () throws(BundleFailure) in
            Phrase(
                "no outside witness or timestamp: retired keys of a past quorum could forge a parallel past",
                "没有外部见证或时间戳：过去法定多数的已停用密钥可能伪造一段平行的历史")
        }
        return report
    }

    // MARK: Parts

    /// The proven record with this URN, or `nil` if there is none in the bundle.
    func record(_ urn: URN) -> StoredRecord? { recordsByName[urn]?.record }

    func subjectRecord() throws(BundleFailure) -> StoredRecord? {
        guard let item = recordsByName[bundle.subject] else {
            throw BundleFailure(
                "the subject \(bundle.subject) is not among the records",
                "记录中没有该主题 \(bundle.subject)")
        }
        return item.record
    }

    private static func parse(_ statements: [Bundle.IncludedStatement]) throws(BundleFailure) -> [Statement] {
        var parsed: [Statement] = []
        for statement in statements {
            do throws(Refusal) {
                parsed.append(try Statement(encoded: statement.encoded))
            } catch {
                throw BundleFailure(
                    "the statement at leaf \(statement.leafIndex): \(error)",
                    "叶子 \(statement.leafIndex) 处的声明：\(Catalogue.sentence(for: error, in: .chinese))")
            }
        }
        return parsed
    }
}

extension BundleReport {
    fileprivate mutating func add(_ name: Name, _ check: () throws(BundleFailure) -> Phrase) {
        do throws(BundleFailure) {
            checks.append(Check(name: name, ok: true, detail: try check()))
        } catch {
            checks.append(Check(name: name, ok: false, detail: error.reason))
        }
    }
}

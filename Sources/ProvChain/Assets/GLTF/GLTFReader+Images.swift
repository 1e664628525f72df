extension GLTFReader {
    static let imageMediaTypes: Set<String> = ["image/png", "image/jpeg", "image/webp", "image/ktx2"]

    /// Hashes every image, and reads its header. Each use of the same bytes is paid for: hashing takes time.
    mutating func checkImages() throws(AssetError) {
        for (number, entry) in list(.images).enumerated() where entry.object != nil {
            let place = "/images/\(number)"
            if (entry["uri"] != nil) == (entry["bufferView"] != nil) { issues.add(.oneOfMismatch, place) }
            var found: GLTFBytes?
            if let uri = entry["uri"] {
                found = try load(uri, at: place + "/uri", mediaTypes: Self.imageMediaTypes, .invalidUri)
            } else if let index = entry["bufferView"]?.integer {
                if entry["mimeType"] == nil { issues.add(.unsatisfiedDependency, place + "/bufferView") }
                guard index >= 0, index < Int64(model.views.count) else { continue }
                if model.views[Int(index)].stride != nil {
                    issues.add(.imageBufferViewWithBytestride, place + "/bufferView")
                }
                found = bytes(ofView: Int(index))
            }
            guard let found else { continue }
            try budget.pay(found.count, at: place)
            let leaf = ImageLeaf.leaf(found.slice)
            imageLeaves[number] = leaf
            let header = checkHeader(found.slice, declared: entry["mimeType"]?.text?.description, place)
            images.append(GLTFAsset.Image(leaf: leaf, byteCount: found.count, header: header, number: number))
        }
    }

    private mutating func checkHeader(
        _ bytes: ArraySlice<UInt8>, declared: String?, _ place: String
    ) -> ImageHeader? {
        do {
            let header = try ImageHeader(bytes)
            if let declared, declared != header.format.rawValue { issues.add(.imageMimeTypeInvalid, place) }
            return header
        } catch {
            switch error {
            case .unrecognized: issues.add(.imageUnrecognizedFormat, place)
            case .truncated: issues.add(.imageUnexpectedEos, place)
            case .invalid: issues.add(.imageDataInvalid, place)
            }
            return nil
        }
    }
}

extension GLTFReader {
    static let bufferMediaTypes: Set<String> = ["application/octet-stream", "application/gltf-buffer"]

    /// Brings the bytes of every buffer, and compares them with the declared length.
    mutating func loadBuffers() throws(AssetError) {
        for (number, entry) in list(.buffers).enumerated() {
            let place = "/buffers/\(number)"
            let length = model.bufferLengths[number]
            var found: GLTFBytes?
            if let uri = entry["uri"] {
                found = try load(
                    uri, at: place + "/uri", mediaTypes: Self.bufferMediaTypes, .bufferDataUriMimeTypeInvalid)
                if let bytes = found, bytes.count < length {
                    issues.add(.bufferByteLengthMismatch, place)
                    found = nil
                }
            } else if number == 0, container.isBinary, entry.object != nil {
                found = binaryChunk(length, at: place)
            }
            // The file may be longer than what it declares: the rest does not belong to the buffer.
            buffers.append(found?.part(0, length))
        }
    }

    private mutating func binaryChunk(_ length: Int, at place: String) -> GLTFBytes? {
        guard let range = container.binary else {
            if entryNeedsData { issues.add(.bufferMissingGlbData, place) }
            return nil
        }
        guard range.count >= length else {
            issues.add(.bufferByteLengthMismatch, place)
            return nil
        }
        if range.count - length > 3 { issues.add(.bufferGlbChunkTooBig, place) }
        return GLTFBytes(container.bytes, range)
    }

    /// A placeholder for compressed data has no bytes of its own.
    private var entryNeedsData: Bool { !reasons.contains { if case .compressedGeometry = $0 { true } else { false } } }

    /// What a URI points to; `nil` after noting why not.
    mutating func load(
        _ uri: StrictJSON, at place: String, mediaTypes: Set<String>, _ wrongType: IssueCode
    ) throws(AssetError) -> GLTFBytes? {
        guard let text = uri.text else { return nil }
        try budget.pay(text.utf8.count, at: place)
        do {
            switch try GLTFReference(text) {
            case .data(let mediaType, let bytes):
                if !mediaTypes.contains(mediaType) { issues.add(wrongType, place) }
                return GLTFBytes(bytes)
            case .file(let path):
                guard let bytes = resolve(path, budget.largestFile) else {
                    issues.add(.ioError, place)
                    return nil
                }
                budget.admit(bytes.count)
                try budget.pay(bytes.count, at: place)
                return GLTFBytes(bytes)
            }
        } catch let error as AssetError {
            throw error
        } catch GLTFReference.Failure.malformed {
            issues.add(.invalidUri, place)
        } catch {
            issues.add(.nonRelativeUri, place)
            issues.add(.provUriRefused, place)
        }
        return nil
    }

    mutating func checkViews() {
        for (number, view) in model.views.enumerated() {
            for name in GLTFAsset.viewCompressions where list(.bufferViews)[number]["extensions"]?[name] != nil {
                note(.compressedGeometry(name.description))
            }
            guard let buffer = view.buffer else { continue }
            let place = "/bufferViews/\(number)"
            let length = model.bufferLengths[buffer]
            if view.offset > 0, view.offset >= length {
                issues.add(.bufferViewTooLong, place + "/byteOffset")
            } else if view.length > length - view.offset {
                issues.add(.bufferViewTooLong, place + "/byteLength")
            }
            guard let stride = view.stride else { continue }
            if stride > view.length { issues.add(.bufferViewTooBigByteStride, place + "/byteStride") }
            if view.target == GLTFAsset.indexTarget { issues.add(.bufferViewInvalidByteStride, place + "/byteStride") }
        }
    }

    /// The bytes of a view, `nil` if its buffer has none.
    func bytes(ofView number: Int) -> GLTFBytes? {
        let view = model.views[number]
        return view.buffer.flatMap { buffers[$0] }?.part(view.offset, view.length)
    }
}

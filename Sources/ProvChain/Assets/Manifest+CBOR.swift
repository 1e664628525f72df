extension Manifest {
    public func encode(to writer: inout CBORWriter) {
        writer.map(2 + (components.isEmpty ? 0 : 1) + (prints.isEmpty ? 0 : 1) + (codes.isEmpty ? 0 : 1))
        writer.uint(1)
        writer.text(Self.format)
        writer.uint(2)
        writer.list(files)
        if !components.isEmpty {
            writer.uint(3)
            writer.list(components)
        }
        if !prints.isEmpty {
            writer.uint(4)
            writer.list(prints)
        }
        if !codes.isEmpty {
            writer.uint(5)
            writer.list(codes)
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        let start = reader.offset
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        try reader.text(exactly: Self.format)
        try map.key(2, &reader)
        files = try reader.list(atMost: Limits.manifestFiles)
        components = try map.optionalKey(3, &reader) ? try reader.filledList(atMost: Limits.manifestLeaves) : []
        prints = try map.optionalKey(4, &reader) ? try reader.filledList(atMost: Limits.manifestLeaves) : []
        codes = try map.optionalKey(5, &reader) ? try reader.filledList(atMost: Code.maximumCount) : []
        try map.finish(reader)
        guard !files.isEmpty, Set(files.map { Array($0.path.utf8) }).count == files.count else {
            throw CBORError(.invalidValue("a manifest needs at least one file, and unique paths"), at: start)
        }
        guard zip(components, components.dropFirst()).allSatisfy({ !($1 < $0) }) else {
            throw CBORError(.invalidValue("components must be sorted by type and hash"), at: start)
        }
        let sizes = files.reduce((sum: UInt64(0), overflow: false)) { total, file in
            let (sum, overflow) = total.sum.addingReportingOverflow(file.size)
            return (sum, total.overflow || overflow)
        }
        guard !sizes.overflow, sizes.sum <= Limits.exactInteger else {
            throw CBORError(.invalidValue("the files are larger than 2^53 bytes together"), at: start)
        }
        for print in prints {
            guard print.leaf.map({ $0 < UInt64(components.count) }) ?? true else {
                throw CBORError(.invalidValue("a print names a component that is not there"), at: start)
            }
        }
    }
}

extension Manifest.File: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.array(4)
        writer.text(path)
        writer.text(mediaType)
        writer.uint(size)
        writer.digest(sha256)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 4)
        let start = reader.offset
        path = try reader.text(atMost: Limits.manifestPathBytes)
        guard Self.isRelative(path) else {
            throw CBORError(.invalidValue("a path must be relative, without empty, . or .. segments"), at: start)
        }
        mediaType = try reader.mediaType()
        size = try reader.uint(atMost: Limits.exactInteger)
        sha256 = try reader.digest()
    }

    /// True for a relative path that stays inside its folder.
    public static func isRelative(_ path: String) -> Bool {
        !path.utf8.contains(0) && !path.utf8.contains(UInt8(ascii: "\\"))
            // By bytes, as a file system cuts it: to `String`, a slash with a mark after it is no slash.
            && path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                .allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
    }
}

extension Manifest.Leaf: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.array(2)
        writer.text(type)
        writer.digest(hash)
    }

    /// A component: not `FILE`, whose leaves follow from the list of files.
    public init(from reader: inout CBORReader) throws(CBORError) {
        let start = reader.offset
        try self.init(anyOf: &reader)
        guard type != Self.file else {
            throw CBORError(.invalidValue("a component's type is not FILE"), at: start)
        }
    }

    /// A leaf of any type, as proofs show them.
    init(anyOf reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 2)
        let start = reader.offset
        type = try reader.text(atMost: Self.maximumTypeBytes)
        guard !type.isEmpty, type.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) else {
            throw CBORError(.invalidValue("a leaf's type is 1 to 16 letters A to Z"), at: start)
        }
        hash = try reader.digest()
    }
}

extension Manifest.Print: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.array(3)
        writer.text(algorithm)
        if let leaf { writer.uint(leaf) } else { writer.null() }
        writer.byteString(bytes)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 3)
        algorithm = try reader.text(atMost: 32)
        if reader.isNull {
            try reader.null()
            leaf = nil
        } else {
            leaf = try reader.uint()
        }
        bytes = try reader.byteString(atMost: Self.maximumBytes)
    }
}

extension Manifest.Code: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.array(2)
        writer.text(scheme)
        writer.text(value)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 2)
        scheme = try reader.text(atMost: 32)
        value = try reader.text(atMost: Self.maximumBytes)
    }
}

extension CBORReader {
    /// A list that would have been left out if it had no items, so that one value has one encoding.
    fileprivate mutating func filledList<T: CBORDecodable>(atMost limit: Int) throws(CBORError) -> [T] {
        let start = offset
        let items: [T] = try list(atMost: limit)
        guard !items.isEmpty else { throw CBORError(.invalidValue("an empty list is left out"), at: start) }
        return items
    }
}

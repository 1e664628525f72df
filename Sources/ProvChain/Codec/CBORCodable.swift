/// A type with one deterministic CBOR encoding.
public protocol CBOREncodable {
    func encode(to writer: inout CBORWriter)
}

/// A type that is read strictly: an instance exists only if every byte was as the schema says.
public protocol CBORDecodable {
    init(from reader: inout CBORReader) throws(CBORError)
}

public typealias CBORCodable = CBOREncodable & CBORDecodable

extension CBOREncodable {
    /// The deterministic encoding.
    public var cbor: [UInt8] {
        var writer = CBORWriter(reserving: 512)
        return cbor(using: &writer)
    }

    /// The deterministic encoding, put together in the memory of `writer`, whose content is lost.
    func cbor(using writer: inout CBORWriter) -> [UInt8] {
        writer.removeAll()
        encode(to: &writer)
        assert((try? CBORValue(cbor: writer.bytes)) != nil, "\(Self.self) does not encode deterministically")
        // A copy of just the length: many of these are kept.
        return Array(writer.bytes[...])
    }
}

extension CBORDecodable {
    /// Decodes one item that must fill `cbor` to the last byte.
    public init(cbor: [UInt8]) throws(CBORError) {
        var reader = CBORReader(cbor)
        try self.init(from: &reader)
        try reader.finish()
    }
}

/// A COSE_Sign1 message (RFC 9052 section 4.2): 18([protected bstr, unprotected map, payload bstr or null,
/// signature bstr]).
///
/// The headers are kept as the bytes that came, because the signature covers those bytes: whoever knows
/// the schema (a statement, a receipt) reads them, and decides whether they must be deterministic. The
/// envelope itself is read strictly.
public struct COSESign1: Hashable, Sendable {
    public static let tag: UInt64 = 18

    /// The encoding of an empty map, as the unprotected header of a statement must be.
    public static let emptyMap: [UInt8] = [0xa0]

    /// The bytes inside the protected header's byte string: an encoded map, or nothing.
    public let protected: [UInt8]
    /// The unprotected header: one encoded map.
    public let unprotected: [UInt8]
    /// `nil` if the payload is detached: the verifier has it from somewhere else.
    public let payload: [UInt8]?
    public let signature: [UInt8]

    public init(
        protected: [UInt8], unprotected: [UInt8] = COSESign1.emptyMap, payload: [UInt8]?, signature: [UInt8]
    ) {
        self.protected = protected
        self.unprotected = unprotected
        self.payload = payload
        self.signature = signature
    }

    /// The bytes that are signed: CBOR ["Signature1", protected, external_aad, payload] (RFC 9052 section 4.4).
    ///
    /// An encoded empty map stands for no header, and is replaced by the empty string as the RFC demands.
    public static func sigStructure(
        protected: [UInt8], externalAAD: [UInt8] = [], payload: [UInt8]
    ) -> [UInt8] {
        var writer = CBORWriter(reserving: 32 + protected.count + externalAAD.count + payload.count)
        writer.array(4)
        writer.text("Signature1")
        writer.byteString(protected == emptyMap ? [] : protected)
        writer.byteString(externalAAD)
        writer.byteString(payload)
        return writer.bytes
    }

    /// The bytes that this message's signature covers; `nil` if the payload is detached and not given, or
    /// given although it is not detached.
    public func sigStructure(externalAAD: [UInt8] = [], detachedPayload: [UInt8]? = nil) -> [UInt8]? {
        switch (payload, detachedPayload) {
        case (let payload?, nil), (nil, let payload?):
            Self.sigStructure(protected: protected, externalAAD: externalAAD, payload: payload)
        case (nil, nil), (.some, .some):
            nil
        }
    }

    /// Signs. `protected` must already name the key's algorithm under label 1; see ``algorithm``.
    public static func signed(
        protected: [UInt8], unprotected: [UInt8] = COSESign1.emptyMap, payload: [UInt8], detached: Bool = false,
        externalAAD: [UInt8] = [], by key: SecretKey
    ) -> COSESign1 {
        let input = sigStructure(protected: protected, externalAAD: externalAAD, payload: payload)
        let message = COSESign1(
            protected: protected, unprotected: unprotected, payload: detached ? nil : payload,
            signature: key.sign(input))
        precondition(
            message.algorithm == key.algorithm.rawValue,
            "a header with algorithm \(String(describing: message.algorithm)) signed by \(key.algorithm)")
        return message
    }

    /// Whether the owner of `key` signed this. False also if the protected header does not name exactly
    /// the key's algorithm, so that a key is never used with another one.
    public func verify(
        with key: PublicKey, externalAAD: [UInt8] = [], detachedPayload: [UInt8]? = nil
    ) -> Bool {
        guard algorithm == key.algorithm.rawValue,
            let input = sigStructure(externalAAD: externalAAD, detachedPayload: detachedPayload)
        else { return false }
        return key.verify(signature: signature, message: input)
    }

    /// The algorithm (label 1) of the protected header, which deterministic order puts first; `nil` if
    /// another label stands there or the value is not an integer.
    public var algorithm: Int64? {
        var reader = CBORReader(protected)
        guard let count = try? reader.mapHeader(), count > 0,
            let label = try? reader.int(), label == COSEHeader.algorithm
        else { return nil }
        return try? reader.int()
    }
}

/// Labels of COSE headers that the protocol uses (IANA "COSE Header Parameters").
public enum COSEHeader {
    public static let algorithm: Int64 = 1
    public static let contentType: Int64 = 3
    public static let keyIdentifier: Int64 = 4
    /// CWT Claims in COSE headers (RFC 9597).
    public static let claims: Int64 = 15
    /// The type of the whole message (RFC 9596).
    public static let type: Int64 = 16
    /// Verifiable data structure (RFC 9942).
    public static let verifiableDataStructure: Int64 = 395
    /// Verifiable data structure proofs (RFC 9942).
    public static let verifiableDataProofs: Int64 = 396
}

extension COSESign1: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.tag(Self.tag)
        writer.array(4)
        writer.byteString(protected)
        writer.encoded(unprotected)
        if let payload { writer.byteString(payload) } else { writer.null() }
        writer.byteString(signature)
    }

    /// Reads the envelope; the unprotected header must be deterministic, the protected one is not looked into.
    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.tag(Self.tag)
        try reader.array(count: 4)
        protected = try reader.byteString()
        let start = reader.offset
        guard case .map = try CBORValue(from: &reader) else {
            throw CBORError(.wrongType(expected: "a map"), at: start)
        }
        unprotected = reader.bytes(since: start)
        if reader.isNull {
            try reader.null()
            payload = nil
        } else {
            payload = try reader.byteString()
        }
        signature = try reader.byteString()
    }
}

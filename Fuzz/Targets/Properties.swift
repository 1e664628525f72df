@testable import ProvChain

/// What holds for every strict decoder of CBOR.
enum Strictly {
    /// Decodes, and if that works: encoding gives the same bytes, decoding these gives the same value, and the
    /// bytes are deterministic CBOR to the reader that knows no schema.
    @discardableResult
    static func check<T: CBORCodable & Equatable>(_ type: T.Type, _ bytes: [UInt8]) -> T? {
        guard let value = try? T(cbor: bytes) else { return nil }
        var writer = CBORWriter()
        value.encode(to: &writer)
        require(writer.bytes == bytes, "\(type) decoded \(bytes.count) bytes and encoded others")
        require((try? T(cbor: writer.bytes)) == value, "\(type) decoded its own bytes to another value")
        do throws(CBORError) {
            _ = try CBORValue(cbor: bytes)
        } catch {
            switch error.kind {
            // A schema may nest deeper than the reader without one; it is a bound, not a question of form.
            case .tooDeep: break
            case .truncated, .notShortest, .indefiniteLength, .floatNotAllowed, .reservedValue, .invalidUTF8,
                .keysNotSorted, .missingKey, .unexpectedKey, .wrongType, .wrongLength, .tooLarge, .trailingBytes,
                .invalidValue:
                require(false, "\(type) took what is not deterministic CBOR: \(error)")
            }
        }
        return value
    }

    /// A text form with one spelling: what was read is written as it was.
    static func spelling<T>(_ text: String, _ read: (String) -> T?, _ write: (T) -> String) {
        guard let value = read(text) else { return }
        let written = write(value)
        require(written.utf8.elementsEqual(text.utf8), "\(T.self) read \"\(text)\" and wrote \"\(written)\"")
    }
}

/// 32 bytes taken from the input, for what a decoder is told from outside.
func digest(of bytes: [UInt8], at offset: Int = 0) -> Digest {
    let part = Array(bytes.dropFirst(offset).prefix(Digest.byteCount))
    let padded = part + [UInt8](repeating: 0, count: Digest.byteCount - part.count)
    guard let digest = Digest(padded) else { preconditionFailure("\(padded.count) bytes") }
    return digest
}

/// The input as UTF-8, with what is not replaced.
func string(of bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

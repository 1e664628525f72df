/// Base 58 with Bitcoin's alphabet, as multibase's "z" (draft-msporny-base58).
///
/// Quadratic in the length: for keys, not for files.
enum Base58 {
    private static let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        let zeros = bytes.prefix { $0 == 0 }.count
        let digits = convert(bytes.dropFirst(zeros), from: 256, to: 58)
        let text = [UInt8](repeating: alphabet[0], count: zeros) + digits.map { alphabet[Int($0)] }
        return String(decoding: text, as: UTF8.self)
    }

    /// `nil` if a character is not of the alphabet.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var digits: [UInt8] = []
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            digits.append(UInt8(value))
        }
        let zeros = digits.prefix { $0 == 0 }.count
        return [UInt8](repeating: 0, count: zeros) + convert(digits.dropFirst(zeros), from: 58, to: 256)
    }

    /// Rewrites a number without leading zeros in another base, both most significant digit first.
    private static func convert(_ digits: ArraySlice<UInt8>, from: Int, to: Int) -> [UInt8] {
        var result: [UInt8] = []
        for digit in digits {
            var carry = Int(digit)
            for index in result.indices {
                carry += Int(result[index]) * from
                result[index] = UInt8(carry % to)
                carry /= to
            }
            while carry > 0 {
                result.append(UInt8(carry % to))
                carry /= to
            }
        }
        return result.reversed()
    }
}

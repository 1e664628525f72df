/// The lines of an ASCII 3D file: ended by LF or CR LF, joined where they end with a backslash, without what follows
/// a `#`.
struct TextLines {
    private let bytes: [UInt8]
    private var position = 0
    /// Of the line last given, counting from 1.
    private(set) var number = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() throws(AssetError) -> ArraySlice<UInt8>? {
        guard position < bytes.count else { return nil }
        var joined: [UInt8] = []
        while position < bytes.count {
            number += 1
            let end = bytes[position...].firstIndex(of: 0x0a) ?? bytes.count
            guard end - position + joined.count <= OBJAsset.maximumLineBytes else {
                throw .invalid([AssetIssue(.provSyntax, "line \(number)")])
            }
            var line = bytes[position..<end]
            position = end + 1
            if line.last == 0x0d { line = line.dropLast() }
            if let comment = line.firstIndex(of: UInt8(ascii: "#")) { line = line[..<comment] }
            guard line.last == UInt8(ascii: "\\") else { return joined.isEmpty ? line : (joined + line)[...] }
            joined += line.dropLast() + [0x20]
        }
        return joined[...]
    }

    /// A decimal integer of 64 bits with an optional sign; `nil` for everything else.
    static func integer(_ word: ArraySlice<UInt8>) -> Int? {
        guard let first = word.first else { return nil }
        let isNegative = first == UInt8(ascii: "-")
        let digits = isNegative || first == UInt8(ascii: "+") ? word.dropFirst() : word
        guard !digits.isEmpty else { return nil }
        // Downwards, because there is one more negative number.
        var value = 0
        for byte in digits {
            guard (0x30...0x39).contains(byte) else { return nil }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, underflow) = shifted.subtractingReportingOverflow(Int(byte - 0x30))
            guard !overflow, !underflow else { return nil }
            value = next
        }
        return isNegative ? value : value == .min ? nil : -value
    }

    /// A decimal number, correctly rounded to f32; `nil` for everything else, hexadecimal forms included.
    static func float(_ word: ArraySlice<UInt8>) -> Float? {
        guard word.count <= 64, !word.contains(UInt8(ascii: "x")), !word.contains(UInt8(ascii: "X")) else { return nil }
        return Float(String(decoding: word, as: UTF8.self))
    }
}

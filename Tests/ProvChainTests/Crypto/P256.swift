import CLibCrypto
import Glibc
import ProvChain
import Testing

/// ECDSA over P-256 by libcrypto, for published examples in an algorithm that the protocol does not use.
///
/// libcrypto is loaded already; its functions for curves are looked up by name, because nothing else here
/// needs their headers.
enum P256 {
    private typealias NewKey = @convention(c) (Int32) -> OpaquePointer?
    private typealias FreeKey = @convention(c) (OpaquePointer?) -> Void
    private typealias NewNumber = @convention(c) (UnsafePointer<UInt8>?, Int32, OpaquePointer?) -> OpaquePointer?
    private typealias FreeNumber = @convention(c) (OpaquePointer?) -> Void
    private typealias SetPoint = @convention(c) (OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Int32
    private typealias NewSignature = @convention(c) () -> OpaquePointer?
    private typealias SetSignature = @convention(c) (OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Int32
    private typealias Verify =
        @convention(c) (UnsafePointer<UInt8>?, Int32, OpaquePointer?, OpaquePointer?) -> Int32

    private static func function<F>(_ name: String, as type: F.Type = F.self) throws -> F {
        unsafeBitCast(try #require(dlsym(nil, name), "libcrypto has no \(name)"), to: F.self)
    }

    /// The number of prime256v1 in OpenSSL's list of objects.
    private static let curve: Int32 = 415

    /// `signature` is r ‖ s, 64 bytes.
    static func verify(_ signature: [UInt8], message: [UInt8], x: [UInt8], y: [UInt8]) throws -> Bool {
        let newNumber: NewNumber = try function("BN_bin2bn")
        let freeNumber: FreeNumber = try function("BN_free")
        let freeKey: FreeKey = try function("EC_KEY_free")
        let freeSignature: FreeKey = try function("ECDSA_SIG_free")
        let key = try function("EC_KEY_new_by_curve_name", as: NewKey.self)(curve)
        defer { freeKey(key) }
        let numbers = [x, y].map { (digits: [UInt8]) in newNumber(digits, Int32(digits.count), nil) }
        defer { numbers.forEach(freeNumber) }
        let setPoint: SetPoint = try function("EC_KEY_set_public_key_affine_coordinates")
        let isPoint = setPoint(key, numbers[0], numbers[1]) == 1
        try #require(isPoint, "not a point of P-256")
        guard signature.count == 64 else { return false }
        let parsed = try function("ECDSA_SIG_new", as: NewSignature.self)()
        defer { freeSignature(parsed) }
        // The signature owns these two numbers from here on.
        let r = newNumber(Array(signature[..<32]), 32, nil)
        let s = newNumber(Array(signature[32...]), 32, nil)
        let isSet = try function("ECDSA_SIG_set0", as: SetSignature.self)(parsed, r, s) == 1
        try #require(isSet)
        let digest = SHA256.hash(message).bytes
        return try function("ECDSA_do_verify", as: Verify.self)(digest, 32, parsed, key) == 1
    }
}

import Testing

@testable import ProvChain

/// What a manifest claims of how its asset looks.
@Suite struct ManifestShapeTests {
    private static let file = Manifest.File(
        path: "a.glb", mediaType: "model/gltf-binary", size: 1, sha256: SHA256.hash([1]))

    private static func shape(_ seed: UInt8, triangles: Int, _ distinction: PrintedShape.Distinction = .distinctive)
        throws -> PrintedShape
    {
        let print = try #require(ShapePrint((0..<96).map { UInt8(truncatingIfNeeded: $0 &* 37) ^ seed | 64 }))
        return PrintedShape(print: print, triangles: triangles, occurrences: 1, distinction: distinction)
    }

    private static func prints(whole: PrintedShape?, _ parts: [PrintedShape]) -> AssetPrints {
        AssetPrints(whole: whole, components: parts, smallComponents: 0, unprintedComponents: 0)
    }

    @Test func wholesComeFirstThenThePartsWithMostTriangles() throws {
        let whole = try Self.shape(0, triangles: 900)
        let (small, large) = (try Self.shape(1, triangles: 200), try Self.shape(2, triangles: 300))
        let plain = try Self.shape(3, triangles: 90, .fewTriangles)
        let listed = Manifest.prints(of: [Self.prints(whole: whole, [small, large, plain, whole])])
        #expect(listed.map(\.bytes) == [whole.print.bytes, large.print.bytes, small.print.bytes])
        #expect(listed.map(\.algorithm) == ["rsh96/1", "rsh96/1/part", "rsh96/1/part"])
        let manifest = try Manifest(cbor: Manifest(files: [Self.file], prints: listed).cbor)
        #expect(
            manifest.shapes == [
                .init(print: whole.print, isPart: false), .init(print: large.print, isPart: true),
                .init(print: small.print, isPart: true),
            ])
    }

    @Test func noMoreThanTheMostAreListedOrRead() throws {
        let parts = try (0..<128).flatMap { seed in
            try [1_000, 2_000, 3_000].map { try Self.shape(UInt8(seed), triangles: $0 + seed) }
        }
        #expect(Manifest.prints(of: [Self.prints(whole: nil, parts)]).count == Set(parts.map(\.print)).count)
        let many = (0..<600).map { number in
            Manifest.Print(
                algorithm: "rsh96/1", leaf: nil,
                bytes: (0..<96).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ number) | 64 })
        }
        #expect(Manifest(files: [Self.file], prints: many).shapes.count == Manifest.maximumShapes)
    }

    @Test func whatIsNoPrintOfOursIsPassedOver() throws {
        let good = try Self.shape(0, triangles: 1).print
        let box = try #require(PrimitivePrints.all[.box]?.first)
        let manifest = Manifest(
            files: [Self.file],
            prints: [
                .init(algorithm: "rsh96/2", leaf: nil, bytes: good.bytes),
                .init(algorithm: "rsh96/1", leaf: nil, bytes: [1, 2, 3]),
                .init(algorithm: "rsh96/1", leaf: nil, bytes: box.bytes),
                .init(algorithm: "rsh96/1/part", leaf: nil, bytes: good.bytes),
            ])
        #expect(manifest.shapes == [.init(print: good, isPart: true)])
    }

    @Test func theFirstReadableISCCCounts() throws {
        let code = FileDigests(of: [1, 2, 3]).iscc()
        let manifest = Manifest(
            files: [Self.file],
            codes: [
                .init(scheme: "doi", value: code.text), .init(scheme: "iscc", value: "ISCC:KAC"),
                .init(scheme: "iscc", value: code.text),
            ])
        #expect(manifest.iscc == code)
        #expect(Manifest(files: [Self.file]).iscc == nil)
    }
}

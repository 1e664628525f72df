import Testing

@testable import ProvNode

@Suite("Percentiles are figures that were measured")
struct SamplesTests {
    @Test(
        "The smallest figure that at least so many per cent do not exceed",
        arguments: [
            (50.0, 50.0), (99.0, 99.0), (99.5, 100.0), (100.0, 100.0), (1.0, 1.0), (0.1, 1.0),
        ])
    func ofAHundred(percent: Double, expected: Double) {
        var samples = Samples((1...100).map(Double.init).shuffled())
        #expect(samples.percentile(percent) == expected)
    }

    @Test func ofOneAndOfTwo() {
        var one = Samples([7])
        #expect(one.percentile(50) == 7 && one.percentile(99) == 7)
        one.add(3)
        #expect(one.count == 2)
        #expect(one.percentile(50) == 3 && one.percentile(51) == 7)
    }
}

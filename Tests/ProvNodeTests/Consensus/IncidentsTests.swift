import Foundation
import ProvChain
import Testing

@testable import ProvNode

/// The file that remembers a divergence.
@Suite struct IncidentsTests {
    private let chain = SHA256.hash([1])
    private let home = NodeHome(NSTemporaryDirectory() + "provnode-incidents-\(UUID().uuidString)")

    private func withHome(_ body: () throws -> Void) throws {
        try FileManager.default.createDirectory(atPath: home.path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home.path) }
        try body()
    }

    @Test func whereNothingHappenedThereIsNoFile() throws {
        try withHome {
            let found = try Incidents.load(home, chain: chain)
            #expect(found == Incidents(chain: chain))
        }
    }

    @Test func whatWasWrittenIsReadAndASettledDivergenceIsNone() throws {
        try withHome {
            var incidents = Incidents(chain: chain)
            let (first, second) = (SHA256.hash([2]), SHA256.hash([3]))
            #expect(incidents.note(view: 7, block: first, time: 1_000) == true)
            #expect(incidents.note(view: 8, block: first, time: 2_000) == false, "known already")
            #expect(incidents.note(view: 9, block: second, time: 3_000) == true)
            try incidents.write(to: home)
            var read = try Incidents.load(home, chain: chain)
            #expect(read == incidents && read.divergence == .init(view: 9, block: second))
            #expect(read.settle(second, time: 4_000) == true)
            #expect(read.divergence == .init(view: 7, block: first))
            #expect(read.settle(second, time: 4_000) == false, "settled already")
            #expect(read.settle(first, time: 5_000) == true)
            #expect(read.divergence == nil)
            try read.write(to: home)
            #expect(try Incidents.load(home, chain: chain) == read)
            // It can come again.
            #expect(read.note(view: 7, block: first, time: 6_000) == true)
            #expect(read.divergence != nil)
        }
    }

    @Test func onlyTheLatestDivergencesAreKept() throws {
        try withHome {
            var incidents = Incidents(chain: chain)
            for number in UInt8(0)..<20 {
                #expect(incidents.note(view: 1, block: SHA256.hash([number]), time: 1) == true)
            }
            #expect(incidents.divergences.count == Incidents.maximumDivergences)
            try incidents.write(to: home)
            #expect(try Incidents.load(home, chain: chain) == incidents)
        }
    }

    /// It may say that this node must not vote, so it is never read halfway.
    @Test func aDamagedFileStopsTheStart() throws {
        try withHome {
            var incidents = Incidents(chain: chain)
            _ = incidents.note(view: 7, block: SHA256.hash([2]), time: 1_000)
            try incidents.write(to: home)
            let whole = try Data(contentsOf: URL(fileURLWithPath: home.incidents))
            for place in whole.indices {
                var damaged = whole
                damaged[place] ^= 1
                try damaged.write(to: URL(fileURLWithPath: home.incidents))
                #expect(throws: HomeError.self, "byte \(place)") { try Incidents.load(home, chain: chain) }
            }
            for length in [0, 1, whole.count - 1] {
                try whole.prefix(length).write(to: URL(fileURLWithPath: home.incidents))
                #expect(throws: HomeError.self, "\(length) bytes") { try Incidents.load(home, chain: chain) }
            }
            try whole.write(to: URL(fileURLWithPath: home.incidents))
            #expect(throws: HomeError.self, "another chain's") { try Incidents.load(home, chain: .zero) }
        }
    }
}

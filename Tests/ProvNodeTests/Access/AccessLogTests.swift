import Foundation
import ProvChain
import Testing

@testable import ProvNode

/// The log of restricted reads: what a line is, and that no line can be changed.
@Suite struct AccessLogTests {
    private let path = NSTemporaryDirectory() + "provnode-access-\(UUID().uuidString)"
    private static let day: UInt64 = 86_400_000

    private func withLog(_ use: (String) throws -> Void) throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try use(path)
    }

    private func add(_ log: AccessLog, at time: UInt64, attachment: Digest = Fixture.id) throws {
        try log.append(time: time, party: Fixture.id, key: .zero, attachment: attachment, ground: .owner)
    }

    private func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    @Test func aLineIsJSONWithTheHashOfTheOneBefore() throws {
        try withLog { path in
            let log = try AccessLog(path: path)
            try add(log, at: 1_000)
            try add(log, at: 2_000)
            #expect(try names(path) == ["000000000001-1000.jsonl"])
            let text = try String(contentsOfFile: path + "/000000000001-1000.jsonl", encoding: .utf8)
            func line(_ number: Int, _ time: Int, _ previous: String) -> String {
                #"{"attachment":"\#(Fixture.digits)","ground":"owner","key":"\#(Digest.zero.hex)","number":\#(number),"#
                    + #""party":"urn:provchain:party:\#(Fixture.digits)","previous":"\#(previous)","time":\#(time)}"#
            }
            let first = line(1, 1_000, Digest.zero.hex)
            let second = line(2, 2_000, SHA256.hash(Array(first.utf8)).hex)
            #expect(text == first + "\n" + second + "\n")
            let found = try AccessLog.verify(path)
            #expect(found.count == 2)
            #expect(found.head == AccessLog.Head(number: 2, hash: SHA256.hash(Array(second.utf8))))
            #expect(log.head == found.head)
        }
    }

    @Test func itGoesOnWhereItStoppedAndDropsAnUnfinishedLine() throws {
        try withLog { path in
            var log = try AccessLog(path: path)
            try add(log, at: 1_000)
            let head = log.head
            let file = path + "/000000000001-1000.jsonl"
            let handle = try #require(FileHandle(forWritingAtPath: file))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(#"{"attachment":"#.utf8))
            try handle.close()
            #expect(try AccessLog.verify(path).count == 1)
            log = try AccessLog(path: path)
            #expect(log.head == head)
            try add(log, at: 2_000)
            #expect(try AccessLog.verify(path).count == 2)
        }
    }

    @Test func aChangedOrMissingLineIsFound() throws {
        try withLog { path in
            let log = try AccessLog(path: path)
            for time in UInt64(1)...4 { try add(log, at: time) }
            let file = path + "/000000000001-1.jsonl"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            let lines = text.split(separator: "\n")
            let changes = [
                text.replacingOccurrences(of: #""number":2"#, with: #""number":3"#),
                text.replacingOccurrences(of: #""time":2"#, with: #""time":3"#),
                (lines.prefix(1) + lines.suffix(2)).joined(separator: "\n") + "\n",
                lines.dropFirst().joined(separator: "\n") + "\n",
            ]
            for changed in changes {
                try changed.write(toFile: file, atomically: true, encoding: .utf8)
                #expect(throws: AccessLogError.self) { try AccessLog.verify(path) }
            }
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            #expect(try AccessLog.verify(path).count == 4)
        }
    }

    @Test func whatIsOlderThanTheRetentionIsRemovedBySegments() throws {
        try withLog { path in
            let log = try AccessLog(path: path)
            for days in [0, 29, 30, 100, 209, 210] as [UInt64] { try add(log, at: 1 + days * Self.day) }
            // The first segment ended when the second began, on day 30: 180 days later it may go.
            let left: [(number: Int, day: UInt64)] = [(3, 30), (4, 100), (5, 209)]
            #expect(try names(path) == left.map { "00000000000\($0.number)-\(1 + $0.day * Self.day).jsonl" })
            #expect(try AccessLog.verify(path).count == 4)
            #expect(try AccessLog(path: path).head == log.head)
        }
    }

    @Test func withoutAnyReadThereIsNothingToCheck() throws {
        let found = try AccessLog.verify("/nonexistent/access")
        #expect(found.count == 0)
        #expect(found.head == AccessLog.Head())
    }
}

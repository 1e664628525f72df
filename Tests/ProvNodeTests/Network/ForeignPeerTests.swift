import Foundation
import Synchronization
import Testing

@testable import ProvChain
@testable import ProvNode

/// The Python that `PROV_PYTHON` names or the one in `.venv`, if it has what the other end needs.
enum ForeignPython {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static let path: String? = {
        let path =
            ProcessInfo.processInfo.environment["PROV_PYTHON"]
            ?? root.appendingPathComponent(".venv/bin/python").path
        guard FileManager.default.isExecutableFile(atPath: path) else { return nil }
        let probe = Process()
        probe.executableURL = URL(fileURLWithPath: path)
        probe.arguments = ["-c", "import noise, dissononce, cbor2"]
        probe.standardError = FileHandle.nullDevice
        guard (try? probe.run()) != nil else { return nil }
        probe.waitUntilExit()
        return probe.terminationStatus == 0 ? path : nil
    }()
}

/// A live connection with implementations of Noise that are not ours: `Tests/Foreign/wire/peer.py`, run by the
/// Python that `PROV_PYTHON` names or by the one in `.venv`.
@Suite(.enabled(if: ForeignPython.path != nil, "no Python with noiseprotocol and dissononce; set PROV_PYTHON"))
struct ForeignPeerTests {
    /// Handshake, identity, frames both ways, some of many Noise messages, and a change of keys on the way.
    @Test(.timeLimit(.minutes(3)), arguments: ["noiseprotocol", "dissononce"])
    func aWholeConversation(library: String) async throws {
        let network = PeerNetwork(try TestPeers.configuration("ours", welcome: ["theirs"]))
        let port = try await network.listen()
        let node = RunningNetwork(network)
        let theirs = try TestPeers.secret("theirs")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(ForeignPython.path))
        process.arguments = [
            ForeignPython.root.appendingPathComponent("Tests/Foreign/wire/peer.py").path, library, "\(port)",
            theirs.withSecret { Hex.encode($0) }, Hex.encode(try TestPeers.secret("ours").publicKey.bytes),
            TestPeers.chain.hex,
        ]
        let (exits, exited) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = {
            exited.yield($0.terminationStatus)
            exited.finish()
        }
        try process.run()
        defer { if process.isRunning { process.terminate() } }
        #expect(try await node.connected() == theirs.publicKey)
        #expect(try await node.message() == .beat(Beat(height: 7, view: 0, time: 0)))
        let frames: [WireMessage] = [
            .consensus([1, 2, 3]), .statements([[UInt8]](repeating: [UInt8](repeating: 5, count: 60_000), count: 5)),
            .leafHashes(LeafHashes(wantsAnswer: true, hashes: [.zero])),
        ]
        await node.write(frames, to: theirs.publicKey)
        for frame in frames { #expect(try await node.message() == frame) }
        await node.write([.proposal(Array("bye".utf8))], to: theirs.publicKey)
        let beats = Atomic<UInt64>(0)
        let last = try await node.first("the last beat") { event -> WireMessage? in
            guard case .received(let message, _, _) = event else { return nil }
            guard message == TestPeers.beat(8) else { return message }
            beats.add(1, ordering: .relaxed)
            return nil
        }
        #expect(last == TestPeers.beat(9))
        let count = beats.load(ordering: .relaxed)
        #expect(count == NoiseSession.messagesPerKey)
        await node.write([.consensus([0])], to: theirs.publicKey)
        _ = try await node.disconnected()
        let alarm = Patience.alarm { exited.finish() }
        #expect(await exits.first { _ in true } == 0, "how the other end ended; nil if it did not")
        alarm.cancel()
        await node.stop()
        print("foreign: a conversation of \(count + 5) messages with \(library)")
    }
}

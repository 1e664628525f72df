import Foundation
import ProvChain

/// Ports of the loopback address on which nobody listens now.
///
/// They are taken from below the range out of which Linux gives ports to outgoing connections (32768 and up):
/// otherwise a node that dials could be given the port on which a node that starts later wants to listen.
enum FreePorts {
    static let range = 10_000..<32_768
    private static let attempts = 10_000

    /// Binds all of them at once, so that they differ, and releases them.
    static func choose(_ count: Int) throws -> [Int] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        var ports: [Int] = []
        var random = SystemRandomNumberGenerator()
        for _ in 0..<attempts where ports.count < count {
            let port = Int.random(in: range, using: &random)
            guard !ports.contains(port), let socket = bound(to: port) else { continue }
            sockets.append(socket)
            ports.append(port)
        }
        guard ports.count == count else {
            throw NodeCommandError(
                phrase: Phrase(
                    "there are no \(count) free ports on 127.0.0.1",
                    "127.0.0.1 上没有 \(count) 个空闲端口"), code: 69)
        }
        return ports
    }

    private static func bound(to port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let done = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if done == 0 { return descriptor }
        close(descriptor)
        return nil
    }
}

import Glibc
import ProvChain

/// A client of HTTP/1.1 on one connection that stays open, as thin as can be: what is measured is the server.
final class LoopbackClient {
    private let descriptor: Int32
    /// MSG_NOSIGNAL: a closed connection is an error, and no signal that ends the process.
    private static let noSignal: Int32 = 0x4000
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw BenchError.failed("no socket: error \(errno)") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            // The descriptor is closed on the way out, as for any other end of this object.
            throw BenchError.failed("no connection to port \(port): error \(errno)")
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    /// Asks for `path` and returns the status and the number of bytes of the body.
    func get(_ path: String) throws -> (status: Int, bytes: Int) {
        let answer = try request("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n", body: [])
        return (answer.status, answer.body.count)
    }

    /// Sends a head, its empty line included, and a body; returns the status and the answer's body.
    func request(_ head: String, body: [UInt8]) throws -> (status: Int, body: ArraySlice<UInt8>) {
        let request = Array(head.utf8) + body
        guard send(descriptor, request, request.count, Self.noSignal) == request.count else {
            throw BenchError.failed("the request was not sent: error \(errno)")
        }
        var (filled, end): (Int, Int?) = (0, nil)
        while end == nil {
            filled += try receive(at: filled)
            end = Self.endOfHead(buffer[..<filled])
        }
        guard let end else { preconditionFailure("the loop ends with a head") }
        let text = String(decoding: buffer[..<end], as: UTF8.self).lowercased()
        let lines = text.split(separator: "\r\n")
        let length = lines.first { $0.hasPrefix("content-length:") }?.split(separator: " ").last.flatMap { Int($0) }
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }), let length
        else { throw BenchError.failed("an answer without status or length: \(text)") }
        while filled < end + length {
            if filled == buffer.count { buffer += [UInt8](repeating: 0, count: buffer.count) }
            filled += try receive(at: filled)
        }
        return (status, buffer[end..<(end + length)])
    }

    private func receive(at offset: Int) throws -> Int {
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress! + offset, $0.count - offset, 0) }
        guard count > 0 else { throw BenchError.failed("the connection ended: error \(errno)") }
        return count
    }

    /// Where the body begins, if the whole head is there.
    private static func endOfHead(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return (3..<bytes.count).first { end in
            bytes[end - 3] == 13 && bytes[end - 2] == 10 && bytes[end - 1] == 13 && bytes[end] == 10
        }.map { $0 + 1 }
    }
}

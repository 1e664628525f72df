import HTTPTypes
import Hummingbird
import NIOCore

/// The connection failed while a body was read; there is nobody left to answer.
struct BrokenRequest: Error {
    let underlying: any Error
}

extension Call {
    /// Reads the body while its bytes are set aside in `budget`, and hands it to `use`.
    ///
    /// A body that declares too many bytes is refused before any of it is read.
    ///
    /// - Throws: ``Problem/tooLarge(limit:)``, ``Problem/busy``, ``BrokenRequest``, and what `use` throws.
    func withBody<Value>(
        atMost limit: Int, budget: BodyBudget, _ use: ([UInt8]) async throws -> Value
    ) async throws -> Value {
        let declared = request.headers[.contentLength].flatMap { Int($0) }
        if let declared, declared > limit { throw Problem.tooLarge(limit: limit) }
        return try await budget.reserving(max(0, declared ?? limit)) {
            let body: ByteBuffer
            do {
                body = try await request.body.collect(upTo: limit)
            } catch is NIOTooManyBytesError {
                throw Problem.tooLarge(limit: limit)
            } catch {
                throw BrokenRequest(underlying: error)
            }
            return try await use(Array(buffer: body))
        }
    }
}

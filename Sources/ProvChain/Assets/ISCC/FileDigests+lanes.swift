extension FileDigests {
    /// All three hashes of a stream, each on a thread of its own, while the calling thread reads ahead.
    ///
    /// SHA-256 cannot be divided and takes longest, so with two free processors or more the whole takes little
    /// longer than SHA-256 alone. Memory is 8 MiB, whatever the size of the stream; a stream of less than 512 KiB is
    /// hashed on the calling thread.
    ///
    /// - Parameter read: fills the memory from its start and returns with how many bytes, 0 at the end only. It
    ///   may stop anywhere; what it throws is thrown on, after the threads have ended.
    public static func reading<Failure: Error>(
        _ read: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> FileDigests { try reading(HashingLanes(), read) }

    static func reading<Failure: Error>(
        _ lanes: HashingLanes, _ read: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> FileDigests {
        // Whatever happens, no thread is left with the memory.
        defer { lanes.waitUntilIdle() }
        while true {
            let piece = lanes.nextPiece()
            var count = 0
            do {
                while count < piece.memory.count {
                    let more = try read(UnsafeMutableRawBufferPointer(rebasing: piece.memory[count...]))
                    precondition(more >= 0 && more <= piece.memory.count - count, "\(more) bytes read into a piece")
                    if more == 0 { break }
                    count += more
                }
            } catch {
                lanes.giveBack()
                throw error
            }
            if count < piece.memory.count { return lanes.finish(piece, count) }
            lanes.hash(piece)
        }
    }
}

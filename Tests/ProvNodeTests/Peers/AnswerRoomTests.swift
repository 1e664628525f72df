import Testing

@testable import ProvNode

@Suite struct AnswerRoomTests {
    private func taken(_ sizes: Int...) -> [Bool] {
        var room = AnswerRoom()
        return sizes.map { room.take($0) }
    }

    @Test func manyItemsGoInUpToTheBytesPreferred() {
        let half = AnswerRoom.preferredBytes / 2
        #expect(taken(half, half, 0, 1) == [true, true, true, false])
    }

    /// A block larger than that would otherwise never be sent.
    @Test func oneLargeItemGoesInAlone() {
        #expect(taken(0, AnswerRoom.itemBytes, 1, 0) == [true, true, false, false])
        #expect(taken(AnswerRoom.itemBytes + 1, 1) == [false, true])
    }
}

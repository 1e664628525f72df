/// Mistakes that can be planted to see that the simulator finds them. Only a build with `PLANTED_BUGS` has
/// them; in any other, ``Planted/has(_:)`` is the constant `false`.
public enum PlantedBug: String, CaseIterable, Sendable {
    case voteBeforeSync, finalizeAfterNullify, ancestryUnchecked, quorumOffByOne, certificateViewNotBound
    case shortIDOfStatement, executionNotCompared, signerCountedTwice, tornTailAccepted, recentSetForgotten
}

public enum Planted {
    #if PLANTED_BUGS
        /// Set once, before anything runs.
        nonisolated(unsafe) public static var bug: PlantedBug?

        public static func has(_ bug: PlantedBug) -> Bool { self.bug == bug }
    #else
        @inlinable public static func has(_ bug: PlantedBug) -> Bool { false }
    #endif
}

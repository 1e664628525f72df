/// The issues of one file, in the order of the checks; at most `capacity` of them, and a few more that block.
struct IssueList {
    /// Beyond this a report serves nobody, and a hostile file must not buy memory with mistakes.
    static let capacity = 1_000
    /// Issues that block, beyond `capacity`: whoever is refused is told why.
    static let blockingCapacity = 16

    private(set) var issues: [AssetIssue] = []
    /// Whether the content is undefined or unsafe to decode.
    private(set) var isBlocked = false

    /// Beyond `capacity`, an issue says so, and nothing but what blocks is noted. A large model may repeat a mistake
    /// that changes nothing a thousand times; that is no reason to refuse it.
    mutating func add(_ code: IssueCode, _ pointer: String) {
        if code.blocksDecoding { isBlocked = true }
        if issues.count < Self.capacity { return issues.append(AssetIssue(code, pointer)) }
        if issues.count == Self.capacity { issues.append(AssetIssue(.provTooManyIssues, "")) }
        if code.blocksDecoding, issues.count <= Self.capacity + Self.blockingCapacity {
            issues.append(AssetIssue(code, pointer))
        }
    }
}

extension IssueCode {
    /// Whether a file with this issue is refused. Errors are, except those that leave no doubt what the content
    /// is: wrong bounds, lengths of normals and the like, which exporters in wide use get wrong.
    public var blocksDecoding: Bool { severity == .error && !Self.tolerated.contains(self) }

    /// Errors against the letter of the standard that change nothing about what the file holds.
    public static let tolerated: Set<IssueCode> = [
        .accessorMinMismatch, .accessorMaxMismatch, .accessorElementOutOfMinBound, .accessorElementOutOfMaxBound,
        .accessorVector3NonUnit, .accessorInvalidSign, .accessorNonClamped, .accessorWeightsNonNormalized,
        .accessorAnimationSamplerOutputNonNormalizedQuaternion, .accessorJointsIndexDuplicate,
        .accessorInvalidIbm, .rotationNonUnit, .bufferViewTargetOverride, .emptyEntity, .nodeSkinNoScene,
        .meshPrimitivePositionAccessorWithoutBounds, .animationSamplerInputAccessorWithoutBounds,
        .meshPrimitiveTooFewTexcoords, .unusedExtensionRequired, .undeclaredExtension, .duplicateElements,
        .accessorNormalizedInvalid, .provTooManyIssues,
    ]
}

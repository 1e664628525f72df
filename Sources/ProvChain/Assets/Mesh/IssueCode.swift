/// What can be wrong with a file. Names in capitals are those of the Khronos glTF validator where it has the check,
/// and start with `PROV_` where the check is ours.
public enum IssueCode: String, CaseIterable, Hashable, Sendable {
    case ioError = "IO_ERROR"
    case arrayLengthNotInList = "ARRAY_LENGTH_NOT_IN_LIST"
    case arrayTypeMismatch = "ARRAY_TYPE_MISMATCH"
    case duplicateElements = "DUPLICATE_ELEMENTS"
    case emptyEntity = "EMPTY_ENTITY"
    case invalidIndex = "INVALID_INDEX"
    case invalidJson = "INVALID_JSON"
    case invalidUri = "INVALID_URI"
    case oneOfMismatch = "ONE_OF_MISMATCH"
    case patternMismatch = "PATTERN_MISMATCH"
    case typeMismatch = "TYPE_MISMATCH"
    case undefinedProperty = "UNDEFINED_PROPERTY"
    case unexpectedProperty = "UNEXPECTED_PROPERTY"
    case unsatisfiedDependency = "UNSATISFIED_DEPENDENCY"
    case valueMultipleOf = "VALUE_MULTIPLE_OF"
    case valueNotInList = "VALUE_NOT_IN_LIST"
    case valueNotInRange = "VALUE_NOT_IN_RANGE"
    case accessorMatrixAlignment = "ACCESSOR_MATRIX_ALIGNMENT"
    case accessorNormalizedInvalid = "ACCESSOR_NORMALIZED_INVALID"
    case accessorOffsetAlignment = "ACCESSOR_OFFSET_ALIGNMENT"
    case accessorSparseCountOutOfRange = "ACCESSOR_SPARSE_COUNT_OUT_OF_RANGE"
    case assetMinVersionGreaterThanVersion = "ASSET_MIN_VERSION_GREATER_THAN_VERSION"
    case bufferDataUriMimeTypeInvalid = "BUFFER_DATA_URI_MIME_TYPE_INVALID"
    case bufferViewInvalidByteStride = "BUFFER_VIEW_INVALID_BYTE_STRIDE"
    case bufferViewTooBigByteStride = "BUFFER_VIEW_TOO_BIG_BYTE_STRIDE"
    case cameraXmagYmagZero = "CAMERA_XMAG_YMAG_ZERO"
    case cameraZfarLequalZnear = "CAMERA_ZFAR_LEQUAL_ZNEAR"
    case meshInvalidWeightsCount = "MESH_INVALID_WEIGHTS_COUNT"
    case meshPrimitivesUnequalTargetsCount = "MESH_PRIMITIVES_UNEQUAL_TARGETS_COUNT"
    case meshPrimitiveIndexedSemanticContinuity = "MESH_PRIMITIVE_INDEXED_SEMANTIC_CONTINUITY"
    case meshPrimitiveInvalidAttribute = "MESH_PRIMITIVE_INVALID_ATTRIBUTE"
    case meshPrimitiveJointsWeightsMismatch = "MESH_PRIMITIVE_JOINTS_WEIGHTS_MISMATCH"
    case meshPrimitiveNoPosition = "MESH_PRIMITIVE_NO_POSITION"
    case nodeMatrixNonTrs = "NODE_MATRIX_NON_TRS"
    case nodeMatrixTrs = "NODE_MATRIX_TRS"
    case nodeSkinNoScene = "NODE_SKIN_NO_SCENE"
    case nonRelativeUri = "NON_RELATIVE_URI"
    case rotationNonUnit = "ROTATION_NON_UNIT"
    case skinNoCommonRoot = "SKIN_NO_COMMON_ROOT"
    case skinSkeletonInvalid = "SKIN_SKELETON_INVALID"
    case unknownAssetMajorVersion = "UNKNOWN_ASSET_MAJOR_VERSION"
    case unknownAssetMinorVersion = "UNKNOWN_ASSET_MINOR_VERSION"
    case unusedExtensionRequired = "UNUSED_EXTENSION_REQUIRED"
    case accessorSmallBytestride = "ACCESSOR_SMALL_BYTESTRIDE"
    case accessorTooLong = "ACCESSOR_TOO_LONG"
    case accessorTotalOffsetAlignment = "ACCESSOR_TOTAL_OFFSET_ALIGNMENT"
    case animationChannelTargetNodeMatrix = "ANIMATION_CHANNEL_TARGET_NODE_MATRIX"
    case animationChannelTargetNodeWeightsNoMorphs = "ANIMATION_CHANNEL_TARGET_NODE_WEIGHTS_NO_MORPHS"
    case animationDuplicateTargets = "ANIMATION_DUPLICATE_TARGETS"
    case animationSamplerAccessorWithBytestride = "ANIMATION_SAMPLER_ACCESSOR_WITH_BYTESTRIDE"
    case animationSamplerInputAccessorInvalidFormat = "ANIMATION_SAMPLER_INPUT_ACCESSOR_INVALID_FORMAT"
    case animationSamplerInputAccessorTooFewElements = "ANIMATION_SAMPLER_INPUT_ACCESSOR_TOO_FEW_ELEMENTS"
    case animationSamplerInputAccessorWithoutBounds = "ANIMATION_SAMPLER_INPUT_ACCESSOR_WITHOUT_BOUNDS"
    case animationSamplerOutputAccessorInvalidCount = "ANIMATION_SAMPLER_OUTPUT_ACCESSOR_INVALID_COUNT"
    case animationSamplerOutputAccessorInvalidFormat = "ANIMATION_SAMPLER_OUTPUT_ACCESSOR_INVALID_FORMAT"
    case bufferMissingGlbData = "BUFFER_MISSING_GLB_DATA"
    case bufferViewTargetOverride = "BUFFER_VIEW_TARGET_OVERRIDE"
    case bufferViewTooLong = "BUFFER_VIEW_TOO_LONG"
    case imageBufferViewWithBytestride = "IMAGE_BUFFER_VIEW_WITH_BYTESTRIDE"
    case invalidIbmAccessorCount = "INVALID_IBM_ACCESSOR_COUNT"
    case meshPrimitiveAccessorUnaligned = "MESH_PRIMITIVE_ACCESSOR_UNALIGNED"
    case meshPrimitiveAccessorWithoutBytestride = "MESH_PRIMITIVE_ACCESSOR_WITHOUT_BYTESTRIDE"
    case meshPrimitiveAttributesAccessorInvalidFormat = "MESH_PRIMITIVE_ATTRIBUTES_ACCESSOR_INVALID_FORMAT"
    case meshPrimitiveAttributesAccessorUnsignedInt = "MESH_PRIMITIVE_ATTRIBUTES_ACCESSOR_UNSIGNED_INT"
    case meshPrimitiveIndicesAccessorInvalidFormat = "MESH_PRIMITIVE_INDICES_ACCESSOR_INVALID_FORMAT"
    case meshPrimitiveIndicesAccessorWithBytestride = "MESH_PRIMITIVE_INDICES_ACCESSOR_WITH_BYTESTRIDE"
    case meshPrimitiveMorphTargetInvalidAttributeCount = "MESH_PRIMITIVE_MORPH_TARGET_INVALID_ATTRIBUTE_COUNT"
    case meshPrimitiveMorphTargetNoBaseAccessor = "MESH_PRIMITIVE_MORPH_TARGET_NO_BASE_ACCESSOR"
    case meshPrimitivePositionAccessorWithoutBounds = "MESH_PRIMITIVE_POSITION_ACCESSOR_WITHOUT_BOUNDS"
    case meshPrimitiveTooFewTexcoords = "MESH_PRIMITIVE_TOO_FEW_TEXCOORDS"
    case meshPrimitiveUnequalAccessorCount = "MESH_PRIMITIVE_UNEQUAL_ACCESSOR_COUNT"
    case nodeLoop = "NODE_LOOP"
    case nodeParentOverride = "NODE_PARENT_OVERRIDE"
    case nodeSkinWithNonSkinnedMesh = "NODE_SKIN_WITH_NON_SKINNED_MESH"
    case nodeWeightsInvalid = "NODE_WEIGHTS_INVALID"
    case sceneNonRootNode = "SCENE_NON_ROOT_NODE"
    case skinIbmAccessorWithBytestride = "SKIN_IBM_ACCESSOR_WITH_BYTESTRIDE"
    case skinIbmInvalidFormat = "SKIN_IBM_INVALID_FORMAT"
    case undeclaredExtension = "UNDECLARED_EXTENSION"
    case unresolvedReference = "UNRESOLVED_REFERENCE"
    case unsupportedExtension = "UNSUPPORTED_EXTENSION"
    case accessorAnimationInputNegative = "ACCESSOR_ANIMATION_INPUT_NEGATIVE"
    case accessorAnimationInputNonIncreasing = "ACCESSOR_ANIMATION_INPUT_NON_INCREASING"
    case accessorAnimationSamplerOutputNonNormalizedQuaternion =
        "ACCESSOR_ANIMATION_SAMPLER_OUTPUT_NON_NORMALIZED_QUATERNION"
    case accessorElementOutOfMaxBound = "ACCESSOR_ELEMENT_OUT_OF_MAX_BOUND"
    case accessorElementOutOfMinBound = "ACCESSOR_ELEMENT_OUT_OF_MIN_BOUND"
    case accessorIndexOob = "ACCESSOR_INDEX_OOB"
    case accessorIndexPrimitiveRestart = "ACCESSOR_INDEX_PRIMITIVE_RESTART"
    case accessorInvalidFloat = "ACCESSOR_INVALID_FLOAT"
    case accessorInvalidIbm = "ACCESSOR_INVALID_IBM"
    case accessorInvalidSign = "ACCESSOR_INVALID_SIGN"
    case accessorJointsIndexDuplicate = "ACCESSOR_JOINTS_INDEX_DUPLICATE"
    case accessorJointsIndexOob = "ACCESSOR_JOINTS_INDEX_OOB"
    case accessorMaxMismatch = "ACCESSOR_MAX_MISMATCH"
    case accessorMinMismatch = "ACCESSOR_MIN_MISMATCH"
    case accessorNonClamped = "ACCESSOR_NON_CLAMPED"
    case accessorSparseIndexOob = "ACCESSOR_SPARSE_INDEX_OOB"
    case accessorSparseIndicesNonIncreasing = "ACCESSOR_SPARSE_INDICES_NON_INCREASING"
    case accessorVector3NonUnit = "ACCESSOR_VECTOR3_NON_UNIT"
    case accessorWeightsNegative = "ACCESSOR_WEIGHTS_NEGATIVE"
    case accessorWeightsNonNormalized = "ACCESSOR_WEIGHTS_NON_NORMALIZED"
    case bufferByteLengthMismatch = "BUFFER_BYTE_LENGTH_MISMATCH"
    case bufferGlbChunkTooBig = "BUFFER_GLB_CHUNK_TOO_BIG"
    case imageDataInvalid = "IMAGE_DATA_INVALID"
    case imageMimeTypeInvalid = "IMAGE_MIME_TYPE_INVALID"
    case imageUnexpectedEos = "IMAGE_UNEXPECTED_EOS"
    case imageUnrecognizedFormat = "IMAGE_UNRECOGNIZED_FORMAT"
    case glbChunkLengthUnaligned = "GLB_CHUNK_LENGTH_UNALIGNED"
    case glbChunkTooBig = "GLB_CHUNK_TOO_BIG"
    case glbDuplicateChunk = "GLB_DUPLICATE_CHUNK"
    case glbEmptyBinChunk = "GLB_EMPTY_BIN_CHUNK"
    case glbEmptyChunk = "GLB_EMPTY_CHUNK"
    case glbExtraData = "GLB_EXTRA_DATA"
    case glbInvalidMagic = "GLB_INVALID_MAGIC"
    case glbInvalidVersion = "GLB_INVALID_VERSION"
    case glbLengthMismatch = "GLB_LENGTH_MISMATCH"
    case glbLengthTooSmall = "GLB_LENGTH_TOO_SMALL"
    case glbUnexpectedBinChunk = "GLB_UNEXPECTED_BIN_CHUNK"
    case glbUnexpectedEndOfChunkData = "GLB_UNEXPECTED_END_OF_CHUNK_DATA"
    case glbUnexpectedEndOfChunkHeader = "GLB_UNEXPECTED_END_OF_CHUNK_HEADER"
    case glbUnexpectedEndOfHeader = "GLB_UNEXPECTED_END_OF_HEADER"
    case glbUnexpectedFirstChunk = "GLB_UNEXPECTED_FIRST_CHUNK"
    case glbUnknownChunkType = "GLB_UNKNOWN_CHUNK_TYPE"
    /// A coordinate is NaN or infinite.
    case provNotFinite = "PROV_NOT_FINITE"
    /// A reference leaves the folder of the file, or goes to the network.
    case provUriRefused = "PROV_URI_REFUSED"
    /// A JSON object has two members of one name.
    case provDuplicateKey = "PROV_DUPLICATE_KEY"
    /// JSON nests deeper than `StrictJSON.maximumDepth`.
    case provJsonTooDeep = "PROV_JSON_TOO_DEEP"
    /// The list of issues was cut off.
    case provTooManyIssues = "PROV_TOO_MANY_ISSUES"
    /// A line or record that the format does not allow.
    case provSyntax = "PROV_SYNTAX"
    /// An index that names nothing.
    case provIndexOutOfRange = "PROV_INDEX_OUT_OF_RANGE"
    /// The file ends too early, or is longer than it declares.
    case provTruncated = "PROV_TRUNCATED"
}

extension IssueCode {
    /// As the validator grades it; our own checks are errors.
    public var severity: IssueSeverity {
        switch self {
        case .unexpectedProperty, .valueNotInList, .meshPrimitiveNoPosition, .nonRelativeUri,
            .unknownAssetMinorVersion, .bufferGlbChunkTooBig, .imageUnrecognizedFormat, .glbExtraData,
            .glbUnknownChunkType:
            .warning
        case .unsupportedExtension, .glbEmptyBinChunk:
            .information
        case .ioError, .arrayLengthNotInList, .arrayTypeMismatch, .duplicateElements, .emptyEntity, .invalidIndex,
            .invalidJson, .invalidUri, .oneOfMismatch, .patternMismatch, .typeMismatch, .undefinedProperty,
            .unsatisfiedDependency, .valueMultipleOf, .valueNotInRange, .accessorMatrixAlignment,
            .accessorNormalizedInvalid, .accessorOffsetAlignment, .accessorSparseCountOutOfRange,
            .assetMinVersionGreaterThanVersion, .bufferDataUriMimeTypeInvalid, .bufferViewInvalidByteStride,
            .bufferViewTooBigByteStride, .cameraXmagYmagZero, .cameraZfarLequalZnear, .meshInvalidWeightsCount,
            .meshPrimitivesUnequalTargetsCount, .meshPrimitiveIndexedSemanticContinuity,
            .meshPrimitiveInvalidAttribute, .meshPrimitiveJointsWeightsMismatch, .nodeMatrixNonTrs, .nodeMatrixTrs,
            .nodeSkinNoScene, .rotationNonUnit, .skinNoCommonRoot, .skinSkeletonInvalid, .unknownAssetMajorVersion,
            .unusedExtensionRequired, .accessorSmallBytestride, .accessorTooLong, .accessorTotalOffsetAlignment,
            .animationChannelTargetNodeMatrix, .animationChannelTargetNodeWeightsNoMorphs,
            .animationDuplicateTargets, .animationSamplerAccessorWithBytestride,
            .animationSamplerInputAccessorInvalidFormat, .animationSamplerInputAccessorTooFewElements,
            .animationSamplerInputAccessorWithoutBounds, .animationSamplerOutputAccessorInvalidCount,
            .animationSamplerOutputAccessorInvalidFormat, .bufferMissingGlbData, .bufferViewTargetOverride,
            .bufferViewTooLong, .imageBufferViewWithBytestride, .invalidIbmAccessorCount,
            .meshPrimitiveAccessorUnaligned, .meshPrimitiveAccessorWithoutBytestride,
            .meshPrimitiveAttributesAccessorInvalidFormat, .meshPrimitiveAttributesAccessorUnsignedInt,
            .meshPrimitiveIndicesAccessorInvalidFormat, .meshPrimitiveIndicesAccessorWithBytestride,
            .meshPrimitiveMorphTargetInvalidAttributeCount, .meshPrimitiveMorphTargetNoBaseAccessor,
            .meshPrimitivePositionAccessorWithoutBounds, .meshPrimitiveTooFewTexcoords,
            .meshPrimitiveUnequalAccessorCount, .nodeLoop, .nodeParentOverride, .nodeSkinWithNonSkinnedMesh,
            .nodeWeightsInvalid, .sceneNonRootNode, .skinIbmAccessorWithBytestride, .skinIbmInvalidFormat,
            .undeclaredExtension, .unresolvedReference, .accessorAnimationInputNegative,
            .accessorAnimationInputNonIncreasing, .accessorAnimationSamplerOutputNonNormalizedQuaternion,
            .accessorElementOutOfMaxBound, .accessorElementOutOfMinBound, .accessorIndexOob,
            .accessorIndexPrimitiveRestart, .accessorInvalidFloat, .accessorInvalidIbm, .accessorInvalidSign,
            .accessorJointsIndexDuplicate, .accessorJointsIndexOob, .accessorMaxMismatch, .accessorMinMismatch,
            .accessorNonClamped, .accessorSparseIndexOob, .accessorSparseIndicesNonIncreasing,
            .accessorVector3NonUnit, .accessorWeightsNegative, .accessorWeightsNonNormalized,
            .bufferByteLengthMismatch, .imageDataInvalid, .imageMimeTypeInvalid, .imageUnexpectedEos,
            .glbChunkLengthUnaligned, .glbChunkTooBig, .glbDuplicateChunk, .glbEmptyChunk, .glbInvalidMagic,
            .glbInvalidVersion, .glbLengthMismatch, .glbLengthTooSmall, .glbUnexpectedBinChunk,
            .glbUnexpectedEndOfChunkData, .glbUnexpectedEndOfChunkHeader, .glbUnexpectedEndOfHeader,
            .glbUnexpectedFirstChunk, .provNotFinite, .provUriRefused, .provDuplicateKey, .provJsonTooDeep,
            .provTooManyIssues, .provSyntax, .provIndexOutOfRange, .provTruncated:
            .error
        }
    }
}

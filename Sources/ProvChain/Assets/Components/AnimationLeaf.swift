/// The `ANIM` leaf: the movements of one animation, key by key.
///
/// A channel is the SHA-256 of CBOR `["provchain/anim-channel/1", path, interpolation, times, values]` with path 0
/// translation, 1 rotation, 2 scale, 3 weights; interpolation 0 STEP, 1 LINEAR, 2 CUBICSPLINE; times and values as
/// byte strings of f32. The leaf is the SHA-256 of CBOR `["provchain/anim/1", [channel, …]]`, sorted, multiplicity
/// kept.
///
/// Which node a channel moves is left out: nodes have no identity besides names and numbers. Channels without a
/// node in use are left out, and those that an extension points elsewhere.
public enum AnimationLeaf {
    public struct Channel: Hashable, Sendable {
        public enum Path: UInt64, Hashable, Sendable {
            case translation = 0
            case rotation = 1
            case scale = 2
            case weights = 3
        }

        public enum Interpolation: UInt64, Hashable, Sendable {
            case step = 0
            case linear = 1
            case cubicSpline = 2
        }

        let path: Path
        let interpolation: Interpolation
        /// Seconds.
        let times: [Float]
        let values: [Float]

        func hash(at place: String) throws(AssetError) -> Digest {
            let times = try CanonicalFloat.bytes(times, at: place)
            let values = try CanonicalFloat.bytes(values, at: place)
            return DomainTag.animationChannel.hash(4) { writer in
                writer.uint(path.rawValue)
                writer.uint(interpolation.rawValue)
                writer.byteString(times)
                writer.byteString(values)
            }
        }
    }

    /// `nil` without channels.
    static func leaf(channels: [Digest]) -> Digest? {
        channels.isEmpty ? nil : DomainTag.componentAnimation.hash(1) { $0.digests(channels.sorted()) }
    }
}

import HTTPTypes
import Hummingbird
import ProvChain

/// The transparency log as C2SP tlog-tiles serves it, for auditors and their tools.
extension Routes {
    var log: [Route] { [checkpoint, tile] }

    private var checkpoint: Route {
        Route(
            RouteDescription(
                method: .get, path: "/log/checkpoint", id: "getCheckpoint", summary: "The latest checkpoint",
                answers: [.bytes(MediaType.text, "A signed note (C2SP tlog-checkpoint).")],
                problems: [.serviceUnavailable])
        ) { [node] call in
            call.answer(try await node.checkpoint(), type: MediaType.text, caching: Caching.checkpoint)
        }
    }

    /// What does not exist is 404 and nothing else: clients go from a partial tile to the full one on 404 only.
    private var tile: Route {
        Route(
            RouteDescription(
                method: .get, path: "/log/tile/\(RouteDescription.tail)", id: "getTile",
                summary: "A tile of hashes, or a bundle of entries",
                parameters: [
                    ParameterDescription(
                        name: "tile", place: .path, isRequired: true,
                        expected: Phrase("a tile's path (C2SP tlog-tiles)", "瓦片文件的路径（C2SP tlog-tiles）"),
                        about: "`<L>/<N>[.p/<W>]` or `entries/<N>[.p/<W>]`; its slashes are not encoded.",
                        schema: ["type": "string", "pattern": .string(Pattern.tile)])
                ],
                answers: [.bytes(MediaType.octets, "The tile.")], problems: [.notFound])
        ) { [node] call in
            guard let path = try? TilePath("tile/" + call.tail), let bytes = try await node.tile(path) else {
                throw Problem.notFound(Phrase("The log has no such tile.", "日志中没有此瓦片文件。"))
            }
            return call.answer(bytes, type: MediaType.octets, caching: Caching.immutable)
        }
    }
}

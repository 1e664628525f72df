/// Media types by the end of a file's name (IANA where registered), and which formats hold a scene.
enum MediaType {
    /// What a file is whose ending says nothing.
    static let unknown = "application/octet-stream"

    private static let byExtension: [String: String] = [
        "glb": "model/gltf-binary", "gltf": "model/gltf+json", "vrm": "model/gltf-binary", "obj": "model/obj",
        "mtl": "model/mtl", "stl": "model/stl", "ply": "model/ply", "usdz": "model/vnd.usdz+zip",
        "usda": "model/vnd.usda", "usd": "model/vnd.usd", "usdc": "model/vnd.usd", "3mf": "model/3mf",
        "step": "model/step", "stp": "model/step", "fbx": "application/vnd.autodesk.fbx",
        "dae": "model/vnd.collada+xml", "blend": "application/x-blender", "b3dm": "application/octet-stream",
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "ktx2": "image/ktx2",
        "tif": "image/tiff", "tiff": "image/tiff", "exr": "image/aces", "hdr": "image/vnd.radiance",
        "svg": "image/svg+xml", "gif": "image/gif", "bmp": "image/bmp", "tga": "image/x-tga",
        "bin": "application/octet-stream", "zip": "application/zip", "json": "application/json",
        "xml": "application/xml", "pdf": "application/pdf", "txt": "text/plain", "md": "text/markdown",
        "csv": "text/csv", "mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm", "mp3": "audio/mpeg",
        "wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg",
    ]

    /// Best main file of a folder first.
    private static let mainOrder = [
        "glb", "vrm", "gltf", "usdz", "usd", "usdc", "usda", "3mf", "fbx", "dae", "blend", "obj", "ply", "stl", "step",
        "stp",
    ]

    static func of(_ path: String) -> String { byExtension[ending(of: path)] ?? unknown }

    /// Lower is more likely to be what a folder is about.
    static func mainRank(_ path: String) -> Int {
        mainOrder.firstIndex(of: ending(of: path)) ?? mainOrder.count
    }

    /// Whether the name is that of a 3D model or scene, read here or not.
    static func isModel(_ path: String) -> Bool { mainRank(path) < mainOrder.count || ending(of: path) == "b3dm" }

    private static func ending(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }
}

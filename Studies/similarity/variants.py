"""Variants of a model, made by tools that this project did not write.

Each maker takes the path of a GLB, a folder and a generator of random numbers, and returns the path of a file that it
wrote, or None if the tool cannot. trimesh writes the files whose geometry is changed here.
"""

import pathlib
import shutil
import subprocess

import DracoPy
import fast_simplification
import numpy as np
import trimesh


def run(*command):
    try:
        return subprocess.run(command, capture_output=True, timeout=60).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def scene(path):
    return trimesh.load_scene(path, process=False)


def world(path):
    """All triangles of the scene as one mesh, as they stand; normals and materials are dropped."""
    mesh = scene(path).to_mesh()
    return trimesh.Trimesh(mesh.vertices.astype(np.float32), mesh.faces, process=False)


def write(mesh, path):
    mesh.export(path)
    return path


def changed(name, change, ending="glb"):
    """A maker that changes the mesh of the whole scene."""

    def make(path, folder, random):
        mesh = change(world(path), random)
        return None if mesh is None or len(mesh.faces) == 0 else write(mesh, f"{folder}/{name}.{ending}")

    return make


def shuffle(mesh, random):
    order = random.permutation(len(mesh.vertices))
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    faces = places[mesh.faces[random.permutation(len(mesh.faces))]]
    turns = random.integers(0, 3, len(faces))
    faces = np.stack([faces[np.arange(len(faces)), (turns + k) % 3] for k in range(3)], axis=1)
    return trimesh.Trimesh(mesh.vertices[order], faces, process=False)


def moved(matrix):
    def change(mesh, random):
        return mesh.copy().apply_transform(matrix(random))

    return change


def rotation(random):
    return trimesh.transformations.random_rotation_matrix(random.random(3))


def scaling(x, y, z):
    return lambda random: np.diag([x, y, z, 1.0])


def draco(bits):
    def change(mesh, random):
        coded = DracoPy.encode(
            np.asarray(mesh.vertices, dtype=np.float32), np.asarray(mesh.faces, dtype=np.uint32),
            quantization_bits=bits, compression_level=7, preserve_order=False)
        back = DracoPy.decode(coded)
        return trimesh.Trimesh(back.points, back.faces, process=False)

    return change


def simplified(keep):
    def change(mesh, random):
        welded = trimesh.Trimesh(mesh.vertices, mesh.faces, process=True, merge_norm=True, merge_tex=True)
        if len(welded.faces) < 100:
            return None
        points, faces = fast_simplification.simplify(
            np.asarray(welded.vertices, dtype=np.float32), np.asarray(welded.faces, dtype=np.int32),
            target_reduction=1 - keep)
        return trimesh.Trimesh(points, faces, process=False)

    return change


def cropped(share):
    """Without the triangles at one end of the longest side."""

    def change(mesh, random):
        axis = int(np.argmax(mesh.extents))
        middle = mesh.triangles_center[:, axis]
        keep = middle >= np.quantile(middle, share)
        return trimesh.Trimesh(mesh.vertices, mesh.faces[keep], process=False)

    return change


def subdivided(mesh, random):
    return mesh.subdivide()


def noise(share):
    """Every position moved at random, by up to a share of the longest side; equal ones alike."""

    def change(mesh, random):
        _, numbers = np.unique(np.asarray(mesh.vertices), axis=0, return_inverse=True)
        moves = random.uniform(-1, 1, (numbers.max() + 1, 3)) * share * mesh.extents.max()
        return trimesh.Trimesh(mesh.vertices + moves[numbers.reshape(-1)], mesh.faces, process=False)

    return change


def resplit(path, folder, random):
    """Merged into one mesh, then cut into four meshes that know nothing of each other."""
    mesh = world(path)
    cut = random.integers(0, 4, len(mesh.faces))
    parts = [trimesh.Trimesh(mesh.vertices, mesh.faces[cut == k], process=False) for k in range(4)]
    return write(trimesh.Scene([part for part in parts if len(part.faces)]), f"{folder}/resplit.glb")


def saved(ending):
    def make(path, folder, random):
        return write(scene(path), f"{folder}/saved.{ending}")

    return make


def gltfpack(name, *options):
    def make(path, folder, random):
        out = f"{folder}/{name}.glb"
        return out if run("gltfpack", "-i", path, "-o", out, *options) else None

    return make


def assimp(ending, format):
    def make(path, folder, random):
        out = f"{folder}/assimp-{format}.{ending}"
        return out if run("assimp", "export", path, out, f"-f{format}") else None

    return make


MAKERS = {
    "copied": lambda path, folder, random: shutil.copy(path, f"{folder}/copied{pathlib.Path(path).suffix.lower()}"),
    "saved as GLB (trimesh)": saved("glb"),
    "saved as OBJ (trimesh)": changed("saved", lambda mesh, random: mesh, "obj"),
    "saved as STL (trimesh)": changed("saved", lambda mesh, random: mesh, "stl"),
    "exported to GLB (assimp)": assimp("glb", "glb2"),
    "exported to OBJ (assimp)": assimp("obj", "obj"),
    "exported to STL (assimp)": assimp("stl", "stlb"),
    "optimised (gltfpack -noq)": gltfpack("noq", "-noq"),
    "shuffled": changed("shuffled", shuffle),
    "rotated": changed("rotated", moved(rotation)),
    "scaled by 0.0254": changed("scaled", moved(scaling(0.0254, 0.0254, 0.0254))),
    "mirrored": changed("mirrored", moved(scaling(-1, 1, 1))),
    "merged and cut in four": resplit,
    "subdivided (trimesh)": changed("subdivided", subdivided),
    "14 bits (gltfpack)": gltfpack("q14", "-vp", "14"),
    "11 bits (gltfpack)": gltfpack("q11", "-vp", "11"),
    "8 bits (gltfpack)": gltfpack("q8", "-vp", "8"),
    "14 bits (Draco)": changed("draco14", draco(14)),
    "11 bits (Draco)": changed("draco11", draco(11)),
    "8 bits (Draco)": changed("draco8", draco(8)),
    "simplified to 75%, within 1% (gltfpack)": gltfpack("si75", "-noq", "-si", "0.75"),
    "simplified to 50%, within 1% (gltfpack)": gltfpack("si50", "-noq", "-si", "0.5"),
    "simplified to 50%, any error (gltfpack -sa)": gltfpack("sa50", "-noq", "-si", "0.5", "-sa"),
    "simplified to 50% (fast_simplification)": changed("fs50", simplified(0.5)),
    "noise of 0.1%": changed("noise1", noise(0.001)),
    "noise of 1%": changed("noise10", noise(0.01)),
    "cropped by 5% of triangles": changed("crop5", cropped(0.05)),
    "cropped by 20% of triangles": changed("crop20", cropped(0.2)),
    "stretched by 5% on one axis": changed("stretch5", moved(scaling(1, 1.05, 1))),
    "stretched by 10% on one axis": changed("stretch10", moved(scaling(1, 1.1, 1))),
    "stretched by 20% on one axis": changed("stretch20", moved(scaling(1, 1.2, 1))),
}

"""Different models that look alike, by name, with the reason where there is one."""

import itertools
import re

from measure import FAR, NEAR, REVIEW, is_distinctive, nearest, parts, whole

# Families of assimp's collection: files that are one model in several formats or variations, or that hold one plain
# shape. Each was looked at; both names of a pair have to match.
FAMILIES = [
    (r"wuson", "Wuson, one model in several formats"),
    (r"spider|testformatdetection", "the spider, one model in several formats"),
    (r"duck", "the duck, one model in several formats"),
    (r"collada\.|collada_triangulate", "the COLLADA letters, one model in several formats"),
    (r"sphere|egg|modoexport|lxob", "spheres: plain, but not in the list of primitives at this resolution"),
    (r"cubes_|close_to_identity", "the same cubes in several files"),
    (r"suzanne|blender_269_regress1", "Blender's monkey, in a scene the second time"),
    (r"motioncapture|3dsmaxexport", "the biped of 3ds Max, in another pose"),
    (r"bvh/01_", "the same skeleton in two recordings"),
    (r"lwo2-hierarchy", "the same solids, smoothed the second time"),
    (r"minigun", "the minigun, one model in two versions of a format"),
]


def stem(name):
    """Of one model in several files of assimp's collection: the letters of its name alone."""
    name = re.sub(r"\.\w+$", "", name.split("/")[-1].lower())
    return re.sub(r"[^a-z]", "", re.sub(r"(ascii|binary|bin|obj|exported|_?mat|test|max)", "", name))


def reason(a, b, group_of, named):
    one, two = named(a).lower(), named(b).lower()
    for pattern, why in FAMILIES:
        if re.search(pattern, one) and re.search(pattern, two):
            return why
    if stem(one) and stem(one) == stem(two):
        return "one model in two files"
    if group_of(a) == group_of(b) != "assimp":
        return "one author, who used a shape again"
    return None


def strangers(title, files, lines, group_of, verdicts, named):
    """Pairs of different models that look alike.

    files     what is compared, each with each
    group_of  whose a file is; pairs of one author are explained by that
    named     what to call a file
    """
    known = [path for path in files if whole(lines[str(path)]) is not None]
    single = [path for path in known if is_distinctive(lines[str(path)])]
    distinctive = {path: parts(lines[str(path)], distinctive=True) for path in known}
    printed = {path: parts(lines[str(path)]) for path in known}
    found = {"near": [], "review": [], "same": [], "alike": []}
    for a, b in itertools.combinations(single, 2):
        distance = nearest(whole(lines[str(a)]), [whole(lines[str(b)])])
        if distance <= REVIEW:
            found["near" if distance <= NEAR else "review"].append((distance, a, b))
    count = 0
    for a, b in itertools.combinations(known, 2):
        count += len(distinctive[a]) * len(printed[b]) + len(distinctive[b]) * len(printed[a])
        distance = min(
            [nearest(part, printed[b]) for part in distinctive[a]]
            + [nearest(part, printed[a]) for part in distinctive[b]], default=FAR)
        if distance <= NEAR:
            found["same" if distance <= 2 else "alike"].append((distance, a, b))
    unexplained = [
        f"{named(a)} – {named(b)} ({distance})" for kind in ("near", "same", "alike")
        for distance, a, b in found[kind] if reason(a, b, group_of, named) is None]
    unexplained = list(dict.fromkeys(unexplained))
    verdicts.strangers(title, unexplained)

    def listing(entries, limit=60):
        rows = []
        for distance, a, b in sorted(entries, key=lambda entry: (entry[0], named(entry[1]), named(entry[2]))):
            why = reason(a, b, group_of, named)
            mark = "" if group_of(a) == group_of(b) != "assimp" else f": {why}" if why else ": **unexplained**"
            rows.append(f"{named(a)} – {named(b)} ({distance}){mark}")
        more = f"; and {len(rows) - limit} more" if len(rows) > limit else ""
        return ("; ".join(rows[:limit]) or "none") + more

    total = len(single) * (len(single) - 1) // 2
    return [
        f"## False positives: {title}", "",
        f"{len(known)} files; {len(single)} distinctive wholes, {total} pairs; {count} comparisons of a distinctive "
        "component with any printed one of another model.", "",
        f"- wholes ≤ {NEAR}: {len(found['near'])}: {listing(found['near'])}",
        f"- wholes {NEAR + 1} to {REVIEW}: {len(found['review'])}: {listing(found['review'])}",
        f"- models with a component in common, within 2: {len(found['same'])}: {listing(found['same'])}",
        f"- models whose nearest components are at 3 to {NEAR}: {len(found['alike'])}: {listing(found['alike'])}",
    ]

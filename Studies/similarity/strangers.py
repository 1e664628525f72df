"""Different models that look alike, by name, with the reason where there is one."""

import itertools
import re

from measure import FAR, NEAR, REVIEW, is_distinctive, nearest, parts, short, whole

# Pairs of different authors' files that are one model, or a model in another file: pattern, pattern, reason. Each was
# looked at.
EXPLAINED = []


def stem(name):
    """Of one model in several files of assimp's collection: the letters of its name alone."""
    return re.sub(r"[^a-z]", "", re.sub(r"(?i)(ascii|binary|obj|exported|_?mat|test)", "", name.lower()))


def reason(a, b, group_of):
    for first, second, why in EXPLAINED:
        for one, two in ((a, b), (b, a)):
            if re.fullmatch(first, one.as_posix()) and re.fullmatch(second, two.as_posix()):
                return why
    if stem(short(a)) and stem(short(a)) == stem(short(b)):
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
        for distance, a, b in found[kind] if reason(a, b, group_of) is None]
    verdicts.strangers(title, list(dict.fromkeys(unexplained)))

    def listing(entries, limit=60):
        rows = []
        for distance, a, b in sorted(entries, key=lambda entry: (entry[0], named(entry[1]), named(entry[2]))):
            why = reason(a, b, group_of)
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

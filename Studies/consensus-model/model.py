#!/usr/bin/env python3
"""Model checks the voting law and the certificates of docs/consensus.md, for few validators and few views.

    python3 Studies/consensus-model/model.py

A state is what the honest validators have voted; votes are never taken back. The faulty ones (f of n) are taken to
have voted for everything, in every view, so a certificate exists as soon as q - f honest validators gave its votes.
Every leader may propose two blocks on every parent, to whomever it likes. Messages arrive in any order or not at
all, timers ring at any moment, and a validator may restart with its votes and without its certificates: so it may
vote in a view whenever that view was ever entered, which is more than real validators do.

Two checks:
 1. Step by step: every vote that the law allows is a step; all states that can be reached are visited.
 2. View by view, which reaches further: whether a vote is allowed depends on certificates of earlier views, and for
    a finalize on the notarization of its own. So the votes of a view can be tried all at once, and only the
    certificates that they make are carried on. Check 1 confirms that this yields the same certificates.

Then the law is broken in six ways, one at a time, and each must be found to break an invariant.
"""

import argparse
import itertools
import sys
import time
from dataclasses import dataclass, replace

GENESIS = ()  # A block is its ancestry: ((view, variant), ...), the oldest first.


@dataclass(frozen=True)
class Rules:
    validators: int = 4
    faulty: int = 1
    # What a broken law permits.
    quorum_less: int = 0
    finalize_after_nullify: bool = False
    nullify_after_finalize: bool = False
    two_notarizes: bool = False
    skips_without_nullification: bool = False
    finalizes_without_notarization: bool = False

    @property
    def honest(self):
        return self.validators - self.faulty

    @property
    def needed(self):
        """Honest votes that make a certificate, the faulty validators' being given."""
        return self.validators - (self.validators - 1) // 3 - self.quorum_less - self.faulty


@dataclass(frozen=True)
class Certificates:
    """Of one view."""

    notarized: frozenset
    nullified: bool
    finalized: frozenset

    @property
    def any(self):
        return bool(self.notarized) or self.nullified or bool(self.finalized)


def proposals(rules, history):
    """The blocks of the next view that are justified: the parent is notarized in some view, and every view in
    between is nullified. Nobody votes in a view that no certificate led to."""
    view = len(history) + 1
    if history and not history[-1].any:
        return []
    parents = []
    for below in range(view - 1, -1, -1):
        if below == 0:
            parents.append(GENESIS)
        else:
            parents += sorted(history[below - 1].notarized)
        if below and not history[below - 1].nullified and not rules.skips_without_nullification:
            break
    return [parent + ((view, variant),) for parent in parents for variant in (0, 1)]


def broken(history):
    """The name of an invariant that does not hold, or None."""
    for view, certificates in enumerate(history, 1):
        if len(certificates.notarized) > 1:
            return f"two notarizations in view {view}"
        if certificates.nullified and certificates.finalized:
            return f"view {view} nullified and final"
        for final in certificates.finalized:
            for later in history[view:]:
                for block in later.notarized | later.finalized:
                    if block[: len(final)] != final:
                        return f"a block without the final one of view {view} among its ancestors"
    return None


# ---- View by view


def cells(rules, options, notarized):
    """What one honest validator can have voted besides its notarizes: (nullified, finalized block or None)."""
    choices = [(False, None), (True, None)]
    for block in options if rules.finalizes_without_notarization else notarized:
        choices.append((False, block))
        if rules.finalize_after_nullify or rules.nullify_after_finalize:
            choices.append((True, block))
    return choices


def outcomes(rules, count, cache={}):
    """All certificates that a view with `count` justified blocks can end with, blocks by number."""
    key = (rules, count)
    if key in cache:
        return cache[key]
    options = range(count)
    ballots = [()] + [(block,) for block in options]
    if rules.two_notarizes:
        ballots += list(itertools.combinations(options, 2))
    found = set()
    for votes in itertools.combinations_with_replacement(ballots, rules.honest):
        notarized = frozenset(b for b in options if sum(b in vote for vote in votes) >= rules.needed)
        for rest in itertools.combinations_with_replacement(cells(rules, options, notarized), rules.honest):
            nullified = sum(cell[0] for cell in rest) >= rules.needed
            finalized = frozenset(b for b in options if sum(cell[1] == b for cell in rest) >= rules.needed)
            found.add(Certificates(notarized, nullified, finalized))
    cache[key] = sorted(found, key=lambda c: (sorted(c.notarized), c.nullified, sorted(c.finalized)))
    return cache[key]


def by_views(rules, views, seen=None):
    """Visits all histories of certificates; returns (how many, a broken invariant and its history or None)."""
    visited = 0
    stack = [()]
    while stack:
        history = stack.pop()
        visited += 1
        if seen is not None:
            seen.add(history)
        if (name := broken(history)) is not None:
            return visited, (name, history)
        if len(history) == views:
            continue
        blocks = proposals(rules, history)
        if not blocks and history and not history[-1].any:
            continue
        for outcome in outcomes(rules, len(blocks)):
            stack.append(
                history
                + (
                    Certificates(
                        frozenset(blocks[b] for b in outcome.notarized), outcome.nullified,
                        frozenset(blocks[b] for b in outcome.finalized)),
                )
            )
    return visited, None


# ---- Step by step


def certificates_of(rules, state, view):
    """state: for each validator, for each view, (notarized block or None, nullified, finalized block or None)."""

    def blocks(position):
        given = [voter[view][position] for voter in state if voter[view][position] is not None]
        return frozenset(b for b in given if given.count(b) >= rules.needed)

    nullified = sum(voter[view][1] for voter in state) >= rules.needed
    return Certificates(blocks(0), nullified, blocks(2))


def history_of(rules, state, views):
    history = tuple(certificates_of(rules, state, view) for view in range(views))
    while history and not history[-1].any:
        history = history[:-1]
    return history


def steps(rules, state, views):
    """Every single vote that the law allows next."""
    everything = tuple(certificates_of(rules, state, view) for view in range(views))
    for view in range(views):
        if view and not everything[view - 1].any:
            return
        justified = proposals(rules, everything[:view])
        for number, voter in enumerate(state):
            notarized, nullified, finalized = voter[view]
            cell = []
            if notarized is None and not nullified:
                cell += [(block, nullified, finalized) for block in justified]
            if not nullified and finalized is None:
                cell.append((notarized, True, finalized))
                cell += [(notarized, nullified, block) for block in everything[view].notarized]
            for changed in cell:
                voter_after = voter[:view] + (changed,) + voter[view + 1 :]
                # Honest validators are alike: their order does not matter.
                yield tuple(sorted(state[:number] + (voter_after,) + state[number + 1 :], key=repr))


def by_steps(rules, views):
    start = tuple(tuple((None, False, None) for _ in range(views)) for _ in range(rules.honest))
    known, frontier, histories = {start}, [start], set()
    while frontier:
        following = []
        for state in frontier:
            histories.add(history_of(rules, state, views))
            for after in steps(rules, state, views):
                if after not in known:
                    known.add(after)
                    following.append(after)
        frontier = following
    failures = [name for history in histories if (name := broken(history)) is not None]
    return len(known), histories, failures


def describe(history):
    lines = []
    for view, certificates in enumerate(history, 1):
        said = [f"notarized {block}" for block in sorted(certificates.notarized)]
        if certificates.nullified:
            said.append("nullified")
        said += [f"final {block}" for block in sorted(certificates.finalized)]
        lines.append(f"    view {view}: {'; '.join(said) or 'nothing'}")
    return "\n".join(lines)


BREAKS = {
    "a quorum of one less": {"quorum_less": 1},
    "finalize after nullify": {"finalize_after_nullify": True},
    "nullify after finalize": {"nullify_after_finalize": True},
    "two notarizes in a view": {"two_notarizes": True},
    "a view skipped without its nullification": {"skips_without_nullification": True},
    "finalize without a notarization": {"finalizes_without_notarization": True},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--validators", type=int, default=4)
    parser.add_argument("--views", type=int, default=5, help="views of the check view by view")
    parser.add_argument("--steps", type=int, default=2, help="views of the check step by step; 0 leaves it out")
    options = parser.parse_args()
    rules = Rules(validators=options.validators, faulty=(options.validators - 1) // 3)
    passed = failed = 0

    def tell(good, text):
        nonlocal passed, failed
        passed, failed = (passed + 1, failed) if good else (passed, failed + 1)
        print(("ok   " if good else "FAIL ") + text, flush=True)

    print(f"n = {rules.validators}, f = {rules.faulty}, quorum {rules.needed + rules.faulty}")
    if options.steps:
        started = time.monotonic()
        states, histories, failures = by_steps(rules, options.steps)
        tell(not failures, f"step by step, {options.steps} views: {states} states, every invariant holds "
             f"({time.monotonic() - started:.1f} s)")
        seen = set()
        by_views(rules, options.steps, seen)
        shortened = {h if not h or h[-1].any else h[:-1] for h in seen}
        tell(histories == shortened, f"both ways make the same {len(histories)} histories of certificates")
    started = time.monotonic()
    visited, found = by_views(rules, options.views)
    tell(found is None, f"view by view, {options.views} views: {visited} histories, every invariant holds "
         f"({time.monotonic() - started:.1f} s)")
    if found:
        print(f"  {found[0]}\n{describe(found[1])}")
    for name, change in BREAKS.items():
        _, found = by_views(replace(rules, **change), min(options.views, 3))
        tell(found is not None, f"with {name}: " + (found[0] if found else "nothing found"))
        if found:
            print(describe(found[1]))
    tell(by_views(replace(rules, faulty=rules.faulty + 1), 2)[1] is not None, "with one more faulty: not safe, as said")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

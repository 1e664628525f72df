#!/usr/bin/env python3
"""A consortium of real processes under load, and everything that may go wrong with them.

Four validators, then seven, reach each other through proxies that can be cut. Works are registered through all of
them the whole time. One fault after the other strikes; after each one

 - there is one block at each height that all have (no fork),
 - every statement that was reported final is final at every node, in its place, with a receipt that verifies,
 - within a bounded time a new statement is final through every node, without a person: nothing is done but to
   start a process that ended, as a service manager does.

The faults: SIGKILL of as many as may fail, of all at once, of one in a loop; the network in two halves that no
longer hear each other, and one validator cut off; a full disk; a clock ten minutes fast and slow; a wiped home.

Prints one line per fault and, last, "N passed, N failed". A round for four validators takes about two minutes on an
idle machine. --seconds-budget: another round is started while it is likely to end in time; the first one always.
"""

import argparse
import datetime
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

from consortium import Consortium, Creator, Failure, Load, rules
from disk_full import Ballast
from node import run, until
from wire import Problem, Unreachable

# Without a person, after the last fault is over. Timers are capped at 10 s, and dialling waits up to 10 s.
PROGRESS_SECONDS = 90
PART_SECONDS = 6
KILLS = 10
DISK_BYTES = 96 << 20
FULL_SECONDS = 40
CLOCK_OFFSETS = (600, -600)
SIZES = (4, 7)
DISK_FULL_EXIT = 74
# A silent partition is noticed when nothing came for 15 s.
WHY_SECONDS = 30


def library_of_false_time(folder: pathlib.Path) -> pathlib.Path | None:
    """Built here: what tells the time to a node, and lies. The Swift toolchain has the compiler."""
    compiler = shutil.which("clang") or shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "false_clock.so"
    source = pathlib.Path(__file__).with_name("false_clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


class Scenario:
    """The faults strike in the order in which they stand here; the last one costs a validator its vote."""

    def __init__(self, folder: pathlib.Path, disk: pathlib.Path | None, validators: int, seed: int):
        self.random = random.Random(seed)
        self.net = Consortium(folder / "net", validators, linked=True)
        self.all = list(range(validators))
        self.folder, self.disk = folder, disk
        self.checked = 0
        self.figures: dict = {}
        self.load: Load | None = None

    def prepare(self) -> None:
        self.net.start(*self.all)
        self.load = Load(self.net, Creator(self.net), threads=len(self.net))
        self.load.start()
        self.recovered()

    def recovered(self, places: list[int] | None = None) -> str:
        """What must hold after every fault; says how long it took and what was compared."""
        places = places or self.all
        seconds = self.load.progress(places, PROGRESS_SECONDS)
        new = self.load.taken(self.checked)
        self.checked += len(new)
        blocks = self.net.no_fork(places)
        self.net.nothing_lost(places, new)
        for place in places:
            if not self.net.nodes[place].running:
                raise Failure(f"node {place + 1} ended\n{self.net.nodes[place].tail()}")
        return f"progress everywhere after {seconds:.1f} s; {blocks} blocks and {len(new)} statements compared"

    def says(self, place: int, code: int, *sentences: str) -> None:
        """What a node answers whoever asks it why."""
        def said():
            nonlocal done
            done = run("provnode", "why", "--home", self.net.nodes[place].home)
            return done.returncode == code and all(sentence in done.stdout for sentence in sentences)

        done = None
        try:
            until(said, WHY_SECONDS, f"why of node {place + 1}", every=0.5)
        except TimeoutError:
            raise Failure(f"why of node {place + 1} lacks {sentences}: {done.returncode} {done.stdout}") from None

    # The faults

    def killed_are_as_many_as_may_fail(self) -> str:
        said, f = [], self.net.faulty
        for first in range(0, len(self.net), f):
            victims = [(first + place) % len(self.net) for place in range(f)]
            self.net.kill(*victims)
            # The others go on meanwhile.
            seconds = self.load.progress(self.net.others(*victims), PROGRESS_SECONDS)
            self.says(self.net.others(*victims)[0], 0, *[f"Member {v + 1} has not been connected" for v in victims])
            self.net.start(*victims)
            said.append(f"without {[v + 1 for v in victims]} {seconds:.1f} s")
        return f"{', '.join(said)}; then {self.recovered()}"

    def killed_are_all_at_once(self) -> str:
        said = []
        for _ in range(2):
            time.sleep(self.random.uniform(0, 1))
            self.net.kill(*self.all)
            self.net.start(*self.all)
            said.append(self.recovered())
        return "; ".join(said)

    def killed_is_one_again_and_again(self) -> str:
        victim = self.random.choice(self.all)
        for _ in range(KILLS):
            # Sometimes before it is ready.
            time.sleep(self.random.uniform(0, 1.5))
            self.net.kill(victim)
            self.net.nodes[victim].start()
        self.net.nodes[victim].ready()
        return f"node {victim + 1} {KILLS} times; {self.recovered()}"

    def parted_are_two_halves(self) -> str:
        order = self.random.sample(self.all, len(self.all))
        halves = [order[:len(order) // 2], order[len(order) // 2:]]
        if len(halves[1]) >= len(self.all) - self.net.faulty:
            raise Failure(f"{halves} leaves a quorum")
        self.net.links.part(halves, silently=True)
        self.load.standstill(self.all, PART_SECONDS)
        self.says(halves[0][0], 1, "No block was final for", f"of {len(self.all)} validators can be reached")
        self.net.links.heal()
        return f"{[[p + 1 for p in half] for half in halves]}, {PART_SECONDS} s; {self.recovered()}"

    def cut_off_is_one(self) -> str:
        victim = self.random.choice(self.all)
        rest = self.net.others(victim)
        self.net.links.part([rest, [victim]], silently=False)
        seconds = self.load.progress(rest, PROGRESS_SECONDS)
        self.load.standstill([victim], PART_SECONDS)
        self.net.links.heal()
        return f"node {victim + 1}, the others went on after {seconds:.1f} s; {self.recovered()}"

    def silent_is_one_for_longer_than_a_connection_holds(self) -> str:
        victim = self.random.choice(self.all)
        self.net.links.part([self.net.others(victim), [victim]], silently=True)
        # Without a byte for 15 s, a connection is given up.
        self.load.standstill([victim], 18)
        seconds = self.load.progress(self.net.others(victim), PROGRESS_SECONDS)
        self.net.links.heal()
        return f"node {victim + 1}, the others at {seconds:.1f} s; {self.recovered()}"

    def full_is_the_disk_of_one(self) -> str:
        if self.disk is None:
            return "SKIPPED: no mount namespaces here"
        victim = self.random.choice(self.all)
        node, rest = self.net.nodes[victim], self.net.others(victim)
        self.net.kill(victim)
        home = self.disk / "home"
        shutil.rmtree(home, ignore_errors=True)
        shutil.move(node.home, home)
        node.home.symlink_to(home)
        self.net.variables[victim] = {"PROV_SPACE_RESERVE": "0"}
        self.net.start(victim)
        ballast = Ballast(self.disk / "ballast")

        def stopped():
            ballast.leave(0)
            return not node.running

        try:
            until(stopped, FULL_SECONDS, "a node without space stops", every=0.05)
        except TimeoutError as error:
            raise Failure(f"{error}\n{node.tail()}") from None
        code = node.process.wait()
        if code != DISK_FULL_EXIT:
            raise Failure(f"exit code {code} without space\n{node.tail()}")
        seconds = self.load.progress(rest, PROGRESS_SECONDS)
        ballast.drop()
        self.net.variables[victim] = {}
        self.net.start(victim)
        return f"node {victim + 1} ended with {code}, the others went on after {seconds:.1f} s; {self.recovered()}"

    def false_is_the_clock_of_one(self) -> str:
        library = library_of_false_time(self.folder)
        if library is None:
            return "SKIPPED: no C compiler here"
        said = []
        for offset in CLOCK_OFFSETS:
            victim = self.random.choice(self.all)
            self.net.kill(victim)
            self.net.variables[victim] = {"LD_PRELOAD": str(library), "PROV_FALSE_CLOCK": str(offset)}
            self.net.start(victim)
            seconds = self.load.progress(self.net.others(victim), PROGRESS_SECONDS)
            self.expect_offset(victim, offset)
            time.sleep(PART_SECONDS)
            # It does not vote for what seems to be of the future, but what others decided it takes.
            there = max(self.net.height(place) for place in self.all)
            begun = time.monotonic()
            self.net.reach([victim], there, PROGRESS_SECONDS)
            said.append(f"node {victim + 1} by {offset} s: the others {seconds:.1f} s, "
                        f"itself {time.monotonic() - begun:.1f} s")
            self.net.kill(victim)
            self.net.variables[victim] = {}
            self.net.start(victim)
            said.append(self.recovered())
        return "; ".join(said)

    def expect_offset(self, place: int, offset: int) -> None:
        """The times in the log are those that the process believes in."""
        stamp = self.net.nodes[place].tail(1).split(" ")[0]
        found = datetime.datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S%z").timestamp() - time.time()
        if abs(found - offset) > abs(offset) / 2:
            raise Failure(f"the clock of node {place + 1} is off by {found:.0f} s instead of {offset} s")

    def wiped_is_the_home_of_one(self) -> str:
        victim = self.random.choice(self.all)
        index = self.net.index(victim)
        self.net.kill(victim)
        self.net.wipe(victim)
        wiped_at = max(self.net.height(place) for place in self.net.others(victim))
        self.net.start(victim)
        said = self.recovered()
        self.says(victim, 1, "the journal of its votes is lost")
        # It has everything, from the first block on.
        self.net.nothing_lost([victim], self.load.taken(), receipts=False)
        for height in range(wiped_at + 2, self.net.height(victim) + 1):
            block = self.net.clients[victim].json(f"/api/v1/blocks/{height}")
            if index in block["signers"] or block["proposer"] == index:
                raise Failure(f"validator {index} lost its journal and voted for block {height}: {block}")
        # Without its vote the others are a quorum only together.
        missing = self.random.sample(self.net.others(victim), self.net.faulty)
        self.net.kill(*missing)
        rest = self.net.others(*missing)
        self.load.standstill(rest, PART_SECONDS)
        self.net.start(*missing)
        return f"node {victim + 1}, {said}; without {[m + 1 for m in missing]} nothing; then {self.recovered()}"

    def at_the_end_all_stop_well_and_verify(self) -> str:
        self.load.stop()
        acknowledged = self.load.taken()
        self.net.nothing_lost(self.all, acknowledged, receipts=False)
        self.net.reach(self.all, max(self.net.height(place) for place in self.all), PROGRESS_SECONDS)
        self.net.no_fork(self.all)
        if self.load.refused:
            raise Failure(f"refused under load: {rules(self.load.refused)}")
        self.net.stop()
        for place, node in enumerate(self.net.nodes):
            done = run("provnode", "verify", "--home", node.home, "--json")
            if done.returncode:
                raise Failure(f"verify of node {place + 1}: {done.stdout}{done.stderr}")
        self.figures = {"validators": len(self.net), "blocks": self.net.agreed, "acknowledged": len(acknowledged),
                        "asked elsewhere": self.load.turned}
        return f"{json.dumps(self.figures)}"


FAULTS = [
    Scenario.killed_are_as_many_as_may_fail, Scenario.killed_are_all_at_once, Scenario.killed_is_one_again_and_again,
    Scenario.parted_are_two_halves, Scenario.cut_off_is_one, Scenario.silent_is_one_for_longer_than_a_connection_holds,
    Scenario.full_is_the_disk_of_one, Scenario.false_is_the_clock_of_one, Scenario.wiped_is_the_home_of_one,
    Scenario.at_the_end_all_stop_well_and_verify,
]


def round_of(validators: int, disk: pathlib.Path | None, options, seed: int) -> tuple[int, int]:
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="provchain-faults-") as temporary:
        folder = (options.keep / str(seed) if options.keep else pathlib.Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        scenario = Scenario(folder, disk, validators, seed)
        try:
            scenario.prepare()
            for fault in FAULTS:
                name = fault.__name__.replace("_", " ")
                if options.only and options.only not in fault.__name__:
                    continue
                started = time.monotonic()
                try:
                    said = fault(scenario)
                    passed += 1
                    print(f"ok      {validators} validators, {name}, {time.monotonic() - started:.0f} s: {said}",
                          flush=True)
                except (Failure, TimeoutError, RuntimeError, ValueError, Unreachable, Problem):
                    failed += 1
                    print(f"FAILED  {validators} validators, {name} (--seed {seed})\n{traceback.format_exc()}\n"
                          f"{scenario.net.tails(30)}", flush=True)
                    # What follows would only say the same again.
                    break
        finally:
            scenario.net.close()
    return passed, failed


def rounds(disk: pathlib.Path | None, options) -> int:
    passed = failed = 0
    started, longest, number = time.monotonic(), 0.0, 0
    while not failed:
        validators = options.validators or SIZES[number % len(SIZES)]
        begun = time.monotonic()
        # Seven take about twice as long as four.
        likely = longest * (2 if validators > SIZES[0] and number == 1 else 1)
        if number and begun + likely > started + options.seconds_budget:
            break
        good, bad = round_of(validators, disk, options, options.seed + number)
        passed, failed = passed + good, failed + bad
        longest = max(longest, time.monotonic() - begun)
        number += 1
    print(f"{number} rounds in {time.monotonic() - started:.0f} s, seed {options.seed}, "
          f"load {os.getloadavg()[0]:.1f}\n{passed} passed, {failed} failed")
    return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds-budget", type=float, default=180)
    parser.add_argument("--validators", type=int, choices=SIZES, help="only so many; in turn if absent")
    parser.add_argument("--seed", type=int, default=1, help="chooses the victims and the moments")
    parser.add_argument("--only", help="only the faults whose name contains this")
    parser.add_argument("--keep", type=pathlib.Path, help="work in this folder and leave it")
    parser.add_argument("--disk", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.disk:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", options.disk], check=True)
        return rounds(options.disk, options)
    command = ["unshare", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*command, "true"], capture_output=True).returncode:
        return rounds(None, options)
    with tempfile.TemporaryDirectory() as folder:
        # The mount goes away with the namespace, whatever happens.
        return subprocess.run([*command, sys.executable, __file__, *sys.argv[1:], "--disk", folder]).returncode


if __name__ == "__main__":
    sys.exit(main())

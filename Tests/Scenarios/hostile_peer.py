#!/usr/bin/env python3
"""One of four validators is in bad hands: the other three take a steady load meanwhile, and bear it.

First undisturbed, with all four; then with the fourth away; then with somebody who has its keys, completes the
handshake with each of the three, and does its worst, one attack after the other (hostile_attacks.py), each after as
long a time undisturbed, with the fourth away: what else the machine does falls on both. During each of them the same
rate of registrations goes to the three nodes, and every latency counts from the moment at which its statement was
due.

Demanded: statements become final through each of the three during every attack and after it, there is one block at
each height, and during no attack a node takes more than 64 MiB beyond the most it took before. Printed, as JSON: that
and the latencies, which depend on what else the machine does.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import cbor2
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from consortium import Consortium, Creator, Failure, Load
from hostile_attacks import ATTACKS, ENDS_THE_TALK
from node import run
from soak import Load as SteadyLoad
from soak import percentile, usage
from wire import Client, Party, Problem, Unreachable

HONEST, HOSTILE = [0, 1, 2], 3
MEMORY_MIB = 64
PROGRESS_SECONDS = 90
FORGED = 1_000
DRAIN_SECONDS = 60


class PatientLoad(SteadyLoad):
    """A statement whose answer did not come is sent again, once: connections that were idle for long are closed."""

    def work(self, client: Client, party: Party) -> None:
        while True:
            moment = self.due.get()
            statement, attachments, _ = party.register(os.urandom(64), "A work under a steady load")
            try:
                try:
                    answer = client.submit(statement, attachments)
                except Unreachable:
                    answer = client.submit(statement, attachments)
                if answer["status"] != "final":
                    raise Failure(f"not final in time: {answer}")
                with self.lock:
                    self.latencies.append(1000 * (time.monotonic() - moment))
            except (Failure, Unreachable, Problem) as error:
                with self.lock:
                    self.failures.append(str(error))


class Rate:
    """So many registrations a second to the nodes in turn, whatever the answers take."""

    def __init__(self, net: Consortium, creator: Creator, rate: float):
        self.rate = rate
        self.loads = [PatientLoad(net.urls[place], creator.party, threads=24) for place in HONEST]

    def run(self, seconds: float) -> dict:
        begun, sent = time.monotonic(), 0
        while (now := time.monotonic()) < begun + seconds:
            moment = begun + sent / self.rate
            if moment > now:
                time.sleep(min(moment - now, 0.05))
            else:
                self.loads[sent % len(self.loads)].due.put(moment)
                sent += 1
        latencies, failed = [], 0
        deadline = time.monotonic() + DRAIN_SECONDS
        while len(latencies) + failed < sent and time.monotonic() < deadline:
            time.sleep(0.05)
            failed = 0
            for load in self.loads:
                found, failures = load.take()
                latencies += found
                failed += failures
        for load in self.loads:
            with load.lock:
                load.failures.clear()
        latencies.sort()
        return {"sent": sent, "final": len(latencies), "failed": failed,
                "per second": round(len(latencies) / (time.monotonic() - begun), 1),
                "p50 ms": round(percentile(latencies, 0.5), 1), "p99 ms": round(percentile(latencies, 0.99), 1)}


class Memory(threading.Thread):
    """The most that each of the three took, in MiB."""

    def __init__(self, net: Consortium):
        super().__init__(daemon=True)
        self.net, self.most, self.ending = net, [0.0] * len(HONEST), threading.Event()

    def run(self) -> None:
        while not self.ending.wait(0.2):
            for place in HONEST:
                try:
                    self.most[place] = max(self.most[place], usage(self.net.nodes[place].process.pid)[0])
                except (FileNotFoundError, ProcessLookupError, StopIteration):
                    pass

    def take(self) -> list[float]:
        taken, self.most = self.most, [0.0] * len(HONEST)
        return [round(mib) for mib in taken]


class Scenario:
    def __init__(self, folder: pathlib.Path, options):
        self.folder, self.options = folder, options
        self.net = Consortium(folder / "net", 4, linked=False)
        self.borne = 0
        self.ratios: dict[str, list[float]] = {}
        self.excesses: list[str] = []
        self.report: dict = {"rate": options.rate, "phases": {}}

    def phase(self, name: str, seconds: float, attack: str | None = None) -> dict:
        attacker = self.attack(attack, seconds) if attack else None
        self.memory.take()
        row = self.rate.run(seconds)
        if attacker:
            said, _ = attacker.communicate(timeout=60)
            if attacker.returncode:
                raise Failure(f"{attack} ended with {attacker.returncode}: {said}")
            row["attack"] = json.loads(said)
        row["MiB"] = self.memory.take()
        row["load"] = os.getloadavg()[0]
        self.report["phases"][name] = row
        print(f"{name}: {json.dumps(row)}", file=sys.stderr, flush=True)
        return row

    def attack(self, name: str, seconds: float) -> subprocess.Popen:
        command = [sys.executable, str(pathlib.Path(__file__).with_name("hostile_attacks.py")), name, "--home",
                   str(self.net.nodes[HOSTILE].home), "--chain", self.net.description["chain"], "--signer",
                   str(self.signer), "--forged", str(self.folder / "forged"), "--seconds", str(seconds),
                   "--nice", str(self.options.nice)]
        for place in HONEST:
            key = cbor2.loads((self.net.nodes[place].home / "keys" / "identity.key").read_bytes())[6]
            public = X25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()
            command += ["--target", f"{self.net.peers[place]}:{public.hex()}"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def forge(self, creator: Creator) -> None:
        forged = []
        for _ in range(FORGED):
            statement, _ = creator.work()
            forged.append(statement[:-1] + bytes([statement[-1] ^ 1]))
        (self.folder / "forged").write_bytes(cbor2.dumps(forged))

    def expect(self, condition: bool, what: str) -> None:
        if not condition:
            raise Failure(f"{what}\n{json.dumps(self.report)}\n{self.net.tails()}")

    def run(self) -> None:
        self.net.start(*HONEST, HOSTILE)
        creator = Creator(self.net)
        self.forge(creator)
        self.signer = self.net.index(HOSTILE)
        self.rate, self.memory, probes = Rate(self.net, creator, self.options.rate), Memory(self.net), Load(
            self.net, creator, threads=0)
        self.memory.start()
        # The first works make every buffer and cache that stays.
        self.rate.run(3)
        calm = [self.phase("four honest", self.options.calm)]
        self.net.kill(HOSTILE)
        calm.append(self.phase("three, and one away", self.options.calm))
        first = before = [max(row["MiB"][place] for row in calm) for place in HONEST]
        for attack in self.options.attack or ATTACKS:
            ends = attack in ENDS_THE_TALK
            # What it owes after one attack would keep it from the next.
            self.restart_honest()
            before = [0] * len(HONEST)
            for number in range(1 if ends else self.options.rounds):
                before = self.bear(attack, number, before, probes)
            if attack == "contradictions":
                # On a busy machine it may not have come to say anything: it runs at the lowest priority.
                for again in range(1, 4):
                    if any("heard" in row.get("attack", {}) for name, row in self.report["phases"].items()
                           if name.startswith(attack)):
                        break
                    before = self.bear(attack, again, before, probes)
                self.expect_evidence()
            if attack == "lies":
                self.report["back after seconds"] = self.restart_among_lies(probes)
            self.borne += 1
        last = self.phase("three again", self.options.calm)
        self.report["MiB from the first to the last"] = [now - then for now, then in zip(last["MiB"], first)]
        self.net.nothing_lost(HONEST, probes.taken())
        over = {attack: sorted(ratios)[len(ratios) // 2] for attack, ratios in self.ratios.items()}
        self.report["p99 over undisturbed, medians"] = over
        self.report["MiB more at the most"] = max(
            max(row["MiB more"]) for row in self.report["phases"].values() if "MiB more" in row)
        self.expect(not self.excesses, "; ".join(self.excesses))
        if self.options.p99 is not None:
            self.expect(max(over.values()) <= self.options.p99, f"p99 grew more than {self.options.p99} fold: {over}")

    def bear(self, attack: str, number: int, before: list[int], probes: Load) -> list[int]:
        """One attack, after as long a time undisturbed; gives the most memory that each node took so far."""
        name = attack if not number else f"{attack} {number + 1}"
        quiet = self.phase(f"before {name}", self.options.seconds)
        before = [max(now, then) for now, then in zip(quiet["MiB"], before)]
        row = self.phase(name, self.options.seconds, attack)
        ratio = round(row["p99 ms"] / quiet["p99 ms"], 2)
        self.ratios.setdefault(attack, []).append(ratio)
        row["p99 over undisturbed"] = ratio
        self.expect(row["final"] > 0, f"nothing became final during {attack}")
        self.expect(bool(row["attack"].get("connections")), f"{attack} never got through a handshake")
        row["progress seconds"] = round(probes.progress(HONEST, PROGRESS_SECONDS), 1)
        row["MiB more"] = [now - then for now, then in zip(row["MiB"], before)]
        print(f"    p99 {ratio} times, {row['MiB more']} MiB more", file=sys.stderr, flush=True)
        if max(row["MiB more"]) > MEMORY_MIB:
            self.excesses.append(f"{attack}: {row['MiB more']} MiB more than before")
        self.net.no_fork(HONEST)
        return [max(now, then) for now, then in zip(row["MiB"], before)]

    def expect_evidence(self) -> None:
        """Each of the three names who contradicted itself, whoever of them it said it to."""
        for place in HONEST:
            said = run("provnode", "why", "--home", self.net.nodes[place].home).stdout
            self.expect(f"Member {HOSTILE + 1} contradicted itself" in said, f"why of node {place + 1}: {said}")

    def restart_honest(self) -> None:
        """One after the other: so they forget whom they do not talk to and who owes them, and the next attack gets
        through."""
        for place in HONEST:
            self.net.kill(place)
            self.net.start(place)
        self.rate.run(3)

    def restart_among_lies(self, probes: Load) -> float:
        """One that was killed comes back while somebody claims to have every block, and gives none."""
        attacker = self.attack("lies", 600)
        try:
            self.net.kill(HONEST[-1])
            self.net.start(HONEST[-1])
            return round(probes.progress(HONEST, PROGRESS_SECONDS), 1)
        finally:
            attacker.kill()
            attacker.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=200, help="registrations a second, to all three together")
    parser.add_argument("--seconds", type=float, default=6, help="of each attack")
    parser.add_argument("--rounds", type=int, default=1,
                        help="how often each attack is made that does not end the talk; the median of p99 counts")
    parser.add_argument("--calm", type=float, default=10, help="seconds of each of the two undisturbed phases")
    parser.add_argument("--nice", type=int, default=19,
                        help="of the attacker's process: its computing would be done on another machine")
    parser.add_argument("--p99", type=float, help="fail if an attack multiplies p99 by more than this; quiet machine")
    parser.add_argument("--attack", action="append", choices=ATTACKS, help="only this one; may be repeated")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="provchain-hostile-") as folder:
        scenario = Scenario(pathlib.Path(folder), options)
        try:
            scenario.run()
        except (Failure, TimeoutError, RuntimeError):
            traceback.print_exc()
            failed = 1
        finally:
            scenario.net.close()
    print(json.dumps(scenario.report, indent=1))
    print(f"{scenario.borne} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Several organisations found a chain without sharing a secret, and it runs; what is wrong with a file is found.

Prints one line per test and, last, "N passed, N failed".
"""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import cbor2

from node import Node, run, until
from scenario import run_steps
from testnet import get

ORIGIN = "museums.example/log"
MEMBERS = ["City Museum", "State \"Archive\" \\ North", "博物馆", "Fund"]


class Scenario:
    """The tests run in the order in which they stand here; later ones use what earlier ones made."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.nodes: list[Node] = []
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("PROV_")}
        self.environment |= {"PROV_HOME": str(folder / "cli"), "LC_ALL": "C.UTF-8"}

    def close(self) -> None:
        for node in self.nodes:
            if node.process:
                node.stop()

    def expect(self, code: int, *arguments, program: str = "provnode", **variables) -> subprocess.CompletedProcess:
        done = run(program, *arguments, env=self.environment | variables, cwd=self.folder,
                   stdin=subprocess.DEVNULL, timeout=180)
        if done.returncode != code:
            raise AssertionError(f"{arguments}: exit code {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
        return done

    def refused(self, code: int, words: str, *arguments, **variables) -> None:
        said = self.expect(code, *arguments, **variables).stderr
        if words not in said:
            raise AssertionError(f"{arguments}: expected \"{words}\", found: {said}")

    def home(self, place: int) -> pathlib.Path:
        return self.folder / f"home{place}"

    def application(self, place: int) -> pathlib.Path:
        return self.folder / f"{place}.application"

    def apply(self, place: int, member: str, origin: str = ORIGIN, home: pathlib.Path | None = None,
              out: pathlib.Path | None = None) -> dict:
        done = self.expect(0, "apply", "--home", home or self.home(place), "--member", member, "--origin", origin,
                           "--out", out or self.application(place), "--port", "0", "--unencrypted-keys", "--json")
        return json.loads(done.stdout)

    def found(self, *extra, applications=None, out: str = "genesis.cbor", key=None) -> list:
        files = applications or [self.application(place) for place in range(len(MEMBERS))]
        return ["found", "--applications", *files, "--key", key or self.home(1) / "keys/registrar.key", "--out", out,
                *extra]

    def test_each_member_makes_its_keys_and_an_application_without_secrets(self):
        for place, member in enumerate(MEMBERS):
            answer = self.apply(place, member)
            content = self.application(place).read_bytes()
            if hashlib.sha256(content).hexdigest() != answer["sha256"]:
                raise AssertionError("the hash that was printed is not the application's")
            version, origin, name = cbor2.loads(content)[:3]
            if (version, origin, name) != (1, ORIGIN, member):
                raise AssertionError(f"the application says {version}, {origin}, {name}")
            for key in (self.home(place) / "keys").iterdir():
                if cbor2.loads(key.read_bytes())[6] in content:
                    raise AssertionError(f"the secret of {key.name} is in the application")
                if key.stat().st_mode & 0o077:
                    raise AssertionError(f"{key} can be read by others")

    def test_what_cannot_be_applied_for_is_refused(self):
        self.refused(65, "exists already", "apply", "--home", self.home(0), "--member", "X", "--origin", ORIGIN)
        self.refused(64, "--origin", "apply", "--home", "x", "--member", "X", "--origin", "a b")
        self.refused(64, "--member", "apply", "--home", "x", "--member", "x" * 201, "--origin", ORIGIN)
        self.refused(64, "PROV_PASSPHRASE", "apply", "--home", "x", "--member", "X", "--origin", ORIGIN)

    def test_applications_that_do_not_fit_together_found_nothing(self):
        self.apply(9, "Elsewhere", origin="elsewhere.example/log")
        self.apply(8, MEMBERS[0])
        fine = [self.application(place) for place in range(3)]
        for words, files in [
            ("elsewhere.example/log", [*fine, self.application(9)]),
            ("two members are called \"City Museum\"", [*fine, self.application(8)]),
            ("two members are called", [*fine, fine[0]]),
            ("does not exist", [*fine, self.folder / "nothing"]),
        ]:
            self.refused(65, words, *self.found(applications=files, out="never.cbor"))
        self.refused(65, "not the registrar's key of one of these", *self.found(
            out="never.cbor", key=self.home(8) / "keys/registrar.key"))
        self.refused(64, "--applications", "found", "--key", "k", "--out", "never.cbor")
        if (self.folder / "never.cbor").exists():
            raise AssertionError("a genesis was written")

    def test_a_changed_application_is_refused(self):
        content = self.application(2).read_bytes()
        items = cbor2.loads(content)
        stranger = cbor2.loads(self.application(8).read_bytes())
        changed = self.folder / "changed.application"

        def refuse(words: str, data: bytes) -> None:
            changed.write_bytes(data)
            self.refused(65, words, *self.found(applications=[self.application(1), changed], out="never.cbor"))

        # Its transport key exchanged, which cannot prove itself.
        refuse("its account's signature does not verify", cbor2.dumps([*items[:3], stranger[3], *items[4:]]))
        # Its vote key exchanged, its name, its signature, its last byte; cut; not an application.
        refuse("no valid proof of possession", cbor2.dumps([*items[:4], stranger[4], *items[5:]]))
        refuse("no valid proof of possession", cbor2.dumps([*items[:2], "Somebody else", *items[3:]]))
        refuse("its account's signature does not verify", cbor2.dumps([*items[:8], stranger[8]]))
        refuse("", content[:-1] + bytes([content[-1] ^ 1]))
        refuse("", content[:-1])
        refuse("", content + b"\x00")
        refuse("", b"")
        refuse("", (self.home(2) / "keys/vote.key").read_bytes())

    def test_the_founder_makes_the_genesis_and_each_member_takes_it_home(self):
        founded = json.loads(self.expect(0, *self.found("--json")).stdout)
        if founded["members"] != MEMBERS or founded["faultsWithstood"] != 1:
            raise AssertionError(founded)
        if hashlib.sha256((self.folder / "genesis.cbor").read_bytes()).hexdigest() != founded["sha256"]:
            raise AssertionError("the hash that was printed is not the genesis file's")
        self.refused(65, "exists already", *self.found())
        for place in range(len(MEMBERS)):
            joined = json.loads(self.expect(
                0, "join", "--home", self.home(place), "--genesis", "genesis.cbor", "--json").stdout)
            if (joined["chain"], joined["sha256"]) != (founded["chain"], founded["sha256"]):
                raise AssertionError(f"{joined} is not {founded}")
        self.chain = founded["chain"]

    def test_a_home_that_is_no_validator_of_the_genesis_or_has_one_is_refused(self):
        self.refused(65, "is not the key of a validator of this genesis",
                     "join", "--home", self.home(8), "--genesis", "genesis.cbor")
        self.refused(65, "exists already", "join", "--home", self.home(0), "--genesis", "genesis.cbor")
        self.refused(65, "", "join", "--home", self.home(8), "--genesis", self.application(8))
        self.refused(65, "make the home's keys", "join", "--home", "nowhere", "--genesis", "genesis.cbor")

    def test_the_chain_runs(self):
        # Each one knows only the ones before it, as they listen; one connection between two is enough.
        for place, member in enumerate(MEMBERS):
            node = Node(self.home(place))
            self.nodes.append(node)
        ports = json.loads(self.expect(0, "testnet", "init", "--home", "ports", "--port", "0", "--json").stdout)
        peers = {member: each["peer"] for member, each in zip(MEMBERS, ports["nodes"])}
        for place, node in enumerate(self.nodes):
            known = {member: peers[member] for member in MEMBERS[:place]}
            table = "{" + ", ".join(f"{json.dumps(name)} = {json.dumps(peer)}" for name, peer in known.items()) + "}"
            node.start(PROV_PEERS=table, PROV_PEER_PORT=peers[MEMBERS[place]].rsplit(":", 1)[1])
        urls = [node.ready() for node in self.nodes]
        # The last member's registrar enrols somebody.
        self.expect(0, "key", "new", "--unencrypted", "--key", "me.key", program="provcli")
        self.expect(0, "party", "apply", "--key", "me.key", "-o", "me.application", "--node", urls[0], program="provcli")
        done = self.expect(0, "party", "enrol", "me.application", "--key", self.home(3) / "keys/registrar.key",
                           "--node", urls[0], "--json", program="provcli")
        height = json.loads(done.stdout)["height"]
        until(lambda: all(get(url + "/api/v1/chain")["height"] >= height for url in urls), 60, "the block everywhere")
        blocks = [get(f"{url}/api/v1/blocks/{height}") for url in urls]
        if len({(block["id"], block["stateRoot"]) for block in blocks}) != 1:
            raise AssertionError(f"they disagree: {blocks}")

    def test_a_name_that_is_no_members_stops_the_start(self):
        self.nodes[0].stop()
        self.refused(65, "\"City museum\", which is not a member of this chain", "run", "--home", self.home(0),
                     PROV_PEERS='{ "City museum" = "a:1" }')
        self.refused(65, "must be like node.museum.example:8421", "run", "--home", self.home(0),
                     PROV_PEERS='{ "Fund" = "a" }')


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="provchain-founding-") as folder:
        scenario = Scenario(pathlib.Path(folder).resolve())
        return run_steps(scenario, close=scenario.close)


if __name__ == "__main__":
    sys.exit(main())

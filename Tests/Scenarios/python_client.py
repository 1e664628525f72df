#!/usr/bin/env python3
"""A client that shares no code with the project: it registers a work over HTTP and checks all it is told.

Prints one line per test and, last, "N passed, N failed".
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import cbor2

from node import Node
from scenario import run_steps
from wire import (Chain, Client, ES256K, EDDSA, Key, Party, Problem, check_checkpoint, check_receipt, leaf_hash, sha256, sign1,
                  statement_id, tree_root)


ROOT = pathlib.Path(__file__).resolve().parents[2]


def equal(found, expected, what: str) -> None:
    if found != expected:
        raise AssertionError(f"{what}: expected {expected!r}, found {found!r}")


def refused(rule: str, status: int, action) -> None:
    try:
        answer = action()
    except Problem as problem:
        equal((problem.status, problem.body.get("rule")), (status, rule), "the refusal")
        if not problem.body.get("detail") or "retry" not in problem.body:
            raise AssertionError(f"the problem document lacks detail or retry: {problem.body}") from None
        return
    raise AssertionError(f"taken, although {rule} forbids it: {answer}")


class Scenario:
    """The tests run in the order in which they stand here; later ones use what earlier ones made."""

    def __init__(self, home: pathlib.Path, url: str):
        self.home = home
        self.url = url
        self.client = Client(url)
        self.chain = Chain(self.client.json("/api/v1/chain"))
        key = Key.load(home / "keys" / "registrar.key")
        self.registrar = Party.of_genesis(key, self.chain.identifier, self.chain.origin)
        self.creator = Party.new(Key.random(EDDSA), self.chain.identifier)
        self.buyer = Party.new(Key.random(ES256K), self.chain.identifier)
        self.content = os.urandom(5_000)

    def test_the_genesis_has_the_chain_in_its_opening_statement(self):
        genesis, opening = cbor2.loads(self.client.get("/api/v1/genesis"))
        claims = cbor2.loads(cbor2.loads(opening).value[0])[15]
        equal(claims[3], f"urn:provchain:chain:{self.chain.identifier.hex()}", "the audience")
        equal(sha256(cbor2.dumps(["provchain/chain/1", genesis])), self.chain.identifier, "the chain id")

    def test_a_stranger_cannot_write(self):
        statement, attachments, _ = self.creator.register(self.content, "Too early")
        refused("signature.unknown-party", 422, lambda: self.client.submit(statement, attachments))

    def test_the_registrar_enrols_ed25519_and_secp256k1(self):
        for party in (self.creator, self.buyer):
            answer = self.client.submit(self.registrar.enrol(party))
            equal((answer["status"], answer["party"]), ("final", party.urn), "the enrolment")

    def test_nobody_else_enrols(self):
        stranger = Party.new(Key.random(), self.chain.identifier)
        refused("party.not-a-registrar", 422, lambda: self.client.submit(self.creator.enrol(stranger)))

    def test_a_work_is_registered_under_the_name_that_the_client_computed(self):
        self.statement, self.attachments, self.work = self.creator.register(self.content, "A work made in Python")
        self.answer = self.client.submit(self.statement, self.attachments)
        equal(self.answer["status"], "final", "status")
        equal(self.answer["work"], self.work, "work")
        equal(self.answer["statement"], statement_id(self.statement).hex(), "statement")
        equal(self.answer["leafHash"], leaf_hash(self.statement).hex(), "leafHash")
        equal(self.answer["contestedWith"], [], "contestedWith")

    def test_sending_it_again_changes_nothing(self):
        equal(self.client.submit(self.statement, self.attachments), self.answer, "the second answer")

    def test_asking_for_it_gives_the_same_answer(self):
        found = self.client.json(f"/api/v1/statements/{self.answer['statement']}")
        for name in ("leafIndex", "height", "position", "time"):
            equal(found[name], self.answer[name], name)

    def test_another_signature_over_the_same_content_is_not_another_statement(self):
        """ECDSA draws a random number, so one content has many good signatures."""
        first, attachments, _ = self.buyer.register(os.urandom(100), "Signed twice")
        protected, _, payload, _ = cbor2.loads(first).value
        second = sign1(protected, payload, self.buyer.key)
        if first == second:
            raise AssertionError("the two signatures are equal")
        answer = self.client.submit(first, attachments)
        equal(self.client.submit(second, attachments)["leafIndex"], answer["leafIndex"], "the leaf index")
        equal(self.client.get(f"/api/v1/statements/{answer['statement']}/raw"), first, "the bytes in the log")

    def test_the_bytes_come_back(self):
        equal(self.client.get(f"/api/v1/statements/{self.answer['statement']}/raw"), self.statement, "the statement")
        for attachment in self.attachments:
            equal(self.client.get(f"/api/v1/attachments/{sha256(attachment).hex()}"), attachment, "an attachment")

    def test_the_receipt_verifies(self):
        receipt = self.client.get(f"/api/v1/statements/{self.answer['statement']}/receipt")
        index, _ = check_receipt(receipt, self.statement, self.chain.log_keys)
        equal(index, self.answer["leafIndex"], "the leaf index")

    def test_the_receipt_does_not_verify_for_another_statement(self):
        receipt = self.client.get(f"/api/v1/statements/{self.answer['statement']}/receipt")
        other, _, _ = self.creator.register(b"other", "Another")
        try:
            check_receipt(receipt, other, self.chain.log_keys)
        except ValueError:
            return
        raise AssertionError("a receipt verified for a statement that it is not for")

    def test_the_checkpoint_is_signed_and_the_tiles_give_its_root(self):
        size, root = check_checkpoint(self.client.get("/log/checkpoint"), self.chain.origin, self.chain.log_keys)
        leaves = self.client.leaf_hashes(size)
        equal(tree_root(leaves), root, "the root")
        equal(leaves[self.answer["leafIndex"]], leaf_hash(self.statement), "the leaf")

    def test_the_file_is_found_by_its_hash(self):
        found = self.client.json(f"/api/v1/lookup/{sha256(self.content).hex()}")
        equal([(c["work"], c["party"]) for c in found["claims"]], [(self.work, self.creator.urn)], "the claims")

    def test_an_unknown_file_is_an_empty_answer(self):
        equal(self.client.json(f"/api/v1/lookup/{sha256(b'nobody').hex()}")["claims"], [], "the claims")

    def test_the_same_content_of_another_party_is_contested(self):
        statement, attachments, work = self.buyer.register(self.content, "I made this, too")
        answer = self.client.submit(statement, attachments)
        equal(answer["contestedWith"], [self.work], "contestedWith")
        found = self.client.json(f"/api/v1/lookup/{sha256(self.content).hex()}")
        equal(sorted(c["work"] for c in found["claims"]), sorted([self.work, work]), "the claims")

    def test_the_same_content_twice_is_refused(self):
        statement, attachments, _ = self.creator.register(self.content, "Again")
        refused("work.same-content-already-yours", 422, lambda: self.client.submit(statement, attachments))

    def test_an_expired_statement_is_refused(self):
        statement = self.creator.statement("work.register", self.work, cbor2.loads(
            cbor2.loads(self.statement).value[2]), life=-10)
        refused("statement.expired", 422, lambda: self.client.submit(statement))

    def test_a_statement_for_another_chain_is_refused(self):
        elsewhere = Party(self.creator.identifier, self.creator.key, bytes(32))
        statement, attachments, _ = elsewhere.register(b"elsewhere", "Elsewhere")
        refused("statement.wrong-chain", 422, lambda: self.client.submit(statement, attachments))

    def test_a_broken_signature_is_refused(self):
        statement, attachments, _ = self.creator.register(b"broken", "Broken")
        broken = statement[:-1] + bytes([statement[-1] ^ 1])
        refused("signature.invalid", 422, lambda: self.client.submit(broken, attachments))

    def test_cbor_that_is_not_deterministic_is_refused(self):
        statement, attachments, _ = self.creator.register(b"sloppy", "Sloppy")
        # The tag 18 in two bytes instead of one.
        sloppy = b"\xd8\x12" + statement[1:]
        refused("statement.malformed", 400, lambda: self.client.submit(sloppy, attachments))

    def test_bytes_that_nobody_asked_for_are_not_kept(self):
        statement, attachments, _ = self.creator.register(b"with luggage", "Luggage")
        refused("attachment.invalid", 422, lambda: self.client.submit(statement, [*attachments, b"luggage"]))

    def test_the_history_of_the_work_is_complete(self):
        history = self.client.json(f"/api/v1/records/{self.work}/history")
        equal(history["count"], len(history["events"]), "the number of events")
        equal([event["type"] for event in history["events"]], ["work.register", "work.register"], "the types")

    def test_the_small_client_registers_and_proves_with_provcli(self):
        """Tests/Foreign/client.py, as its own documentation uses it; then our own programs agree with it."""
        client = [sys.executable, str(ROOT / "Tests" / "Foreign" / "client.py"), "--node", self.url]
        provcli = [str(pathlib.Path(os.environ["PROV_BIN"]) / "provcli"), "--node", self.url, "--json"]
        with tempfile.TemporaryDirectory() as folder:
            key, application, model = (str(pathlib.Path(folder) / name) for name in ("key", "application", "model.glb"))
            bundle, genesis = (str(pathlib.Path(folder) / name) for name in ("work.provbundle", "genesis.cbor"))
            pathlib.Path(model).write_bytes(os.urandom(1_000))
            pathlib.Path(genesis).write_bytes(self.client.get("/api/v1/genesis"))
            environment = {**os.environ, "PROV_HOME": folder}

            def call(*command):
                run = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
                equal(run.returncode, 0, f"{command}: {run.stdout}{run.stderr}")
                return json.loads(run.stdout) if run.stdout.strip().startswith("{") else run.stdout

            call(*client, "key", key)
            call(*client, "application", key, application)
            call(provcli[0], "party", "enrol", application, "--key", str(self.home / "keys" / "registrar.key"), *provcli[1:])
            work = call(*client, "register", key, "From the small client", model)["work"]
            call(provcli[0], "prove", work, "-o", bundle, "--genesis", genesis, *provcli[1:])
            report = call(provcli[0], "check", bundle, "--file", model, "--genesis", genesis, "--json")
            equal(report["verified"], True, "the bundle of a work that the small client registered")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="provchain-client-") as folder:
        node = Node.create(pathlib.Path(folder) / "node")
        node.start()
        return run_steps(Scenario(node.home, node.ready()), close=node.stop, tail=node.tail)


if __name__ == "__main__":
    sys.exit(main())

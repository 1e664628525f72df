#!/usr/bin/env python3
"""What somebody types who has just met ProvChain, right and wrong, and how the programs answer.

Each test runs the real programs and looks at exit code, output and the absence of a crash. Exit codes:
0 done, 1 the honest answer is no, 64 wrong usage, 65 bad input, 69 unreachable, 77 refused by the rules.
Prints one line per test and, last, "N passed, N failed".
"""

import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

from node import ROOT, Node, binary, run
from scenario import run_steps

DONE, NO, USAGE, BAD_DATA, UNREACHABLE, TRY_AGAIN, REFUSED = 0, 1, 64, 65, 69, 75, 77
NOWHERE = "http://127.0.0.1:9"
UNKNOWN = "0" * 63 + "1"
CRASHES = ("Fatal error", "Thread 0 crashed", "Swift runtime failure", "Precondition failed")


def chinese(text: str) -> bool:
    return re.search("[\u4e00-\u9fff]", text) is not None


class Newcomer:
    """The tests run in the order in which they stand here; later ones use what earlier ones made."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.node = Node.create(folder / "node")
        self.node.start()
        self.url = self.node.ready()
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("PROV_")}
        self.environment |= {"PROV_HOME": str(folder / "home"), "PROV_NODE": self.url, "LC_ALL": "C.UTF-8"}

    # What the tests are made of

    def close(self) -> None:
        if self.node.process:
            self.node.kill()

    def expect(self, code: int | tuple, program: str, *arguments, **variables) -> subprocess.CompletedProcess:
        """Runs a program and demands its exit code. A variable that is None is taken out."""
        environment = {k: str(v) for k, v in (self.environment | variables).items() if v is not None}
        done = run(program, *arguments, env=environment, cwd=self.folder, stdin=subprocess.DEVNULL, timeout=180)
        shown = f"{program} {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}"
        wanted = code if isinstance(code, tuple) else (code,)
        if done.returncode not in wanted:
            raise AssertionError(f"exit code {done.returncode} instead of {code}: {shown}")
        if any(sign in shown for sign in CRASHES):
            raise AssertionError(f"a crash: {shown}")
        if done.returncode and not (done.stderr.strip() or done.stdout.strip()):
            raise AssertionError(f"failed without a word: {shown}")
        return done

    def cli(self, code: int | tuple, *arguments, **variables) -> subprocess.CompletedProcess:
        return self.expect(code, "provcli", *arguments, **variables)

    def json(self, *arguments, code: int = DONE, **variables) -> dict:
        """Runs provcli with --json: standard output must be exactly one document."""
        done = self.cli(code, *arguments, "--json", **variables)
        try:
            return json.loads(done.stdout)
        except ValueError as error:
            raise AssertionError(f"{arguments}: not one JSON document ({error}):\n{done.stdout}") from None

    def require(self, condition, what: str) -> None:
        if not condition:
            raise AssertionError(what)

    def party(self, name: str) -> str:
        self.cli(DONE, "key", "new", "--unencrypted", "--key", f"{name}.key")
        self.cli(DONE, "party", "apply", "--key", f"{name}.key", "-o", f"{name}.application")
        answer = self.json("party", "enrol", f"{name}.application", "--key", self.node.home / "keys/registrar.key")
        return answer["party"]

    def commands(self, program: str, *path: str) -> list[str]:
        """The subcommands that a program's help lists."""
        text = self.expect(DONE, program, *path, "--help").stdout
        _, _, listed = text.partition("SUBCOMMANDS:")
        return [name for name in re.findall(r"^  ([a-z][a-z-]*)(?= |$)", listed, re.MULTILINE) if name != "help"]

    # Asking for help

    def test_every_command_has_help_with_an_example(self):
        without, seen = [], 0
        for program in ("provcli", "provnode"):
            ways = [(name,) for name in self.commands(program)]
            self.require(ways, f"{program} --help lists no commands")
            while ways:
                way = ways.pop()
                seen += 1
                inner = self.commands(program, *way)
                ways += [(*way, name) for name in inner]
                text = self.expect(DONE, program, *way, "--help").stdout
                if not inner and text.count(f"{program} {' '.join(way)}") < 2:
                    without.append(f"{program} {' '.join(way)}")
        self.require(seen > 15, f"only {seen} commands found")
        self.require(not without, f"no example in the help of: {', '.join(without)}")

    def test_no_command_at_all_shows_help(self):
        for program in ("provcli", "provnode"):
            done = self.expect((DONE, USAGE), program)
            self.require("USAGE" in done.stdout + done.stderr, f"{program} alone shows no usage")

    def test_the_benchmarks_run_and_print_their_figures(self):
        # Small, and nothing is said about speed: only that the figures come.
        for arguments in (
            ("verify", "--count", "100", "--runs", "1"),
            ("execute", "--preload", "50", "--blocks", "1"),
            ("proofs", "--preload", "1000", "--count", "100", "--runs", "1"),
        ):
            report = json.loads(self.expect(DONE, "provnode", "bench", *arguments, "--json").stdout)
            self.require(report["bench"] == arguments[0], f"the report is of {report['bench']}")
            self.require(all(result["median"] > 0 for result in report["results"]), f"a figure of nothing: {report}")

    def test_the_version_is_printed(self):
        for program in ("provcli", "provnode"):
            self.require(re.search(r"\d+\.\d+", self.expect(DONE, program, "--version").stdout), "no version")

    def test_a_wrong_flag_is_wrong_usage(self):
        self.cli(USAGE, "show", "--frobnicate")
        self.cli(USAGE, "frobnicate")
        self.expect(USAGE, "provnode", "run", "--frobnicate")

    def test_a_missing_argument_is_wrong_usage(self):
        self.cli(USAGE, "show")
        self.cli(USAGE, "register")

    def test_no_node_named_is_wrong_usage(self):
        self.cli(USAGE, "show", f"urn:provchain:work:{UNKNOWN}", PROV_NODE=None)

    def test_text_that_is_not_utf8_is_wrong_usage(self):
        # As bytes, because a text of Python cannot hold it.
        done = subprocess.run(
            [binary("provcli"), "register", "any.glb", "--title", b"\xff\xfe", "--json"],
            capture_output=True, cwd=self.folder, stdin=subprocess.DEVNULL, timeout=60)
        self.require(done.returncode == USAGE, f"exit code {done.returncode}: {done.stdout + done.stderr}")
        self.require("error" in json.loads(done.stdout), "not an error document")

    def test_nothing_but_a_regular_file_is_replaced(self):
        self.cli(DONE, "key", "new", "--unencrypted", "--key", "writer.key")
        apply = ("party", "apply", "--key", "writer.key")
        target, link, pipe = (self.folder / name for name in ("target", "link", "pipe"))
        target.write_text("kept")
        link.symlink_to(target)
        os.mkfifo(pipe)
        for path in (link, pipe):
            self.cli(BAD_DATA, *apply, "--force", "-o", path)
        self.require(link.is_symlink() and target.read_text() == "kept" and pipe.is_fifo(), "a name was taken over")
        self.cli(USAGE, *apply, "-o", "-")
        self.cli(DONE, *apply, "-o", target, "--force")
        self.require(target.read_bytes() != b"kept", "--force did not replace")

    # Keys

    def test_a_key_is_made_and_shown(self):
        made = self.json("key", "new", "--unencrypted", "--key", "first.key")
        self.require({"kid", "did", "alg", "path"} <= made.keys(), f"fields missing: {made}")
        mode = (self.folder / "first.key").stat().st_mode & 0o777
        self.require(mode == 0o600, f"the key file has mode {mode:o}")
        self.require(self.json("key", "show", "--key", "first.key")["kid"] == made["kid"], "another key is shown")

    def test_a_key_is_never_overwritten_by_accident(self):
        before = (self.folder / "first.key").read_bytes()
        self.cli(BAD_DATA, "key", "new", "--unencrypted", "--key", "first.key")
        self.require((self.folder / "first.key").read_bytes() == before, "the key was overwritten")

    def test_a_wrong_passphrase_is_bad_input(self):
        self.cli(DONE, "key", "new", "--key", "sealed.key", PROV_PASSPHRASE="correct horse")
        self.cli(BAD_DATA, "party", "apply", "--key", "sealed.key", "-o", "sealed.application",
                 PROV_PASSPHRASE="wrong horse")
        self.cli(DONE, "party", "apply", "--key", "sealed.key", "-o", "sealed.application",
                 PROV_PASSPHRASE="correct horse")

    def test_no_passphrase_and_no_terminal_does_not_hang(self):
        self.cli(USAGE, "party", "apply", "--key", "sealed.key", "-o", "never.application")

    def test_a_damaged_key_file_is_bad_input(self):
        content = bytearray((self.folder / "first.key").read_bytes())
        for name, damaged in {"cut": content[:-3], "empty": b"", "bit": content[:-1] + bytes([content[-1] ^ 1]),
                              "text": b"my key\n"}.items():
            (self.folder / f"{name}.key").write_bytes(damaged)
            self.cli(BAD_DATA, "party", "apply", "--key", f"{name}.key", "-o", "never.application")

    def test_a_missing_key_is_bad_input(self):
        self.cli(BAD_DATA, "party", "apply", "--key", "nothing.key", "-o", "never.application")

    # Registering

    def test_parties_are_enrolled(self):
        self.creator, self.buyer = self.party("creator"), self.party("buyer")

    def test_enrolling_twice_is_refused(self):
        self.cli(REFUSED, "party", "enrol", "creator.application", "--key", self.node.home / "keys/registrar.key")

    def test_enrolling_without_being_registrar_is_refused(self):
        self.cli(DONE, "key", "new", "--unencrypted", "--key", "third.key")
        self.cli(DONE, "party", "apply", "--key", "third.key", "-o", "third.application")
        self.cli(REFUSED, "party", "enrol", "third.application", "--key", "creator.key")

    def test_a_damaged_application_is_bad_input_or_refused(self):
        content = bytearray((self.folder / "third.application").read_bytes())
        content[-1] ^= 1
        (self.folder / "bad.application").write_bytes(content)
        self.cli((BAD_DATA, REFUSED), "party", "enrol", "bad.application", "--key",
                 self.node.home / "keys/registrar.key")
        (self.folder / "no.application").write_bytes(b"")
        self.cli(BAD_DATA, "party", "enrol", "no.application", "--key", self.node.home / "keys/registrar.key")

    def test_a_missing_file_is_bad_input(self):
        self.cli(BAD_DATA, "register", "nothing.glb", "--title", "Nothing", "--key", "creator.key")
        self.cli(BAD_DATA, "lookup", "nothing.glb")

    def test_an_empty_file_is_bad_input(self):
        (self.folder / "empty.glb").write_bytes(b"")
        self.cli(BAD_DATA, "register", "empty.glb", "--title", "Empty", "--key", "creator.key")

    def test_a_stranger_cannot_register(self):
        self.sample("stranger.glb", 3)
        self.cli(REFUSED, "register", "stranger.glb", "--title", "Mine", "--key", "third.key")

    def sample(self, name: str, size: float) -> pathlib.Path:
        subprocess.run([ROOT / "scripts" / "sample-model", self.folder / name, str(size)], check=True)
        return self.folder / name

    def test_a_work_is_registered(self):
        self.sample("model.glb", 1)
        answer = self.json("register", "model.glb", "--title", "八面体 Octahedron", "--author", "A. Creator",
                           "--key", "creator.key")
        wanted = {"statement", "work", "version", "manifestRoot", "height", "leafIndex", "time", "contestedWith"}
        self.require(wanted <= answer.keys(), f"fields missing: {wanted - answer.keys()}")
        self.registration, self.work = answer, answer["work"]

    def test_registering_the_same_twice_is_refused(self):
        self.cli(REFUSED, "register", "model.glb", "--title", "Again", "--key", "creator.key")

    def test_registering_what_another_claims_is_contested_and_said(self):
        answer = self.json("register", "model.glb", "--title", "Mine", "--key", "buyer.key")
        self.require(answer["contestedWith"] == [self.work], f"contestedWith is {answer['contestedWith']}")

    def test_a_statement_signed_offline_is_submitted_once(self):
        self.sample("offline.glb", 2)
        chain = json.loads((self.node.home / "node.json").read_text())["chain"]
        self.cli(DONE, "register", "offline.glb", "--title", "Offline", "--key", "creator.key", "--offline",
                 "--chain", chain, "--party", self.creator, "-o", "offline.statement", PROV_NODE=None)
        self.cli(NO, "lookup", "offline.glb")
        first = self.json("submit", "offline.statement")
        self.require(self.json("submit", "offline.statement")["leafIndex"] == first["leafIndex"], "applied twice")

    # Looking

    def test_a_record_is_shown_for_people_and_for_programs(self):
        self.require("八面体 Octahedron" in self.cli(DONE, "show", self.work).stdout, "no title")
        self.json("show", self.work)
        self.json("show", self.creator)

    def test_history_comes_with_its_proof(self):
        history = self.json("history", self.work)
        self.require(history["complete"] is True and len(history["events"]) == 2, f"{history}")

    def test_a_day_that_no_calendar_has_is_wrong_usage(self):
        self.cli(USAGE, "history", self.work, "--as-of", "2026-02-31")
        self.cli(DONE, "history", self.work, "--as-of", "2024-02-29")

    def test_a_file_is_looked_up(self):
        self.require(self.work in self.cli(DONE, "lookup", "model.glb").stdout, "the work is not named")
        self.json("lookup", "model.glb")

    def test_a_file_that_nobody_claims_is_an_honest_no(self):
        self.sample("unclaimed.glb", 9)
        self.cli(NO, "lookup", "unclaimed.glb")

    def test_a_compressed_model_counts_by_its_bytes_and_everything_says_so(self):
        vectors = json.loads((ROOT / "Tests/Foreign/assets/vectors/compressed.json").read_text())["cases"]
        for case in (case for case in vectors if case["extension"] and not case["beside"]):
            (self.folder / "knot.glb").write_bytes(base64.b64decode(case["glb"]))
            shown = self.json("fingerprint", "knot.glb")
            reasons = shown["structureReasons"]
            self.require((shown["structure"], reasons[:1]) == ("not-verified", [case["extension"]]),
                         f"{case['name']}: {shown}")
            wanted = {"path": "knot.glb", "structure": "not-verified", "reasons": reasons, "components": 0}
            self.require([leaf["type"] for leaf in shown["components"]] == ["FILE"], f"{case['name']}: {shown}")
            preview = self.json("register", "knot.glb", "--title", "Knot", "--dry-run")
            self.require(preview["models"] == [wanted] and preview["prints"] == 0, f"{case['name']}: {preview}")
            found = self.json("lookup", "knot.glb", code=NO)
            self.require(found["models"] == [wanted], f"{case['name']}: {found}")
            for command in (["fingerprint"], ["lookup"], ["register", "--title", "Knot", "--dry-run"]):
                done = self.cli((DONE, NO), *command, "knot.glb")
                self.require(case["extension"] in done.stderr and "by its bytes only" in done.stderr, done.stderr)

    def test_a_bad_urn_is_wrong_usage(self):
        for text in ("urn:provchain:work:123", "nonsense", f"urn:provchain:work:{UNKNOWN.upper()}x", ""):
            self.cli((USAGE, BAD_DATA), "show", text)

    def test_an_unknown_record_is_an_honest_no(self):
        self.cli(NO, "show", f"urn:provchain:work:{UNKNOWN}")
        self.cli(NO, "history", f"urn:provchain:work:{UNKNOWN}")
        self.cli(NO, "receipt", UNKNOWN, "-o", "never.receipt")

    def test_that_there_is_no_record_can_be_proven(self):
        self.cli(DONE, "prove", f"urn:provchain:work:{UNKNOWN}", "-o", "absent.provbundle", "--genesis",
                 self.node.home / "genesis.cbor")
        self.cli(DONE, "check", "absent.provbundle", "--genesis", self.node.home / "genesis.cbor")

    def test_an_unreachable_node_is_said(self):
        self.cli(UNREACHABLE, "show", self.work, "--node", NOWHERE)
        self.cli(UNREACHABLE, "lookup", "model.glb", "--node", NOWHERE)

    def test_an_address_that_is_none_is_wrong_usage(self):
        self.cli((USAGE, UNREACHABLE), "show", self.work, "--node", "not an address")
        for address in ("http://", "http://127.0.0.1:99999", "http://127.0.0.1:0", "https://node.example:x"):
            self.cli(USAGE, "show", self.work, "--node", address)

    def test_errors_are_json_where_json_was_asked_for(self):
        answer = self.json("show", f"urn:provchain:work:{UNKNOWN}", code=NO)
        self.require({"rule", "message"} <= answer["error"].keys(), f"{answer}")

    # Chinese

    def test_messages_are_chinese_on_request(self):
        shown = self.cli(DONE, "show", self.work, "--lang", "zh").stdout
        self.require(chinese(shown.replace("八面体", "")), f"no Chinese: {shown}")
        failed = self.cli(NO, "show", f"urn:provchain:work:{UNKNOWN}", "--lang", "zh")
        self.require(chinese(failed.stderr), f"no Chinese: {failed.stderr}")
        refused = self.cli(REFUSED, "register", "model.glb", "--title", "Again", "--key", "creator.key", "--lang", "zh")
        self.require(chinese(refused.stderr), f"no Chinese: {refused.stderr}")

    def test_the_locale_chooses_the_language(self):
        shown = self.cli(DONE, "show", self.work, LC_ALL="zh_CN.UTF-8").stdout
        self.require(chinese(shown.replace("八面体", "")), f"no Chinese: {shown}")

    # Title

    def test_title_passes_by_offer_and_acceptance(self):
        offer = self.json("title", "offer", self.work, "--to", self.buyer, "--share", "100%", "--key", "creator.key")
        self.offer = offer["offer"]
        self.cli(REFUSED, "title", "accept", self.offer, "--key", "creator.key")
        self.json("title", "accept", self.offer, "--key", "buyer.key")

    def test_an_offer_is_accepted_once(self):
        self.cli(REFUSED, "title", "accept", self.offer, "--key", "buyer.key")

    def test_nobody_sells_what_is_not_theirs(self):
        self.cli(REFUSED, "title", "offer", self.work, "--to", self.buyer, "--share", "50%", "--key", "creator.key")

    def test_a_share_above_the_whole_is_wrong_usage(self):
        self.cli((USAGE, BAD_DATA), "title", "offer", self.work, "--to", self.creator, "--share", "101%",
                 "--key", "buyer.key")

    def test_an_offer_open_for_ever_is_wrong_usage(self):
        for days in (0, 367, 2**63 - 1):
            self.cli(USAGE, "title", "offer", self.work, "--to", self.creator, "--share", "1%", "--days", days,
                     "--key", "buyer.key")

    # Proofs

    def test_a_bundle_is_checked_offline(self):
        self.cli(DONE, "prove", self.work, "-o", "work.provbundle", "--genesis", self.node.home / "genesis.cbor")
        answer = self.json("check", "work.provbundle", "--file", "model.glb", "--genesis",
                           self.node.home / "genesis.cbor", PROV_NODE=None)
        self.require(answer["verified"] is True and answer["checks"], f"{answer}")

    def test_a_bundle_does_not_verify_for_another_file(self):
        self.sample("other.glb", 5)
        self.cli(NO, "check", "work.provbundle", "--file", "other.glb", "--genesis", self.node.home / "genesis.cbor")

    def test_a_tampered_bundle_does_not_verify(self):
        content = (self.folder / "work.provbundle").read_bytes()
        codes = set()
        for part in range(1, 40):
            at = len(content) * part // 40
            damaged = bytearray(content)
            damaged[at] ^= 0x10
            (self.folder / "tampered.provbundle").write_bytes(damaged)
            codes.add(self.cli((NO, BAD_DATA), "check", "tampered.provbundle", "--file", "model.glb", "--genesis",
                               self.node.home / "genesis.cbor").returncode)
        self.require(NO in codes, "a changed bundle was always called unreadable")

    def test_a_cut_or_foreign_bundle_is_not_believed(self):
        content = (self.folder / "work.provbundle").read_bytes()
        for damaged in (content[:-1], b"", content + b"\0", (self.folder / "model.glb").read_bytes()):
            (self.folder / "tampered.provbundle").write_bytes(damaged)
            self.cli((NO, BAD_DATA), "check", "tampered.provbundle", "--genesis", self.node.home / "genesis.cbor")

    def test_a_bundle_is_not_believed_under_another_genesis(self):
        other = Node.create(self.folder / "other", origin="other.example/log")
        self.cli((NO, BAD_DATA), "check", "work.provbundle", "--genesis", other.home / "genesis.cbor")

    def test_a_receipt_is_written(self):
        self.cli(DONE, "receipt", self.registration["statement"], "-o", "work.receipt")
        content = (self.folder / "work.receipt").read_bytes()
        self.require(content[:1] == b"\xd2", "not a COSE_Sign1")

    # Running a node

    def test_a_home_is_not_made_twice(self):
        before = (self.node.home / "genesis.cbor").read_bytes()
        self.expect((USAGE, BAD_DATA), "provnode", "init", "--home", self.node.home, "--unencrypted-keys")
        self.require((self.node.home / "genesis.cbor").read_bytes() == before, "the genesis was replaced")

    def test_running_without_a_home_is_bad_input(self):
        self.expect((USAGE, BAD_DATA), "provnode", "run", "--home", self.folder / "nowhere")

    def test_a_port_that_is_none_is_wrong_usage(self):
        self.expect(USAGE, "provnode", "run", "--home", self.node.home, "--port", "99999")

    def test_a_wrong_setting_is_bad_input(self):
        for setting in ({"PROV_PORT": "x"}, {"PROV_LOG_LEVEL": "x"}):
            self.expect(BAD_DATA, "provnode", "run", "--home", self.node.home, **setting)
        self.expect(BAD_DATA, "provnode", "init", "--home", self.folder / "unsealed", PROV_PASSPHRASE_FILE="/dev/null")

    def test_errors_of_the_node_are_json_where_json_was_asked_for(self):
        for command in (("status",), ("verify",), ("init", "--unencrypted-keys")):
            home = self.folder / "first.key" / "inside"
            done = self.expect(BAD_DATA, "provnode", *command, "--home", home, "--json")
            self.require(json.loads(done.stdout)["error"]["message"], f"no message: {done.stdout}")
            self.require("Error Domain" not in done.stderr, f"written for programmers: {done.stderr}")

    def test_the_front_page_is_served(self):
        with urllib.request.urlopen(self.url + "/", timeout=20) as answer:
            self.require(b"<h1>" in answer.read(), "no page")
        self.require(self.node.running, "the node ended")

    def test_a_second_node_on_the_same_home_gives_up(self):
        done = self.expect((BAD_DATA, 70, TRY_AGAIN), "provnode", "run", "--home", self.node.home)
        self.require("lock" in (done.stdout + done.stderr).lower() or "another" in (done.stdout + done.stderr).lower(),
                     f"it does not say why: {done.stdout}{done.stderr}")
        self.json("show", self.work)
        self.require(self.node.address() == self.url, "the second node took the first one's address file away")

    def test_the_status_is_one_json_document(self):
        done = self.expect(DONE, "provnode", "status", "--home", self.node.home, "--json")
        json.loads(done.stdout)

    def test_a_node_stops_cleanly_and_verifies(self):
        self.require(self.node.stop() == 0, f"exit code {self.node.process.returncode}")
        self.require(not (self.node.home / "node.json").exists(), "node.json is left")
        json.loads(self.expect(DONE, "provnode", "verify", "--home", self.node.home, "--json").stdout)

    def test_the_status_of_a_stopped_node_is_said(self):
        self.expect((NO, UNREACHABLE), "provnode", "status", "--home", self.node.home)

    def test_a_configuration_with_a_typing_error_is_named(self):
        home = self.folder / "typo"
        shutil.copytree(self.node.home, home)
        path = home / "provnode.toml"
        path.write_text(path.read_text() + "\nprot = 1\n")
        done = self.expect((USAGE, BAD_DATA), "provnode", "run", "--home", home)
        self.require("prot" in done.stdout + done.stderr, f"it does not name the key: {done.stdout}{done.stderr}")

    def test_a_damaged_byte_in_any_file_of_the_log_is_found_and_named(self):
        files = sorted(path for path in (self.node.home / "log").rglob("*") if path.is_file() and path.stat().st_size)
        self.require(files, f"there is no log under {self.node.home}")
        silent, unnamed = [], []
        for number, path in enumerate(files):
            name = path.relative_to(self.node.home)
            if name.name == "lock":
                continue
            home = self.folder / f"damaged-{number}"
            shutil.copytree(self.node.home, home)
            content = bytearray((home / name).read_bytes())
            content[len(content) // 2] ^= 1
            (home / name).write_bytes(content)
            done = self.expect((DONE, NO, BAD_DATA), "provnode", "verify", "--home", home)
            if done.returncode == DONE:
                silent.append(str(name))
            elif name.name.split(".")[0] not in done.stdout + done.stderr:
                unnamed.append(f"{name}: {done.stdout}{done.stderr}")
            shutil.rmtree(home)
        self.require(not silent, f"damage was not noticed in {silent}")
        self.require(not unnamed, f"damage was not named: {unnamed}")

    def test_a_damaged_attachment_is_found_and_named(self):
        path = next(path for path in sorted((self.node.home / "attachments").rglob("*"))
                    if path.is_file() and path.stat().st_size)
        home = self.folder / "attachment"
        shutil.copytree(self.node.home, home)
        damaged = home / path.relative_to(self.node.home)
        content = bytearray(damaged.read_bytes())
        content[len(content) // 2] ^= 1
        damaged.chmod(0o644)
        damaged.write_bytes(content)
        done = self.expect((NO, BAD_DATA), "provnode", "verify", "--home", home)
        self.require(path.name[:16] in done.stdout + done.stderr, f"not named: {done.stdout}{done.stderr}")

    def test_a_damaged_state_database_never_crashes_a_program(self):
        name = next(path.name for path in self.node.home.glob("state*") if path.suffix in (".sqlite", ".db"))
        size = (self.node.home / name).stat().st_size
        for part in range(0, 16):
            home = self.folder / "database"
            shutil.copytree(self.node.home, home)
            content = bytearray((home / name).read_bytes())
            at = size * part // 16
            content[at:at + 64] = bytes(byte ^ 0x55 for byte in content[at:at + 64])
            (home / name).write_bytes(content)
            self.expect((DONE, NO, BAD_DATA), "provnode", "verify", "--home", home)
            shutil.rmtree(home)

    def test_a_missing_file_of_the_log_is_found(self):
        tile = next(path for path in sorted((self.node.home / "log").rglob("*"))
                    if path.is_file() and "entries" in str(path))
        home = self.folder / "missing"
        shutil.copytree(self.node.home, home)
        (home / tile.relative_to(self.node.home)).unlink()
        self.expect((NO, BAD_DATA), "provnode", "verify", "--home", home)

    def test_a_node_starts_again_where_it_stopped(self):
        self.node.start()
        self.environment["PROV_NODE"] = self.node.ready()
        self.require(self.work in self.cli(DONE, "show", self.work).stdout, "the work is gone")

    def test_an_index_that_was_lost_is_made_again(self):
        self.require(self.node.stop() == 0, "the node did not stop cleanly")
        for path in self.node.home.rglob("index*"):
            path.unlink() if path.is_file() else shutil.rmtree(path)
        self.node.start()
        self.environment["PROV_NODE"] = self.node.ready()
        self.require(self.work in self.cli(DONE, "lookup", "model.glb").stdout, "the work is not found")


def main() -> int:
    binary("provcli"), binary("provnode")
    with tempfile.TemporaryDirectory(prefix="provchain-newcomer-") as folder:
        newcomer = Newcomer(pathlib.Path(folder))
        return run_steps(newcomer, close=newcomer.close, chosen=sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

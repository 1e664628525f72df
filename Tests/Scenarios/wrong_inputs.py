#!/usr/bin/env python3
"""Every kind of wrong input, on every surface, in both languages: docs/errors.md is what was seen.

The rows are in wrong_rows.py: what is wrong, how to make it, which code must come. Each is tried in English and in
Chinese against the built programs and a real node. The exit code or HTTP status and the name of the error are
demanded by the row, the sentences by docs/errors.md, word for word but for paths, hashes and times. No program may
crash, and the node must answer after each row and verify at the end.

    wrong_inputs.py                          fails where anything differs
    wrong_inputs.py --write docs/errors.md   writes what was seen
    wrong_inputs.py passphrase               only the rows with this word

Prints one line per failure and per surface and, last, "N passed, N failed".
"""

import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

from http_api import token
from node import ROOT, Node, binary
from wire import SUBMISSION_TYPE, Chain, Client, Key, Party, cbor, sha256
from wrong_rows import ROWS, SURFACES, UNSHOWN

DOCUMENT = ROOT / "docs" / "errors.md"
CRASHES = ("Fatal error", "crashed", "Swift runtime failure", "Precondition failed", "Stack dump")
ENGLISH_ONLY = "(English only)"
LOCALES = {"en": "C.UTF-8", "zh": "zh_CN.UTF-8"}
AT_A_TIME = 4


class Seen:
    """What a program or the node answered to one try."""

    def __init__(self, code: int | str, rule: str, sentence: str):
        self.code, self.rule, self.sentence = code, rule, sentence


class World:
    """A node with two parties and a work, and a stopped home to damage copies of."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.node = Node.create(folder / "node")
        self.home = self.node.home

    def prepare(self) -> None:
        folder = self.folder
        self.node.start()
        self.url = self.node.ready()
        self.client = Client(self.url)
        self.chain = Chain(self.client.json("/api/v1/chain"))
        self.registrar = Party.of_genesis(
            Key.load(self.home / "keys" / "registrar.key"), self.chain.identifier, self.chain.origin)
        self.creator, self.buyer = self.party(), self.party()
        self.creator.key.save(folder / "creator.key")
        self.content = os.urandom(64)
        statement, attachments, self.work = self.creator.register(self.content, "A work")
        self.registration = self.final(statement, attachments)
        self.attachments = attachments
        self.secret = self.restricted()
        self.run("provcli", "prove", self.work, "-o", folder / "work.provbundle", "--genesis",
                 self.home / "genesis.cbor")
        self.model = folder / "model.obj"
        self.model.write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
        # The access log gets two lines.
        for _ in range(2):
            self.client.request("GET", f"/api/v1/attachments/{self.secret}", headers={
                "Authorization": "Bearer " + token(self.creator, self.url)})
        # Only a killed node leaves a segment of the log; all other copies are made of a home that is at rest.
        self.node.kill()
        self.killed = folder / "killed"
        shutil.copytree(self.home, self.killed)
        self.node.start()
        self.node.ready()
        if self.node.stop() != 0:
            raise SystemExit("the node did not stop cleanly")
        self.base = folder / "base"
        shutil.copytree(self.home, self.base)
        self.run("provnode", "backup", "--home", self.base, "--to", folder / "backup")
        self.other = Node.create(folder / "other", origin="other.example/log").home
        self.sealed = folder / "sealed"
        self.run("provnode", "init", "--home", self.sealed, "--port", "0", PROV_PASSPHRASE="correct horse")
        self.run("provcli", "key", "new", "--key", folder / "sealed.key", PROV_PASSPHRASE="correct horse")
        self.node.start()
        self.url = self.node.ready()
        self.client = Client(self.url)

    # What rows are made of

    def party(self) -> Party:
        party = Party.new(Key.random(), self.chain.identifier)
        self.final(self.registrar.enrol(party))
        return party

    def final(self, statement: bytes, attachments=()) -> dict:
        return Client(self.url).submit(statement, list(attachments))

    def restricted(self) -> str:
        statement, attachments, _ = self.creator.register(os.urandom(50), "A secret", "secret.bin")
        body = cbor({1: statement, 2: attachments, 3: [sha256(attachments[1])]})
        self.client.request("POST", "/api/v1/statements", body, {"Content-Type": SUBMISSION_TYPE})
        return sha256(attachments[1]).hex()

    def environment(self, language: str, variables: dict) -> dict:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PROV_", "LC_", "LANG"))}
        clean |= {"PROV_HOME": str(self.folder / "nobody"), "PROV_NODE": self.url, "LC_ALL": LOCALES[language]}
        return {k: str(v) for k, v in (clean | variables).items() if v is not None}

    def run(self, program: str, *arguments, **variables) -> subprocess.CompletedProcess:
        done = self.start(program, arguments, "en", variables)
        if done.returncode:
            raise SystemExit(f"{program} {arguments}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def start(self, program: str, arguments, language: str, variables: dict) -> subprocess.CompletedProcess:
        # A node that a wrong input did not stop is ended, and reported by its exit code 0.
        running = subprocess.Popen(
            [binary(program), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, env=self.environment(language, variables), cwd=self.folder, text=True)
        try:
            output, errors = running.communicate(timeout=45)
        except subprocess.TimeoutExpired:
            running.terminate()
            output, errors = running.communicate(timeout=30)
            errors += "\n(it did not end by itself)"
        if running.returncode < 0 or any(sign in output + errors for sign in CRASHES):
            raise AssertionError(f"a crash ({running.returncode}): {program} {arguments}\n{output}{errors}")
        return subprocess.CompletedProcess(arguments, running.returncode, output, errors)

    def cli(self, *arguments, **variables):
        """provcli with these arguments; the error is read from its JSON."""

        def attempt(language: str) -> Seen:
            done = self.start("provcli", [*arguments, "--json"], language, variables)
            try:
                document = json.loads(done.stdout)
            except ValueError:
                raise AssertionError(f"not one JSON document: {done.stdout!r} {done.stderr!r}") from None
            if "error" in document:
                return Seen(done.returncode, document["error"]["rule"], document["error"]["message"])
            failed = [check for check in document.get("checks", []) if not check["ok"]]
            if failed:
                return Seen(done.returncode, failed[0]["name"], failed[0]["detail"])
            return Seen(done.returncode, "–", done.stderr.strip())

        return attempt

    def operate(self, *arguments, program: str = "provnode", **variables):
        """provnode with these arguments; its errors have no names, but the checks of `verify` have."""

        def attempt(language: str) -> Seen:
            done = self.start(program, arguments, language, variables)
            failed = re.findall(r"^FAIL\S* +([a-z ,]+): (.*)$", done.stdout, re.MULTILINE)
            if arguments[0] == "verify" and failed:
                return Seen(done.returncode, "verify: " + failed[0][0], failed[0][1])
            lines = [line for line in done.stderr.splitlines() if line.startswith(("provnode: ", "Error: "))]
            if not lines:
                return Seen(done.returncode, "–", done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "")
            return Seen(done.returncode, "–", lines[0].partition(": ")[2])

        return attempt

    def http(self, method: str, path: str, body: bytes | None = None, **headers):
        parts = urllib.parse.urlsplit(self.url)
        names = {name.replace("_", "-"): value for name, value in headers.items()}

        def attempt(language: str) -> Seen:
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=40)
            try:
                connection.request(method, path, body=body, headers=names | {"Accept-Language": language})
                answer = connection.getresponse()
                return self.problem(answer.status, answer.read())
            finally:
                connection.close()

        return attempt

    def raw(self, request: bytes):
        """Bytes that http.client would not send."""
        parts = urllib.parse.urlsplit(self.url)

        def attempt(language: str) -> Seen:
            with socket.create_connection((parts.hostname, parts.port), timeout=40) as connection:
                connection.sendall(request.replace(b"LANG", language.encode()))
                answer = http.client.HTTPResponse(connection)
                answer.begin()
                return self.problem(answer.status, answer.read())

        return attempt

    @staticmethod
    def problem(status: int, content: bytes) -> Seen:
        document = json.loads(content) if content else {}
        return Seen(status, document.get("rule", "–"), document.get("detail", ""))

    def statement(self, folder: pathlib.Path, statement: bytes, attachments=()):
        """Handed in over HTTP, which speaks English, and by provcli in Chinese."""
        file = folder / "statement.submission"
        file.write_bytes(cbor({1: statement, 2: list(attachments)}))

        def attempt(language: str) -> Seen:
            if language == "zh":
                return self.cli("submit", file)("zh")
            post = self.http("POST", "/api/v1/statements", file.read_bytes(), Content_Type=SUBMISSION_TYPE)
            return post("en")

        return attempt

    def copy(self, folder: pathlib.Path, of: pathlib.Path | None = None) -> pathlib.Path:
        """A home of one's own to damage."""
        home = folder / "home"
        shutil.copytree(of or self.base, home)
        return home

    def answers(self) -> None:
        if not self.node.running:
            raise AssertionError(f"the node ended with {self.node.process.returncode}\n{self.node.tail()}")
        Client(self.url, timeout=40).get("/healthz")


# The table ------------------------------------------------------------------------------------------


def plain(sentence: str, world: World, folder: pathlib.Path) -> str:
    """The sentence with names in braces where every run differs."""
    for found, name in ((str(folder), "{folder}"), (str(world.folder), "{folder}"), (world.url, "{node}")):
        sentence = sentence.replace(found, name)
    for pattern, name in (
        (r"[0-9a-f]{64}", "{hash}"), (r"[0-9a-f]{40,}", "{hex}"), (r"\b1[0-9]{12}\b", "{time}"),
        (r"\b1[0-9]{9}\b", "{time}"), (r"process [0-9]+", "process {pid}"), (r"进程 [0-9]+", "进程 {pid}"),
        (r"((?:height|blocks?|size|ends at block|up to|a block|after|expects height|高度) )[0-9]+", r"\g<1>{n}"),
        (r"(当前高度为 )[0-9]+", r"\g<1>{n}"), (r"(?:127\.0\.0\.1|localhost):[0-9]+", "{address}"),
        (r"(root )[0-9A-Za-z+/=]{43,44}", r"\g<1>{root}"), (r"\.[0-9a-f]{12}\.tmp", ".{tmp}"),
        (r"(at byte )[0-9]{3,}", r"\g<1>{n}"), (r"(ends )[0-9]+( bytes)", r"\g<1>{n}\g<2>"),
        (r"(attachments/)[0-9a-f]{2}/", r"\g<1>{hex}/"), (r", item [0-9]+:", ", item {n}:"), (r"[0-9]{20}\.seg", "{n}.seg"),
        (r"(entries/[0-9]+ has )[0-9]+( bytes, expected at least )[0-9]+", r"\g<1>{n}\g<2>{n}"),
        (r"\s*\n\s*", " "),
    ):
        sentence = re.sub(pattern, name, sentence)
    return sentence.strip()


def cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "\\<") or "–"


def line(row, seen: dict[str, Seen]) -> str:
    english, chinese = seen["en"].sentence, seen["zh"].sentence
    code = str(seen["en"].code) if seen["en"].code == seen["zh"].code else f"{seen['en'].code}, {seen['zh'].code}"
    cells = [row.wrong, code, seen["en"].rule, english, ENGLISH_ONLY if english == chinese else chinese]
    return "| " + " | ".join(cell(text) for text in cells) + " |"


def attempt(world: World, number: int, row) -> str:
    """Tries a row in both languages; its line, or an error if a code is not the one that the row demands."""
    folder = world.folder / f"row{number}"
    folder.mkdir()
    try:
        how = row.how(world, folder)
        seen = {language: how(language) for language in ("en", "zh")}
        for language, found in seen.items():
            found.sentence = plain(found.sentence, world, folder)
            wanted = row.codes[language]
            if found.code != wanted or found.rule != row.rule:
                raise AssertionError(f"{language}: {found.code} {found.rule} instead of {wanted} {row.rule}: "
                                     f"{found.sentence}")
            if not found.sentence and wanted not in (0, 200):
                raise AssertionError(f"{language}: failed without a word")
        world.answers()
        return line(row, seen)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def document(lines: list[str]) -> str:
    """The whole of docs/errors.md."""
    text = """# What is said to wrong input

Made by `Tests/Scenarios/wrong_inputs.py --write docs/errors.md` from what the programs answered; do not edit it. The
scenario tries every row in English and in Chinese against a real node and fails where an answer differs from this page.

- *code* is the exit code of the program or the HTTP status. Of a statement it is both: the status, then the exit code of
  `provcli submit`.
- *error* is the name that scripts match on: `error.rule` in the JSON of provcli, `rule` in a problem of the HTTP API
  ([api.md](api.md)), the failed check of `provnode verify` and `provcli check`. provnode's own messages have no names.
- What differs from run to run stands in braces.
- Chinese is what the programs say in a Chinese locale (provcli also with `--lang zh`), and what HTTP says to
  `Accept-Language: zh`. A reason inside a sentence that comes from a decoder, a database or the operating system is
  English.
- "(English only)": what the **argument parser** finds, and what is answered before a language is known.
"""
    by_surface = {surface: [] for surface in SURFACES}
    for row, seen in zip(ROWS, lines):
        by_surface[row.surface].append(seen)
    for surface, about in SURFACES.items():
        text += f"\n## {surface}\n\n{about}\n\n| what is wrong | code | error | English | Chinese |\n|---|---|---|---|---|\n"
        text += "\n".join(by_surface[surface]) + "\n"
    text += "\n### Refusals that have no row\n\n"
    text += "\n".join(f"- `{rule}`: {why}" for rule, why in UNSHOWN.items()) + "\n"
    return text


def check_coverage() -> None:
    """Every refusal of the registry has a row or a reason why not; every surface has ten rows."""
    source = (ROOT / "Sources/ProvChain/Registry/Rules/Refusal.swift").read_text()
    rules = set(re.findall(r'case \w+ = "([a-z-]+\.[a-z-]+)"', source))
    shown = {row.rule for row in ROWS if row.surface == "Statements"}
    missing, gone = rules - shown - set(UNSHOWN), set(UNSHOWN) - rules
    if missing or gone or set(UNSHOWN) & shown:
        raise AssertionError(f"without a row: {missing}; unknown or shown: {gone | set(UNSHOWN) & shown}")
    for surface in SURFACES:
        count = sum(row.surface == surface for row in ROWS)
        if count < 10:
            raise AssertionError(f"{surface} has {count} rows")
    names = [(row.surface, row.wrong) for row in ROWS]
    if len(set(names)) != len(names):
        raise AssertionError(f"two rows have one name: {sorted(n for n in names if names.count(n) > 1)}")


class Tally:
    passed = failed = 0

    def take(self, what: str, check, *arguments):
        """The check's value, or None if it failed."""
        try:
            value = check(*arguments)
            self.passed += 1
            return True if value is None else value
        except Exception as error:  # every failure is reported, and the next row has its turn
            self.failed += 1
            detail = error if isinstance(error, AssertionError) else traceback.format_exc()
            print(f"  FAILED  {what}\n{detail}", flush=True)
            return None


def ends_whole(world: World) -> None:
    """After all of it: the data is there, the node stops as it should, and everything verifies."""
    record = Client(world.url).json(f"/api/v1/records/{world.work}")
    if record["urn"] != world.work:
        raise AssertionError(f"another record: {record}")
    kept = Client(world.url).get(f"/api/v1/attachments/{sha256(world.attachments[0]).hex()}")
    if kept != world.attachments[0]:
        raise AssertionError("the attachment changed")
    if world.node.stop() != 0:
        raise AssertionError(f"exit code {world.node.process.returncode}\n{world.node.tail()}")
    log = world.node.log.read_text(errors="replace")
    if any(sign in log for sign in CRASHES):
        raise AssertionError(world.node.tail(40))
    world.run("provnode", "verify", "--home", world.home)


def check_line(row, seen: str, known: set[str]) -> None:
    if seen not in known:
        raise AssertionError(f"{DOCUMENT.name} has not: {seen}")


def main() -> int:
    # Asked to stop, it still has to end the node that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = sys.argv[1:]
    output = None
    if arguments[:1] == ["--write"] and len(arguments) == 2:
        output, arguments = pathlib.Path(arguments[1]), []
    tally = Tally()
    known = set(DOCUMENT.read_text().splitlines()) if DOCUMENT.exists() else set()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="provchain-wrong-"))
    started, world = time.monotonic(), None
    try:
        tally.take("every refusal and surface is in the table", check_coverage)
        world = World(folder)
        world.prepare()
        chosen = [(n, row) for n, row in enumerate(ROWS)
                  if not arguments or any(word in f"{row.surface} {row.wrong} {row.rule}" for word in arguments)]
        with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
            tries = [(row, pool.submit(attempt, world, n, row)) for n, row in chosen]
            lines = [tally.take(f"{row.surface}: {row.wrong}", lambda t=t: t.result()) for row, t in tries]
        if not output:
            for (row, _), seen in zip(tries, lines):
                if seen:
                    tally.take(f"the words of {row.surface}: {row.wrong}", check_line, row, seen, known)
        whole = len(lines) == len(ROWS) and all(lines)
        if output and whole:
            output.write_text(document(lines))
        elif whole and DOCUMENT.exists() and not tally.failed and DOCUMENT.read_text() != document(lines):
            tally.take("nothing else is in docs/errors.md", check_line, None, "the rest as --write makes it", set())
        tally.take("the node's data is whole afterwards", ends_whole, world)
    finally:
        if world and world.node.running:
            world.node.kill()
        shutil.rmtree(folder, ignore_errors=True)
    for surface in SURFACES:
        print(f"  {surface}: {sum(row.surface == surface for row in ROWS)} rows")
    print(f"({time.monotonic() - started:.0f} s)")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())

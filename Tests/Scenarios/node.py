"""Real node processes: start, find the address, kill, restart."""

import json
import os
import pathlib
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def binary(name: str) -> str:
    """The built program: in PROV_BIN, or where `swift build` puts it."""
    folder = pathlib.Path(os.environ.get("PROV_BIN") or ROOT / ".build" / "debug")
    path = folder / name
    if not path.exists():
        raise SystemExit(f"{path} is missing; run `swift build` first, or name the folder in PROV_BIN")
    return str(path)


def until(condition, seconds: float, what: str, every: float = 0.02):
    """Polls until the condition gives something true; raises TimeoutError after the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(every)


class Node:
    """One node with its home folder. Its output goes to `node.log` beside the home."""

    def __init__(self, home: pathlib.Path):
        self.home = pathlib.Path(home)
        self.log = self.home.with_name(self.home.name + ".log")
        self.process: subprocess.Popen | None = None

    @classmethod
    def create(cls, home: pathlib.Path, origin: str = "scenario.example/log") -> "Node":
        done = subprocess.run(
            [binary("provnode"), "init", "--home", str(home), "--origin", origin, "--member", "Scenario",
             "--port", "0", "--unencrypted-keys"],
            capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise SystemExit(f"provnode init failed ({done.returncode}):\n{done.stdout}{done.stderr}")
        return cls(home)

    def start(self, failpoint: str | None = None, **variables: str) -> None:
        """Starts the process; `ready` tells when it takes requests."""
        environment = {k: v for k, v in os.environ.items() if k != "PROV_FAILPOINT"}
        if failpoint:
            environment["PROV_FAILPOINT"] = failpoint
        environment |= variables
        # What a killed predecessor left must not be taken for the new one's address.
        (self.home / "node.json").unlink(missing_ok=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [binary("provnode"), "run", "--home", str(self.home)], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, env=environment)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def address(self) -> str | None:
        """The URL of the running process, once it is ready."""
        try:
            content = json.loads((self.home / "node.json").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return content["url"] if self.process and content["pid"] == self.process.pid else None

    def ready(self, seconds: float = 60) -> str:
        def look():
            if not self.running:
                raise RuntimeError(f"the node ended with {self.process.returncode} before it was ready\n{self.tail()}")
            return self.address()

        return until(look, seconds, "node ready")

    def kill(self) -> None:
        """SIGKILL: no handler runs, as after a power cut (but for the page cache)."""
        if self.running:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=30)

    def stop(self, seconds: float = 30) -> int:
        """Asks to stop (SIGTERM); the exit code."""
        if self.running:
            self.process.terminate()
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise TimeoutError(f"the node did not stop within {seconds:g} s of SIGTERM") from None

    def tail(self, lines: int = 20) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""


def run(program: str, *arguments, timeout: float = 120, **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [binary(program), *map(str, arguments)], capture_output=True, text=True, timeout=timeout, **options)

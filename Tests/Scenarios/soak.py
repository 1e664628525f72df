#!/usr/bin/env python3
"""A node under a steady load for a long time: do memory, open files and latency stay flat?

    PROV_BIN=.build/release python3 Tests/Scenarios/soak.py --minutes 60 --rate 50 --report soak.md

Registrations arrive at a steady rate, whatever the answers take, and each latency counts from the moment at which
its statement was due. Once a minute a line says what the node uses. At the end the last third is held against the
first: the verdict is "flat" if the medians of latency and memory differ by less than a half, open files not at all
by more than eight. The node is then stopped and its home verified.
"""

import argparse
import os
import pathlib
import queue
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from node import Node, binary
from wire import Chain, Client, Key, Party


def usage(pid: int) -> tuple[float, int, float]:
    """Resident MiB, open files, processor seconds."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    resident = int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) / 1024
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    processor = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return resident, len(os.listdir(f"/proc/{pid}/fd")), processor


class Disk:
    """MiB of a folder, one minute old: counting hundreds of thousands of files takes seconds, so another process does
    it. In this one, the statements that fell due meanwhile would have waited for it, and their latency with them."""

    def __init__(self, folder: pathlib.Path):
        self.folder, self.counting, self.last = folder, None, 0.0

    def size(self) -> float:
        if self.counting and self.counting.poll() is not None:
            # A file may go while it counts, which makes its exit code 1.
            words = self.counting.communicate()[0].split()
            self.last = float(words[0]) if words else self.last
            self.counting = None
        if not self.counting:
            self.counting = subprocess.Popen(
                ["du", "-sm", str(self.folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return self.last

    def close(self) -> None:
        if self.counting:
            self.counting.kill()
            self.counting.communicate()


class Load:
    def __init__(self, url: str, party: Party, threads: int):
        self.due: queue.Queue = queue.Queue()
        self.lock, self.latencies, self.failures = threading.Lock(), [], []
        for _ in range(threads):
            threading.Thread(target=self.work, args=(Client(url), party), daemon=True).start()

    def work(self, client: Client, party: Party) -> None:
        while True:
            moment = self.due.get()
            try:
                statement, attachments, _ = party.register(os.urandom(64), "A work under a steady load")
                client.submit(statement, attachments)
                with self.lock:
                    self.latencies.append(1000 * (time.monotonic() - moment))
            except Exception as error:
                with self.lock:
                    self.failures.append(str(error))

    def take(self) -> tuple[list[float], int]:
        with self.lock:
            taken, self.latencies = self.latencies, []
            return sorted(taken), len(self.failures)


def percentile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def drive(node: Node, url: str, party: Party, options) -> list[dict]:
    load, rows = Load(url, party, options.threads), []
    disk = Disk(node.home)
    start = time.monotonic()
    sent = 0
    for minute in range(1, options.minutes + 1):
        while (now := time.monotonic()) < start + 60 * minute:
            moment = start + sent / options.rate
            if moment > now:
                time.sleep(min(moment - now, start + 60 * minute - now))
            else:
                load.due.put(moment)
                sent += 1
        latencies, failures = load.take()
        resident, files, processor = usage(node.process.pid)
        rows.append({
            "minute": minute, "final": len(latencies), "failed": failures, "p50": percentile(latencies, 0.5),
            "p99": percentile(latencies, 0.99), "max": percentile(latencies, 1), "resident": resident,
            "files": files, "processor": processor, "disk": disk.size(), "load": os.getloadavg()[0]})
        print(line(rows[-1]), file=sys.stderr, flush=True)
    disk.close()
    return rows


def line(row: dict) -> str:
    return (f"| {row['minute']} | {row['final']} | {row['failed']} | {row['p50']:.1f} | {row['p99']:.1f} | "
            f"{row['max']:.0f} | {row['resident']:.0f} | {row['files']} | {row['processor']:.0f} | {row['disk']:.0f} | "
            f"{row['load']:.1f} |")


HEAD = """| minute | final | failed so far | p50 ms | p99 ms | max ms | resident MiB | open files | CPU s so far | disk MiB | load |
|---|---|---|---|---|---|---|---|---|---|---|"""


def verdict(rows: list[dict]) -> list[str]:
    third = max(1, len(rows) // 3)
    early, late = rows[:third], rows[-third:]
    found = []
    for name in ["p50", "resident"]:
        a, b = (statistics.median(row[name] for row in part) for part in (early, late))
        if b > 1.5 * a:
            found.append(f"{name} grew from {a:.1f} to {b:.1f}")
    if late[-1]["files"] > early[-1]["files"] + 8:
        found.append(f"open files grew from {early[-1]['files']} to {late[-1]['files']}")
    if rows[-1]["failed"]:
        found.append(f"{rows[-1]['failed']} statements failed")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--rate", type=float, default=50, help="registrations a second")
    parser.add_argument("--threads", type=int, default=16, help="statements under way at the most")
    parser.add_argument("--report", type=pathlib.Path, help="a file for the table")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="provchain-soak-"))
    node = Node.create(folder / "node")
    try:
        node.start()
        url = node.ready()
        chain = Chain(Client(url).json("/api/v1/chain"))
        registrar = Party.of_genesis(Key.load(node.home / "keys" / "registrar.key"), chain.identifier, chain.origin)
        party = Party.new(Key.random(), chain.identifier)
        Client(url).submit(registrar.enrol(party))
        print(HEAD, file=sys.stderr)
        rows = drive(node, url, party, options)
        if node.stop():
            raise SystemExit(f"the node did not stop well\n{node.tail()}")
        checked = subprocess.run([binary("provnode"), "verify", "--home", str(node.home)], capture_output=True, text=True)
        found = verdict(rows) + ([] if checked.returncode == 0 else [f"the home does not verify: {checked.stdout}"])
        table = "\n".join([HEAD, *map(line, rows)]) + "\n"
        if options.report:
            options.report.write_text(table)
        print(table + ("flat; the home verifies" if not found else "\n".join(found)))
        return 1 if found else 0
    finally:
        node.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())

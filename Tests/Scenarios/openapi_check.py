#!/usr/bin/env python3
"""Asks a node everything that its OpenAPI document allows, and much that it does not, with schemathesis.

A real node with some records; every answer must be one that the document describes. Prints the tool's report and,
last, "N passed, N failed", where N counts addresses.
"""

import argparse
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

from prometheus_client.parser import text_string_to_metric_families

from node import Node
from wire import Chain, Client, Key, Party, sha256

HERE = pathlib.Path(__file__).resolve().parent

# A stream of events has no end, so it is not asked for here; http_api.py follows it.
ENDLESS = "/api/v1/events"

# What the document does not promise: that requests which fit it succeed (most names name nothing), and that every
# body which does not fit is refused as such.
LEFT_OUT = "positive_data_acceptance,negative_data_rejection"


def fill(node: Node, statements: pathlib.Path) -> dict:
    """Makes some records; returns names of things that are there, by the parameter that takes them."""
    statements.mkdir()
    client = Client(node.address())
    chain = Chain(client.json("/api/v1/chain"))
    registrar = Party.of_genesis(Key.load(node.home / "keys" / "registrar.key"), chain.identifier, chain.origin)
    party = Party.new(Key.random(), chain.identifier)
    client.submit(registrar.enrol(party))
    content = os.urandom(100)
    statement, attachments, work = party.register(content, "A lamp")
    answer = client.submit(statement, attachments)
    client.submit(*party.register(os.urandom(100), "Another lamp")[:2])
    (statements / "final").write_bytes(statement)
    (statements / "expired").write_bytes(party.statement("party.enrol", party.urn, {1: 1, 2: b"", 3: 0}, life=-10))
    return {"path.urn": work, "path.id": answer["statement"], "path.party": party.urn, "query.q": "lamp",
            "path.print": "40" * 96, "path.iscc": "ISCC:KUAEMFMT35BITAJQXOU4OWCJYATJQ",
            "path.sha256": sha256(attachments[0]).hex(), "path.height": str(answer["height"])}


def never_answered(url: str) -> list[str]:
    """Routes to which no request succeeded, by the node's own count."""
    seen: dict[tuple[str, str], bool] = {}
    for family in text_string_to_metric_families(Client(url).get("/metrics").decode()):
        for sample in family.samples:
            if sample.name == "provchain_http_requests_total" and sample.labels["route"] != "none":
                route = (sample.labels["method"], sample.labels["route"])
                seen[route] = seen.get(route, False) or sample.labels["status"].startswith("2")
    # Slashes in a tile's path are not encoded, and the tool encodes them; bytes of a PUT must have a certain hash.
    return [" ".join(route) for route, good in seen.items()
            if not good and route[1] not in ("/log/tile/{tile}", "/api/v1/attachments/{sha256}")]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=60, help="time for the whole run")
    options.add_argument("--examples", type=int, default=25, help="requests per address and kind")
    options.add_argument("--seed", type=int, default=1)
    arguments = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="provchain-openapi-") as folder:
        # Every address is there only at a node that searches.
        os.environ["PROV_SEARCH"] = "on"
        node = Node.create(pathlib.Path(folder) / "node")
        node.start()
        try:
            url = node.ready()
            known = fill(node, pathlib.Path(folder) / "statements")
            environment = {**os.environ, "SCHEMATHESIS_HOOKS": "openapi_hooks", "PYTHONPATH": str(HERE),
                           "PROV_STATEMENTS": f"{folder}/statements"}
            # In the first run, a parameter names something that is there.
            configuration = pathlib.Path(folder) / "schemathesis.toml"
            configuration.write_text(
                "[parameters]\n" + "".join(f'"{name}" = "{value}"\n' for name, value in known.items()))
            runs = [("names that are there", ["--config-file", str(configuration)]), ("any names", [])]
            code = 0
            tested = failed = 0
            for title, extra in runs:
                print(f"-- {title}", flush=True)
                command = [
                    str(pathlib.Path(sys.executable).with_name("schemathesis")), *extra, "run", f"{url}/api/v1/openapi.json",
                    "--phases", "examples,coverage,fuzzing", "--exclude-path", ENDLESS, "--checks", "all",
                    "--exclude-checks", LEFT_OUT, "--max-examples", str(arguments.examples), "--seed", str(arguments.seed),
                    "--max-time", str(arguments.seconds // len(runs)), "--request-timeout", "20", "--max-response-time",
                    "15", "--continue-on-failure", "--no-color", "--generation-database", "none", "--warnings", "off",
                ]
                done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      env=environment, timeout=arguments.seconds * 4)
                print(done.stdout)
                code = code or done.returncode
                found = re.search(r"Tested: *(\d+)", done.stdout)
                tested += int(found.group(1)) if found else 0
                failed += len(set(re.findall(r"^_+ ((?:GET|PUT|POST) \S+) _+$", done.stdout, re.M)))
            if not node.running:
                failed += 1
                print(f"the node ended\n{node.tail()}")
            elif silent := never_answered(url):
                failed += len(silent)
                print("never answered with success, so not really asked:", *silent)
        finally:
            if node.running:
                node.stop()
    if code and not failed:
        failed = 1
    print(f"{max(0, tested - failed)} passed, {failed} failed")
    return 1 if failed or not tested else 0


if __name__ == "__main__":
    sys.exit(main())

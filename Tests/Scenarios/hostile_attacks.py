#!/usr/bin/env python3
"""A validator's keys in bad hands: completes the handshake as Member N of a chain, and then misbehaves.

    hostile_attacks.py ATTACK --home HOME --target PORT:IDENTITY … --chain HEX --signer INDEX --seconds 10

The Noise of noiseprotocol, the messages of cbor2: nothing of it is ours. Prints what it did as one JSON document.
"""

import argparse
import json
import os
import pathlib
import socket
import struct
import sys
import threading
import time

import cbor2

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Foreign" / "wire"))

import peer  # noqa: E402
from wire import Key, cbor  # noqa: E402

STATEMENTS, FETCH, FETCHED, RANGE, RANGED, BEAT, CONSENSUS = 2, 6, 7, 9, 10, 11, 4
PLAIN = 65_519
# The largest numbers that a message may have: a count, and one that every language reads exactly.
HUGE, HUGE_EXACT = 2**64 - 1, 2**53 - 1
FRAME_BYTES = 8 << 20


class Connection(peer.Peer):
    """After the handshake. Counts what it sends."""

    def __init__(self, context: "Context", target: tuple[int, bytes], small_buffer: bool = False):
        self.context = context
        noise = peer.NoiseProtocol(context.identity, context.prologue)
        super().__init__(noise, target[0])
        if small_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(2)
        if self.handshake() != target[1]:
            raise SystemExit("somebody else answered")
        context.count("connections")

    def exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise ConnectionError("the connection ended")
            data += part
        return data

    def pour(self, plain: bytes) -> None:
        """Bytes of the stream of frames, as few records as can be."""
        for start in range(0, len(plain), PLAIN):
            self.send_record(bytes(self.noise.sending.encrypt_with_ad(b"", plain[start:start + PLAIN])))
            self.sent += 1
            if self.sent % peer.MESSAGES_PER_KEY == 0:
                self.noise.sending.rekey()
        self.context.count("bytes", len(plain))

    def ignore_answers(self) -> None:
        """Takes what comes, so that the node never waits for this side."""
        def take():
            try:
                while self.socket.recv(1 << 20):
                    pass
            except OSError as error:
                if not isinstance(error, TimeoutError):
                    return
                take()

        threading.Thread(target=take, daemon=True).start()

    def flood(self, plain: bytes) -> None:
        """The same again and again, as fast as it is taken."""
        self.ignore_answers()
        while not self.context.over:
            try:
                self.pour(plain)
            except TimeoutError:
                # The node reads no further; half a record is lost, and with it the connection.
                self.context.count("stops")
                raise ConnectionError("not read") from None


class Context:
    def __init__(self, options):
        home = options.home
        with open(home / "keys" / "identity.key", "rb") as file:
            self.identity = cbor2.loads(file.read())[6]
        self.vote = Key.load(home / "keys" / "vote.key")
        self.chain = bytes.fromhex(options.chain)
        self.prologue = cbor2.dumps(["provchain/wire/1", self.chain, 1], canonical=True)
        self.signer = options.signer
        self.forged = cbor2.loads(options.forged.read_bytes()) if options.forged else []
        self.end = time.monotonic() + options.seconds
        self.lock, self.counts = threading.Lock(), {}

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.end

    def count(self, what: str, amount: int = 1) -> None:
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + amount

    def pause(self, seconds: float) -> None:
        time.sleep(max(0, min(seconds, self.end - time.monotonic())))


def framed(*messages) -> bytes:
    stream = b""
    for message in messages:
        frame = cbor2.dumps(message, canonical=True)
        stream += struct.pack(">I", len(frame)) + frame
    return stream


def consensus(number: int, content) -> list:
    return [CONSENSUS, cbor([number, content])]


# Attacks: each on a connection of its own to each node, made again while it ends


def lies(context: Context, target) -> None:
    """Small messages that claim everything: the greatest height and view, the end of time. Asked, it is silent."""
    Connection(context, target).flood(framed(*[[BEAT, HUGE, HUGE, HUGE_EXACT]] * 1000))


def junk_statements(context: Context, target) -> None:
    """Thousands in a message, and none is a statement."""
    Connection(context, target).flood(framed([STATEMENTS, [os.urandom(64) for _ in range(4096)]]))


def forged_statements(context: Context, target) -> None:
    """Statements of somebody enrolled, right in all but the signature: each costs a check."""
    Connection(context, target).flood(framed([STATEMENTS, context.forged]))


def hoarding(context: Context, target) -> None:
    """Asks for everything, and reads none of it."""
    connection = Connection(context, target, small_buffer=True)
    number = 0
    while not context.over:
        number += 1
        questions = [[RANGE, number, part, 0, 4096] for part in (1, 2)]
        questions.append([FETCH, number, [[1, os.urandom(32)] for _ in range(512)]])
        try:
            connection.pour(framed(*questions))
        except TimeoutError:
            context.count("stops")
            raise ConnectionError("not read") from None
        context.pause(0.02)


def devouring(context: Context, target) -> None:
    """Asks for everything, and reads all of it, as fast as it comes."""
    connection = Connection(context, target)
    connection.ignore_answers()
    number = 0
    while not context.over:
        number += 1
        connection.pour(framed(*[[RANGE, number, part, 0, 4096] for part in (1, 2)]))
        context.pause(0.01)


def gives_up(context: Context, target) -> None:
    """Gives up each view as soon as it begins, and asks for whatever there is to ask."""
    connection = Connection(context, target)
    connection.pour(framed([RANGE, 1, 1, 1, 1]))
    epoch = given = None
    while not context.over:
        try:
            message = cbor2.loads(connection.receive())
        except TimeoutError:
            continue
        if message[0] == RANGED and message[2]:
            header = cbor2.loads(message[2][0])[0]
            epoch, record = header[3], header[12]
        if message[0] != CONSENSUS or epoch is None:
            continue
        kind, content = cbor2.loads(message[1])
        # Of a certificate or a vote: the view that it is about.
        view = content[2] + 1 if kind == 2 else content[1] if kind == 1 else None
        if view is None or given is not None and view <= given:
            continue
        given = view
        said = cbor(["provchain/vote/1", context.chain, record, epoch, view, 2, context.signer, 0, bytes(32)])
        connection.pour(framed(
            consensus(1, [epoch, view, 2, context.signer, 0, bytes(32), context.vote.sign(said)]),
            consensus(4, [epoch, 1, HUGE - 1]), [8, True, []]))
        context.count("views")


class Voter:
    """Listens for two seconds to what the others say, and can then sign votes of its own."""

    def __init__(self, context: Context, connection: Connection):
        self.context, self.heard, header = context, [], None
        connection.pour(framed([RANGE, 1, 1, 1, 1]))
        until = time.monotonic() + 2
        while time.monotonic() < until or header is None:
            if context.over:
                raise ConnectionError("too late")
            try:
                message = cbor2.loads(connection.receive())
            except TimeoutError:
                continue
            if message[0] == RANGED and message[2]:
                header = cbor2.loads(message[2][0])[0]
            if message[0] == CONSENSUS:
                self.heard.append(message)
        context.count("heard", len(self.heard))
        self.epoch, self.record = header[3], header[12]
        votes = [cbor2.loads(said)[1] for _, said in self.heard if cbor2.loads(said)[0] == 1]
        self.latest = max((vote[1] for vote in votes), default=header[5])

    def vote(self, view: int, kind: int, parent: int = 0, block: bytes = bytes(32)) -> list:
        signer = self.context.signer
        message = cbor(
            ["provchain/vote/1", self.context.chain, self.record, self.epoch, view, kind, signer, parent, block])
        return consensus(1, [self.epoch, view, kind, signer, parent, block, self.context.vote.sign(message)])


def old_votes_and_huge_views(context: Context, target) -> None:
    """Says again what others said, and votes for views that nobody will reach, for blocks that do not exist."""
    connection = Connection(context, target)
    voter = Voter(context, connection)
    epoch, latest, heard = voter.epoch, voter.latest, voter.heard
    said = [voter.vote(view, 2) for view in (HUGE - 1, 2**63, 2**32, latest + 1000)]
    said += [voter.vote(view, 1, view - 1, os.urandom(32)) for view in range(latest + 2, latest + 200)]
    said += [consensus(4, [epoch, 1, HUGE - 1]), consensus(4, [epoch, latest, latest + 2**40]),
             consensus(6, [epoch, HUGE - 1, HUGE - 1, None])]
    connection.flood(framed(*said, *(heard * (1 + 500 // max(1, len(heard))))))


def contradictions(context: Context, target) -> None:
    """Gives up views and finalizes blocks of them, both signed: proof against its own key."""
    connection = Connection(context, target)
    voter = Voter(context, connection)
    connection.ignore_answers()
    for view in range(voter.latest + 2, voter.latest + 12):
        connection.pour(framed(voter.vote(view, 2), voter.vote(view, 3, 0, os.urandom(32))))
    context.pause(1)
    connection.exactly(1 << 30)


def half_open(context: Context, target) -> None:
    """As many connections as it can that say nothing, or a third of a handshake; and one that is silent after it."""
    crowd = []
    Connection(context, target)
    while not context.over:
        while len(crowd) < 80:
            made = socket.create_connection(("127.0.0.1", target[0]), timeout=2)
            made.setblocking(False)
            if len(crowd) % 2:
                made.send(struct.pack(">H", 32) + os.urandom(32))
            crowd.append(made)
            context.count("strangers")
        context.pause(0.2)
        crowd = [each for each in crowd if not ended(each)]
    for each in crowd:
        each.close()


def ended(connection: socket.socket) -> bool:
    try:
        if connection.recv(1 << 16):
            return False
    except BlockingIOError:
        return False
    except OSError:
        pass
    connection.close()
    return True


def huge_lengths(context: Context, target) -> None:
    """Announces the longest frame, and sends a byte of it now and then; at the end, one longer than may be."""
    connection = Connection(context, target)
    connection.ignore_answers()
    connection.pour(struct.pack(">I", FRAME_BYTES))
    while context.end - time.monotonic() > 1:
        connection.pour(os.urandom(1))
        context.pause(0.05)
    connection.pour(struct.pack(">I", 2**32 - 1))
    context.pause(1)


# Made once: what the attacker computes would be computed on another machine.
MANY_BEATS = framed(*[[BEAT, HUGE, HUGE, HUGE_EXACT]] * 4000)


def calling_again(context: Context, target) -> None:
    """As much as a new peer may say at once, a hundredth of a second, and a new call: over and over."""
    connection = Connection(context, target)
    connection.ignore_answers()
    connection.pour(MANY_BEATS)
    context.pause(0.01)
    connection.socket.close()


def garbage(context: Context, target) -> None:
    """Bytes that no key has sealed; the node talks to it no more, and it calls again."""
    connection = Connection(context, target)
    connection.socket.sendall(os.urandom(1 << 20))
    context.count("bytes", 1 << 20)
    connection.exactly(1 << 30)


ATTACKS = {each.__name__: each for each in [
    lies, hoarding, devouring, old_votes_and_huge_views, gives_up, half_open, calling_again, junk_statements,
    forged_statements, huge_lengths, contradictions, garbage]}
# Each proves to a node that this peer misbehaves; after it, the node talks to it no more.
ENDS_THE_TALK = [each.__name__ for each in [
    junk_statements, forged_statements, huge_lengths, contradictions, garbage]]


def keep_at(attack, context: Context, target) -> None:
    while not context.over:
        try:
            attack(context, target)
        except (OSError, ConnectionError):
            context.count("ended")
            context.pause(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("attack", choices=ATTACKS)
    parser.add_argument("--home", type=pathlib.Path, required=True)
    parser.add_argument("--target", action="append", required=True)
    parser.add_argument("--chain", required=True)
    parser.add_argument("--signer", type=int, required=True)
    parser.add_argument("--forged", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--nice", type=int, default=0)
    options = parser.parse_args()
    os.nice(options.nice)
    context = Context(options)
    threads = []
    for target in options.target:
        port, identity = target.split(":")
        threads.append(threading.Thread(
            target=keep_at, args=(ATTACKS[options.attack], context, (int(port), bytes.fromhex(identity))), daemon=True))
        threads[-1].start()
    for thread in threads:
        thread.join(timeout=max(0, context.end - time.monotonic()) + 5)
    print(json.dumps(context.counts))


if __name__ == "__main__":
    main()

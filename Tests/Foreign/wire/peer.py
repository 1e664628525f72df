"""The other end of a connection, by an implementation that is not ours: for the Swift tests of the network.

    peer.py noiseprotocol|dissononce PORT OUR-SECRET THEIR-PUBLIC-KEY CHAIN

Dials 127.0.0.1:PORT, completes the handshake, checks who answered, sends a beat of height 7, and echoes each
frame that comes until one says "bye"; then sends as many beats as make both sides change their keys. Keys and
chain are hexadecimal. What it says on the way is for people.
"""

import socket
import struct
import sys

import cbor2

MESSAGES_PER_KEY = 1 << 16


class NoiseProtocol:
    def __init__(self, secret, prologue):
        from noise.connection import Keypair, NoiseConnection

        self.connection = NoiseConnection.from_name(b"Noise_XX_25519_ChaChaPoly_SHA256")
        self.connection.set_as_initiator()
        self.connection.set_prologue(prologue)
        self.connection.set_keypair_from_private_bytes(Keypair.STATIC, secret)
        self.connection.start_handshake()

    def write(self):
        return bytes(self.connection.write_message())

    def read(self, message):
        self.connection.read_message(message)
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        key = self.connection.noise_protocol.handshake_state.rs.public
        return key.public_bytes(Encoding.Raw, PublicFormat.Raw)

    def finish(self):
        self.sending = self.connection.noise_protocol.cipher_state_encrypt
        self.receiving = self.connection.noise_protocol.cipher_state_decrypt


class Dissononce:
    def __init__(self, secret, prologue):
        from dissononce.cipher.chachapoly import ChaChaPolyCipher
        from dissononce.dh.x25519.private import PrivateKey
        from dissononce.dh.x25519.x25519 import X25519DH
        from dissononce.hash.sha256 import SHA256Hash
        from dissononce.processing.handshakepatterns.interactive.XX import XXHandshakePattern
        from dissononce.processing.impl.cipherstate import CipherState
        from dissononce.processing.impl.handshakestate import HandshakeState
        from dissononce.processing.impl.symmetricstate import SymmetricState

        dh = X25519DH()
        self.state = HandshakeState(SymmetricState(CipherState(ChaChaPolyCipher()), SHA256Hash()), dh)
        keys = dh.generate_keypair(PrivateKey(secret))
        self.state.initialize(XXHandshakePattern(), True, prologue, s=keys)

    def write(self):
        message = bytearray()
        self.ciphers = self.state.write_message(b"", message)
        return bytes(message)

    def read(self, message):
        self.state.read_message(message, bytearray())
        return self.state.rs.data

    def finish(self):
        self.sending, self.receiving = self.ciphers
        for state in self.ciphers:
            state.rekey = lambda state=state: self.rekey(state)

    @staticmethod
    def rekey(state):
        """As the specification has it (4.2, 5.1). The library's own leaves the tag in the key and starts again at 0."""
        number = state._nonce
        state.initialize_key(state.cipher.rekey(state._key)[:32])
        state.set_nonce(number)


class Peer:
    def __init__(self, noise, port):
        self.noise = noise
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.sent = self.received = 0
        self.plain = b""

    def record(self):
        return self.exactly(struct.unpack(">H", self.exactly(2))[0])

    def exactly(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                sys.exit("the connection ended")
            data += part
        return data

    def handshake(self):
        self.send_record(self.noise.write())
        key = self.noise.read(self.record())
        self.send_record(self.noise.write())
        self.noise.finish()
        return key

    def send_record(self, message):
        self.socket.sendall(struct.pack(">H", len(message)) + message)

    def send(self, frame):
        plain = struct.pack(">I", len(frame)) + frame
        for start in range(0, len(plain), 65_519):
            self.send_record(bytes(self.noise.sending.encrypt_with_ad(b"", plain[start:start + 65_519])))
            self.sent += 1
            if self.sent % MESSAGES_PER_KEY == 0:
                self.noise.sending.rekey()

    def receive(self):
        while len(self.plain) < 4 or len(self.plain) < 4 + struct.unpack(">I", self.plain[:4])[0]:
            self.plain += bytes(self.noise.receiving.decrypt_with_ad(b"", self.record()))
        count = struct.unpack(">I", self.plain[:4])[0]
        frame, self.plain = self.plain[4:4 + count], self.plain[4 + count:]
        return frame


def beat(height):
    return cbor2.dumps([11, height, 0, 0], canonical=True)


def main():
    library, port, secret, theirs, chain = sys.argv[1:]
    prologue = cbor2.dumps(["provchain/wire/1", bytes.fromhex(chain), 1], canonical=True)
    noise = {"noiseprotocol": NoiseProtocol, "dissononce": Dissononce}[library](bytes.fromhex(secret), prologue)
    peer = Peer(noise, int(port))
    if peer.handshake() != bytes.fromhex(theirs):
        sys.exit("somebody else answered")
    peer.send(beat(7))
    while True:
        frame = peer.receive()
        if cbor2.loads(frame) == [3, b"bye"]:
            break
        peer.send(frame)
    for _ in range(MESSAGES_PER_KEY):
        peer.send(beat(8))
    peer.send(beat(9))
    peer.receive()


if __name__ == "__main__":
    main()

"""Links between nodes that can be cut: small TCP proxies on loopback, one for each direction of dialling."""

import asyncio
import threading

CHUNK = 1 << 16


class Proxy:
    """Hands what comes at its own port on to another one, both ways, as the state of the link has it."""

    def __init__(self, target: tuple[str, int]):
        self.target = target
        self.port = 0
        self.open = asyncio.Event()
        self.open.set()
        self.isCut = False
        self.writers: set[asyncio.StreamWriter] = set()

    async def listen(self) -> None:
        server = await asyncio.start_server(self.accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        other = None
        try:
            await self.open.wait()
            if self.isCut:
                return
            inbound, other = await asyncio.open_connection(*self.target)
            self.writers |= {writer, other}
            await asyncio.gather(self.carry(reader, other), self.carry(inbound, writer))
        except OSError:
            pass
        finally:
            for each in (writer, other):
                if each:
                    self.writers.discard(each)
                    each.close()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(CHUNK):
                await self.open.wait()
                writer.write(data)
                await writer.drain()
        finally:
            # One direction that ended ends both, as a node does it.
            writer.close()

    def cut(self) -> None:
        """Ends every connection, and each new one at once."""
        self.isCut = True
        self.open.set()
        for writer in list(self.writers):
            writer.transport.abort()

    def stall(self) -> None:
        """Says nothing and loses nothing: connections stay, and no byte arrives, as where a cable is unplugged."""
        self.open.clear()

    def heal(self) -> None:
        self.isCut = False
        self.open.set()


class Links:
    """Proxies from everybody to everybody; runs on a thread of its own."""

    def __init__(self, ports: list[int]):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        places = range(len(ports))
        self.proxies = self.run(self.make({
            (caller, called): ("127.0.0.1", ports[called])
            for caller in places for called in places if caller != called}))

    @staticmethod
    async def make(targets: dict) -> dict[tuple[int, int], Proxy]:
        proxies = {pair: Proxy(target) for pair, target in targets.items()}
        for proxy in proxies.values():
            await proxy.listen()
        return proxies

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=30)

    def port(self, caller: int, called: int) -> int:
        return self.proxies[caller, called].port

    def part(self, groups: list[list[int]], silently: bool) -> None:
        """Only those of one group still reach each other."""
        together = {(a, b) for group in groups for a in group for b in group}

        async def change():
            for pair, proxy in self.proxies.items():
                if pair not in together:
                    proxy.stall() if silently else proxy.cut()

        self.run(change())

    def heal(self) -> None:
        async def change():
            for proxy in self.proxies.values():
                proxy.heal()

        self.run(change())

"""A TCP proxy between one worker and the broker, which cuts, stalls and silences its connections."""

import asyncio
import contextlib


class Link:
    """One connection of the worker: its side, and the one that the proxy opened to the broker for it."""

    def __init__(self, worker: asyncio.StreamWriter, broker: asyncio.StreamWriter) -> None:
        self.worker = worker
        self.broker = broker
        self.is_silent = False
        self.flows = asyncio.Event()
        self.flows.set()

    def cut(self) -> None:
        """Both sides see a reset."""
        self.worker.transport.abort()
        self.broker.transport.abort()

    def silence(self, side: str) -> None:
        """Bytes vanish from now on. `worker` or `broker` names the side that knows, having seen a reset; the other
        waits in vain. With `both`, the two wait for each other."""
        self.is_silent = True
        if side != "both":
            getattr(self, side).transport.abort()


class Proxy:
    """Listens on a port of its own, so that what it does concerns one worker."""

    def __init__(self, broker_port: int) -> None:
        self.broker_port = broker_port
        self.links: set[Link] = set()
        self.port = 0
        self.flows = asyncio.Event()
        self.flows.set()

    async def start(self) -> None:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.server = server

    async def stall(self, seconds: float) -> None:
        """No byte moves for a while, on old connections as on new ones."""
        self.flows.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self.flows.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            broker_reader, broker_writer = await asyncio.open_connection("127.0.0.1", self.broker_port)
        except OSError:
            writer.transport.abort()
            return
        link = Link(writer, broker_writer)
        self.links.add(link)
        try:
            await asyncio.gather(
                self._pump(link, reader, broker_writer, "worker"), self._pump(link, broker_reader, writer, "broker")
            )
        finally:
            link.cut()
            self.links.discard(link)

    async def _pump(
        self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, side: str
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self.flows.wait()
                if link.is_silent:
                    continue
                writer.write(data)
                await writer.drain()
        # The end of one side is not told to the other when the network is gone.
        if not link.is_silent:
            writer.close()

"""A bad line: a TCP proxy before a server that cuts, silences or garbles what the server says."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from pipeline.demo.servers import listening


class Fault(Enum):
    """What happens to a connection once its octets are used up."""

    CUT = "cut"
    STALL = "stall"
    GARBAGE = "garbage"


@dataclass(kw_only=True)
class Line:
    """What the proxy does; may be changed while it runs.

    Parameters
    ----------
    target
        Port of the server on 127.0.0.1.
    fault
        What happens after `octets` from the server, on each of the next `faults` connections.
    poison
        A connection that would carry these octets to the client is cut before them, however often.
    pace
        At most so many octets at once, and so many seconds after each; 0 for as quick as can be.
    """

    target: int
    fault: Fault = Fault.CUT
    octets: int = 0
    faults: int = 0
    poison: bytes = b""
    pace: tuple[int, float] = (65536, 0.0)
    # What the client said, on all connections.
    said: bytearray = field(default_factory=bytearray, init=False, repr=False)
    connections: int = field(default=0, init=False)
    port: int = field(default=0, init=False)
    # Kept here: streams know each other weakly, and a task that waits for one whose other end is gone is collected as garbage.
    _serving: set[object] = field(default_factory=set, init=False, repr=False)
    _never: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _changed: threading.Condition = field(default_factory=threading.Condition, init=False, repr=False)

    def until(self, true: Callable[[], bool], seconds: float = 60.0) -> bool:
        """Wait until something is true of what came over the line; return whether it is."""
        with self._changed:
            return self._changed.wait_for(true, seconds)

    def commands(self) -> list[str]:
        """Return the commands that the client gave, by name; of UID commands both words."""
        lines = [line.split() for line in bytes(self.said).decode("ascii", "replace").splitlines()]
        named = [words[1:] for words in lines if len(words) > 1]
        return [" ".join(words[:2]) if words[0] == "UID" else words[0] for words in named]

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        self._serving.add(task)
        with self._changed:
            self.connections += 1
            self._changed.notify_all()
        budget = self.octets if self.faults > 0 else None
        self.faults -= 1
        try:
            upstream, to_server = await asyncio.open_connection("127.0.0.1", self.target)
            forth = asyncio.create_task(self._forth(reader, to_server))
            try:
                await self._back(upstream, writer, budget)
            finally:
                forth.cancel()
                to_server.transport.abort()
        except OSError:
            pass  # one of the two ends is gone
        except asyncio.CancelledError:
            writer.transport.abort()  # the test is over: what is still to be written would keep it open
        finally:
            writer.close()
            self._serving.discard(task)

    async def _forth(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while octets := await reader.read(65536):
                with self._changed:
                    self.said += octets
                    self._changed.notify_all()
                writer.write(octets)
                await writer.drain()

    async def _back(
        self, upstream: asyncio.StreamReader, writer: asyncio.StreamWriter, budget: int | None
    ) -> None:
        while octets := await upstream.read(self.pace[0]):
            if self.poison and self.poison in octets:
                return
            if budget is not None:
                octets, budget = octets[:budget], budget - len(octets)
            writer.write(octets)
            await writer.drain()
            if self.pace[1]:
                await asyncio.sleep(self.pace[1])
            if budget is not None and budget <= 0:
                await self._fail(writer)
                return

    async def _fail(self, writer: asyncio.StreamWriter) -> None:
        if self.fault is Fault.GARBAGE:
            writer.write(b"\r\n\x00\xff)) {7}\r\n* * *\r\n")
            await writer.drain()
        elif self.fault is Fault.STALL:
            await self._never.wait()


@contextlib.contextmanager
def bad_line(line: Line) -> Iterator[Line]:
    """Run the proxy `line`, and set its port."""
    with listening(lambda: asyncio.start_server(line.carry, "127.0.0.1", 0)) as port:
        line.port = port
        yield line

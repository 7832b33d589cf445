"""The workers as processes, each behind a proxy of its own."""

import asyncio
import os
import signal
import time

from proxy import Proxy


class WorkerProcess:
    """One place in the fleet: a worker, and after its end the next one."""

    def __init__(self, number: int, command: list[str], environment: dict[str, str], proxy: Proxy, log) -> None:
        self.number = number
        self.command = command
        self.environment = environment
        self.proxy = proxy
        self.log = log
        self.names: list[str] = []
        self.ended_by_itself: list[int] = []
        self.is_wanted = True
        self.process: asyncio.subprocess.Process | None = None
        self.changed = asyncio.Event()

    async def supervise(self) -> None:
        """Starts the worker, and again whenever it ends."""
        while self.is_wanted:
            self.was_signalled = False
            self.process = await asyncio.create_subprocess_exec(
                *self.command, env=self.environment, stdout=self.log, stderr=self.log
            )
            self.names.append(f"{os.uname().nodename}-{self.process.pid}")
            self.started_at = time.monotonic()
            self.changed.set()
            status = await self.process.wait()
            if not self.was_signalled and self.is_wanted:
                self.ended_by_itself.append(status)
                await asyncio.sleep(0.5)

    @property
    def name(self) -> str:
        """The name under which the worker of the moment signs its results."""
        return self.names[-1] if self.names else ""

    def signal(self, number: int) -> None:
        if self.process and self.process.returncode is None:
            self.was_signalled = True
            self.process.send_signal(number)

    async def end(self) -> None:
        self.is_wanted = False
        self.signal(signal.SIGTERM)
        if self.process:
            try:
                await asyncio.wait_for(self.process.wait(), 40)
            except TimeoutError:
                self.signal(signal.SIGKILL)
                await self.process.wait()

    def weight(self, cloud_port: int) -> dict[str, float]:
        """Open descriptors but for those to the cloud, whose number follows the load; those; and resident MiB."""
        pid = self.process.pid
        to_cloud = sockets_to(pid, cloud_port)
        descriptors = 0
        pooled = 0
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                target = os.readlink(f"/proc/{pid}/fd/{name}")
            except OSError:
                continue
            if target in to_cloud:
                pooled += 1
            else:
                descriptors += 1
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        return {"descriptors": descriptors, "to the cloud": pooled, "MiB": round(resident / 1024, 1)}


def sockets_to(pid: int, port: int) -> set[str]:
    """The sockets of a process that are connected to a port, as /proc/PID/fd names them."""
    sockets = set()
    with open(f"/proc/{pid}/net/tcp", encoding="ascii") as table:
        for line in list(table)[1:]:
            fields = line.split()
            if int(fields[2].rsplit(":", 1)[1], 16) == port:
                sockets.add(f"socket:[{fields[9]}]")
    return sockets

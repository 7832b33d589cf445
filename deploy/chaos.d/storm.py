"""What goes wrong, and when: four streams of faults, each drawn from the seed."""

import asyncio
import random
import signal
import time
from dataclasses import dataclass

from broker import Broker
from cloud import Cloud
from fleet import WorkerProcess

HEARTBEAT = 2  # seconds, as the workers are told


@dataclass
class Event:
    kind: str
    # The moment from which recovery counts.
    at: float
    # The worker that it concerns, by the name that it has afterwards; empty for all.
    worker: str = ""


@dataclass
class Intensity:
    """Mean seconds between two faults of a stream; 0 turns it off."""

    workers: float
    links: float
    cloud: float
    broker: float
    # A cloud that never answers holds a call for as long as the worker's time limit, half a minute or more.
    hangs: bool


class Storm:
    def __init__(
        self, seed: int, intensity: Intensity, fleet: list[WorkerProcess], broker: Broker, cloud: Cloud
    ) -> None:
        self.seed = seed
        self.intensity = intensity
        self.fleet = fleet
        self.broker = broker
        self.cloud = cloud
        self.events: list[Event] = []
        self.counts: dict[str, int] = {}
        self.tasks: set[asyncio.Task] = set()

    async def rage(self, seconds: float) -> None:
        """Disturbs for so long, then leaves everything whole."""
        end = time.monotonic() + seconds
        streams = {
            self._worker: self.intensity.workers,
            self._link: self.intensity.links,
            self._cloud: self.intensity.cloud,
            self._broker: self.intensity.broker,
        }
        async with asyncio.TaskGroup() as group:
            for stream, gap in streams.items():
                if gap:
                    group.create_task(self._stream(stream, gap, end))
        if self.tasks:
            await asyncio.wait(self.tasks)
        await self.cloud.control("DELETE", "faults")

    async def _stream(self, stream, gap: float, end: float) -> None:
        choice = random.Random(f"{self.seed}/{stream.__name__}")
        while True:
            pause = gap * choice.uniform(0.5, 1.5)
            if time.monotonic() + pause >= end:
                return
            await asyncio.sleep(pause)
            await stream(choice)

    def _count(self, kind: str) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1

    # Workers

    async def _worker(self, choice: random.Random) -> None:
        # The first worker is spared: what it holds at the end shows leaks.
        worker = choice.choice(self.fleet[1:])
        kind = choice.choices(["worker killed", "worker terminated"], [80, 20])[0]
        self._count(kind)
        worker.changed.clear()
        at = time.monotonic()
        worker.signal(signal.SIGKILL if kind == "worker killed" else signal.SIGTERM)
        if kind == "worker killed":
            await worker.changed.wait()
            self.events.append(Event(kind, at, worker.name))

    # Connections

    async def _link(self, choice: random.Random) -> None:
        worker = choice.choice(self.fleet)
        links = sorted(worker.proxy.links, key=id)
        kind = choice.choice(
            ["connection cut", "all connections cut", "stall", "silence", "silence", "half-open to the broker",
             "half-open to the worker"]
        )  # fmt: skip
        seconds = choice.uniform(2.2, 3.5) * HEARTBEAT
        one = choice.random()
        if not links:
            return
        self._count(kind)
        if kind in ("silence", "all connections cut"):
            self.events.append(Event(kind, time.monotonic(), worker.name))
        match kind:
            case "connection cut":
                links[int(one * len(links))].cut()
            case "all connections cut":
                for link in links:
                    link.cut()
            case "stall":
                task = asyncio.create_task(worker.proxy.stall(seconds))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
            case "silence":
                for link in links:
                    link.silence("both")
            case "half-open to the broker":
                links[int(one * len(links))].silence("worker")
            case "half-open to the worker":
                links[int(one * len(links))].silence("broker")

    # The cloud

    async def _cloud(self, choice: random.Random) -> None:
        throttle = {"code": "RequestLimitExceeded", "status": 503, "message": "Request limit exceeded."}
        capacity = {
            "code": "InsufficientInstanceCapacity", "status": 500, "action": "RunInstances",
            "message": "We currently do not have sufficient capacity.",
        }  # fmt: skip
        kinds = {
            "throttle storm": {"effect": "error", "probability": 0.7, "times": choice.randint(10, 60), **throttle},
            "cloud 5xx": {
                "effect": "error", "code": choice.choice(["InternalError", "Unavailable"]),
                "status": choice.choice([500, 503]), "times": choice.randint(2, 12),
            },
            "no capacity": {"effect": "error", "times": choice.randint(1, 5), **capacity},
            "cloud slow": {"effect": "latency", "milliseconds": choice.randint(300, 3000), "times": 10},
            "cloud cuts before it acts": {"effect": "cut_before", "times": choice.randint(1, 4)},
            "cloud acts, then cuts": {
                "effect": "cut_after", "times": choice.randint(1, 3),
                "action": choice.choice(["RunInstances", "RebootInstances", "StartInstances", "StopInstances"]),
            },
            "cloud hangs": {"effect": "hang", "times": choice.randint(1, 2)},
        }  # fmt: skip
        kind = choice.choice(list(kinds))
        if kind == "cloud hangs" and not self.intensity.hangs:
            return
        self._count(kind)
        await self.cloud.control("POST", "faults", kinds[kind])

    # The broker

    async def _broker(self, choice: random.Random) -> None:
        kind = choice.choice(["broker stopped", "broker killed", "broker killed", "broker paused"])
        pause = choice.uniform(0, 3)
        self._count(kind)
        if kind == "broker paused":
            await self.broker.run("pause")
            await asyncio.sleep(3 * HEARTBEAT)
            await self.broker.run("resume")
        else:
            await self.broker.run("stop" if kind == "broker stopped" else "kill")
            await asyncio.sleep(pause)
            await self.broker.run("start")
        self.events.append(Event(kind, time.monotonic()))

#!/usr/bin/env python3
"""The driver of deploy/chaos, which sets up what this needs; see there and docs/testing.md."""

import argparse
import asyncio
import json
import os
import pathlib
import re
import sys
import time

from bot import Bot
from broker import Broker
from cloud import Cloud
from fleet import WorkerProcess
from proxy import Proxy
from storm import HEARTBEAT, Intensity, Storm
from verdict import Verdict, judge, recovery
from workload import LAUNCHES, MIX, Workload

# Hundreds of faults in half an hour, a few dozen in a minute.
LONG = Intensity(workers=6, links=6, cloud=6, broker=100, hangs=True)
SHORT = Intensity(workers=4, links=4, cloud=4, broker=12, hangs=False)
# For the self-test: nothing but what must go wrong with the defect, and that often.
DEFECT = Intensity(workers=1.5, links=0, cloud=0, broker=0, hangs=False)

# What a worker may gain: descriptors that it opens when first needed, and memory that the load has stretched.
DESCRIPTORS_BOUND = 3
MEMORY_BOUND = 64  # MiB

# The exit status when something is not 0 that must be.
FOUND = 3


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/chaos")
    parser.add_argument("--form", choices=["long", "short", "defect"], required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--commands", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--patience", type=float, required=True)
    parser.add_argument("--defect", choices=["acknowledges-first", "ignores-intents"])
    parser.add_argument("--broker-script", required=True)
    parser.add_argument("--broker-name", required=True)
    parser.add_argument("--broker-port", type=int, required=True)
    parser.add_argument("--products", required=True)
    parser.add_argument("--directory", type=pathlib.Path, required=True)
    return parser.parse_args()


class Chaos:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.directory: pathlib.Path = options.directory
        self.prefix = f"chaos-{options.defect or 'sound'}-{os.getpid()}"
        self.broker = Broker(options.broker_script, options.broker_name, options.broker_port, self._log("broker"))
        self.cloud = Cloud(f"{options.products}/updraft-worker", options.seed, self._log("cloud"))
        self.workload = Workload(
            options.seed,
            options.commands,
            options.seconds,
            LAUNCHES if options.form == "defect" else MIX,
            always_waits=options.form == "defect",
        )
        self.intensity = {"long": LONG, "short": SHORT, "defect": DEFECT}[options.form]
        self.fleet: list[WorkerProcess] = []
        self.supervisors: list[asyncio.Task] = []
        # Nothing of the caller's settings reaches the workers.
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("UPDRAFT_", "AWS_"))
        }

    def _log(self, name: str):
        return open(self.directory / f"{name}.log", "ab")

    async def run(self) -> bool:
        try:
            return await self._run()
        finally:
            for worker in self.fleet:
                worker.proxy.flows.set()
            await asyncio.gather(*(worker.end() for worker in self.fleet))
            for task in self.supervisors:
                task.cancel()
            if hasattr(self.cloud, "process"):
                self.cloud.process.terminate()
                await self.cloud.process.wait()

    async def _run(self) -> bool:
        options = self.options
        await self.broker.add_user(Bot.USER, Bot.USER)
        await self.cloud.start(self.environment)
        stock = {}
        for (name, region), count in self.workload.stock().items():
            state = {"start": "stopped"}.get(name, "running")
            group = {"region": region, "count": count, "state": state, "tags": {"group": name}}
            stock[name, region] = (await self.cloud.control("POST", "instances", group))["ids"]
        self.workload.hand_out(stock)
        await self._start_workers()

        bot = Bot(options.broker_port, self.prefix)
        await asyncio.to_thread(bot.start, self.workload.sendings)
        # Steady state: load, and nothing wrong yet.
        calm = min(10.0, options.seconds / 10)
        await asyncio.sleep(calm)
        before = self.fleet[0].weight(self.cloud.port)
        storm = Storm(options.seed, self.intensity, self.fleet, self.broker, self.cloud)
        watch = asyncio.create_task(self._progress(bot, storm))
        await storm.rage(options.seconds - calm)
        waited = await self._until_answered(bot)
        watch.cancel()
        after = await self._weight_at_rest(before)
        await asyncio.to_thread(bot.stop)

        instances = (await self.cloud.control("GET", "instances"))["instances"]
        verdict = judge(self.workload, bot.results, instances, await self.cloud.calls("RebootInstances"))
        verdict.counts["publishes repeated by the sender"] = bot.resent
        for reason, count in sorted((await asyncio.to_thread(bot.dead_letters)).items()):
            verdict.counts[f"dead letters {reason}"] = count
        self._judge_weight(verdict, before, after)
        for worker in self.fleet:
            for status in worker.ended_by_itself:
                verdict.counts["workers that ended by themselves"] = (
                    verdict.counts.get("workers that ended by themselves", 0) + 1
                )
                if status < 0:
                    verdict.offenders["crashes"].append(f"worker {worker.number}, signal {-status}")
        report = {
            "seed": options.seed,
            "form": options.form,
            "defect": options.defect,
            "seconds": options.seconds,
            "counts": verdict.counts,
            "must be 0": {name: len(ids) for name, ids in verdict.offenders.items()},
            "offenders": {name: ids[:50] for name, ids in verdict.offenders.items() if ids},
            "faults": dict(sorted(storm.counts.items())),
            "recovery": recovery(storm.events, bot.results, bot.sent_at),
            "seconds until all was answered, after the last fault": round(waited, 1),
            "the spared worker": {"before": before, "after": after},
        }
        (self.directory / "report.json").write_text(json.dumps(report, indent=2) + "\n")
        with (self.directory / "results.jsonl").open("w") as file:
            for correlation, answers in sorted(bot.results.items()):
                for at, result in answers:
                    file.write(json.dumps({"correlation": correlation, "at": at, "result": result}) + "\n")
        show(report)
        if verdict.violated:
            print(f"\nFAILED: {', '.join(verdict.violated)}. Seed {options.seed}; logs and results: {self.directory}")
        else:
            counts = verdict.counts
            print(
                f"\nNothing lost, nothing twice: {counts['commands']} commands, {counts['results']} results, "
                f"{sum(storm.counts.values())} faults, seed {options.seed}."
            )
        return not verdict.violated

    async def _start_workers(self) -> None:
        options = self.options
        command = [f"{options.products}/updraft-worker", "run"]
        if options.defect:
            command = [f"{options.products}/broken-worker", options.defect]
        for number in range(options.workers):
            proxy = Proxy(options.broker_port)
            await proxy.start()
            environment = self.environment | self.cloud.environment | {
                "UPDRAFT_AMQP_URL": f"amqp://guest:guest@127.0.0.1:{proxy.port}/",
                "UPDRAFT_AMQP_PREFIX": self.prefix,
                "UPDRAFT_AMQP_HEARTBEAT": f"{HEARTBEAT}s",
                "UPDRAFT_WAIT_INTERVAL": "250ms",
                "UPDRAFT_WAIT_REBOOT": "500ms",
                "UPDRAFT_SHUTDOWN_GRACE": "5s",
            }
            self.fleet.append(WorkerProcess(number, command, environment, proxy, self._log(f"worker-{number}")))
        self.supervisors = [asyncio.create_task(worker.supervise()) for worker in self.fleet]
        # The topology is there as soon as a worker has declared it; it is ready when it has read the ledger.
        deadline = time.monotonic() + 60
        for worker in self.fleet:
            while not re.search(rb"\bready\b", (self.directory / f"worker-{worker.number}.log").read_bytes()):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"worker {worker.number} did not get ready; see its log")
                await asyncio.sleep(0.1)

    async def _progress(self, bot: Bot, storm: Storm) -> None:
        while True:
            await asyncio.sleep(15)
            answered, sent = len(bot.results), len(bot.sent_at)
            faults = sum(storm.counts.values())
            print(f"  sent {sent}, answered {answered}, faults {faults}", flush=True)

    async def _until_answered(self, bot: Bot) -> float:
        """Waits until every message is answered, or nothing is left that could be."""
        begin = time.monotonic()
        empty = 0
        while time.monotonic() - begin < self.options.patience:
            if bot.sending_ended.is_set():
                if not bot.unanswered(self.workload.sendings):
                    break
                queues = await self.broker.queues(self.prefix)
                kept = {f"{self.prefix}.dead", f"{self.prefix}.ledger", f"{self.prefix}.settings"}
                waiting = sum(count for name, count in queues.items() if name not in kept)
                empty = 0 if waiting else empty + 1
                if empty == 3:
                    break
            await asyncio.sleep(1)
        return time.monotonic() - begin

    async def _weight_at_rest(self, before: dict[str, float]) -> dict[str, float]:
        """What the spared worker weighs once it has nothing to do; it gives memory back every five seconds."""
        if self.options.form != "defect":
            await asyncio.sleep(6)
        deadline = time.monotonic() + 20
        while True:
            after = self.fleet[0].weight(self.cloud.port)
            if after["descriptors"] <= before["descriptors"] + DESCRIPTORS_BOUND or time.monotonic() > deadline:
                return after
            await asyncio.sleep(1)

    def _judge_weight(self, verdict: Verdict, before: dict[str, float], after: dict[str, float]) -> None:
        if after["descriptors"] > before["descriptors"] + DESCRIPTORS_BOUND:
            verdict.offenders["descriptors leaked"].append(f"{before['descriptors']} → {after['descriptors']}")
        if after["MiB"] > before["MiB"] + MEMORY_BOUND:
            verdict.offenders["memory leaked"].append(f"{before['MiB']} → {after['MiB']} MiB")


def show(report: dict) -> None:
    """The report as a table."""
    print(f"\nChaos, seed {report['seed']}, {report['seconds']:.0f} s, {report['defect'] or 'sound workers'}")
    for title, rows in [
        ("counted", report["counts"]),
        ("must be 0", report["must be 0"]),
        ("faults", report["faults"]),
    ]:
        print(f"\n  {title}")
        for name, count in rows.items():
            print(f"    {name:<42} {count:>8}")
    print("\n  recovery, seconds                                      n     min  median     p90     max")
    for name, row in report["recovery"].items():
        values = "".join(f"{row[key]:8.2f}" for key in ("min", "median", "p90", "max"))
        print(f"    {name:<48} {row['n']:>4}{values}")
    weight = report["the spared worker"]
    print("\n  the spared worker              before   after")
    for name in weight["before"]:
        print(f"    {name:<24} {weight['before'][name]:>10} {weight['after'][name]:>7}")
    for name, ids in report["offenders"].items():
        print(f"\n  {name}: {', '.join(ids)}")


if __name__ == "__main__":
    # 1 is what an exception ends with: that the harness failed is not that it found something.
    sys.exit(0 if asyncio.run(Chaos(arguments()).run()) else FOUND)

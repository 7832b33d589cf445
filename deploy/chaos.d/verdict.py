"""Counts what came back against what was asked for and what the cloud did."""

import statistics
from dataclasses import dataclass, field

from storm import Event
from workload import Command, Workload

# What the faults of a run may come to, as seen by the sender.
EXPECTED = {
    "throttled", "aws_unreachable", "no_capacity", "outcome_unknown", "timeout", "quarantined", "expired",
    "items_failed", "cancelled",
}  # fmt: skip
INJECTED = {"RequestLimitExceeded", "InternalError", "Unavailable", "InsufficientInstanceCapacity"}
# Who says that nobody knows, or that somebody shall look, has reported nothing wrong.
UNSURE = {"outcome_unknown", "quarantined"}
TARGETS = {"start": "running", "stop": "stopped", "terminate": "terminated"}
# What must not happen at all.
MUST_BE_ZERO = [
    "missing", "contradictory", "launches beyond asked", "launches wrongly reported", "reboots beyond asked",
    "reboots wrongly reported", "changes wrongly reported", "unclassified failures", "results of nobody",
    "descriptors leaked", "memory leaked", "crashes",
]  # fmt: skip


@dataclass
class Verdict:
    """Counts by name, and for what must be 0 the ids."""

    counts: dict[str, int] = field(default_factory=dict)
    offenders: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in MUST_BE_ZERO})

    @property
    def violated(self) -> list[str]:
        return [name for name, ids in self.offenders.items() if ids]


def codes(result: dict) -> set[str]:
    """The codes of a result and of its items."""
    problems = [result.get("error")] + [item.get("error") for item in result.get("items") or []]
    return {problem["code"] for problem in problems if problem}


def is_classified(problem: dict | None) -> bool:
    if not problem or problem["code"] in EXPECTED:
        return True
    return problem["code"] == "aws_error" and (problem.get("aws") or {}).get("code") in INJECTED


def is_final(result: dict) -> bool:
    """Whether a repetition must be answered with this result (docs/contract.md)."""
    return result["status"] in ("succeeded", "partial") or (
        result["status"] == "failed" and not result["error"]["retryable"]
    )


def reported(result: dict) -> set[str]:
    """The instances that a launch's result names."""
    ids = {instance["id"] for instance in (result.get("output") or {}).get("instances", [])}
    return ids | {item["instance_id"] for item in result.get("items") or []}


def essence(result: dict) -> tuple:
    """What two results for one id must agree on: all but `duplicate`, times, the worker, and states in passing."""
    items = sorted(
        (item["instance_id"], item["status"], (item.get("error") or {}).get("code"))
        for item in result.get("items") or []
    )
    code = (result.get("error") or {}).get("code")
    return (result["command"], result["status"], code, tuple(items), tuple(sorted(reported(result))))


def judge(
    workload: Workload,
    results: dict[str, list[tuple[float, dict]]],
    instances: list[dict],
    reboots: list[dict],
) -> Verdict:
    verdict = Verdict()
    counts = verdict.counts
    offenders = verdict.offenders
    known = {sending.correlation for sending in workload.sendings}
    by_id: dict[str, list[dict]] = {}
    for correlation, answers in results.items():
        if correlation not in known:
            offenders["results of nobody"].append(correlation)
        by_id.setdefault(correlation.split("/")[0], []).extend(result for _, result in answers)
    counts["commands"] = len(workload.commands)
    counts["messages sent"] = len(workload.sendings)
    counts["results owed"] = sum(sending.owed for sending in workload.sendings)
    counts["results"] = sum(len(answers) for answers in results.values())
    for sending in workload.sendings:
        if len(results.get(sending.correlation, [])) < sending.owed:
            offenders["missing"].append(sending.correlation)

    launched: dict[str, set[str]] = {}
    states: dict[str, str] = {}
    stock = {id for command in workload.commands.values() for id in command.instances}
    for instance in instances:
        states[instance["id"]] = instance["state"]
        if instance["id"] not in stock:
            launched.setdefault(instance["tags"].get("updraft:command", "-"), set()).add(instance["id"])
    rebooted: dict[str, int] = {}
    for call in reboots:
        if call["outcome"] == "OK" and not call["dryRun"]:
            for id in call["instanceIDs"]:
                rebooted[id] = rebooted.get(id, 0) + 1

    statuses: dict[str, int] = {}
    for command in workload.commands.values():
        answers = by_id.get(command.id, [])
        for result in answers:
            name = result["status"] if not result["error"] else f"{result['status']}: {result['error']['code']}"
            statuses[name] = statuses.get(name, 0) + 1
            problems = [result["error"]] + [item.get("error") for item in result.get("items") or []]
            if result["status"] == "rejected" or not all(map(is_classified, problems)):
                offenders["unclassified failures"].append(command.id)
        if command.name in TARGETS or command.name in ("create", "reboot"):
            if len({essence(result) for result in answers if is_final(result)}) > 1:
                offenders["contradictory"].append(command.id)
        judge_effects(command, answers, launched, rebooted, states, offenders)
    for id in set(launched) - {id for id, command in workload.commands.items() if command.name == "create"}:
        offenders["launches beyond asked"].append(f"tag {id}")

    creates = [command for command in workload.commands.values() if command.name == "create"]
    counts["launches asked"] = sum(command.size for command in creates)
    counts["launches made"] = sum(len(ids) for ids in launched.values())
    counts["reboots asked"] = sum(c.size for c in workload.commands.values() if c.name == "reboot")
    counts["reboots made"] = sum(rebooted.values())
    counts["duplicates"] = sum(result["duplicate"] for answers in by_id.values() for result in answers)
    counts["tried more than once"] = sum(result["attempts"] > 1 for answers in by_id.values() for result in answers)
    for name in sorted(statuses):
        counts[f"results {name}"] = statuses[name]
    return verdict


def judge_effects(
    command: Command,
    answers: list[dict],
    launched: dict[str, set[str]],
    rebooted: dict[str, int],
    states: dict[str, str],
    offenders: dict[str, list[str]],
) -> None:
    """Compares what was said about a command with what happened."""
    is_unsure = any(codes(result) & UNSURE for result in answers)
    if command.name == "create":
        made = launched.get(command.id, set())
        told = set().union(*map(reported, answers)) if answers else set()
        if len(made) > command.size:
            offenders["launches beyond asked"].append(command.id)
        if told - made or (answers and made - told and not is_unsure):
            offenders["launches wrongly reported"].append(command.id)
    elif command.name == "reboot":
        if any(rebooted.get(id, 0) > 1 for id in command.instances):
            offenders["reboots beyond asked"].append(command.id)
        done = {
            item["instance_id"]
            for result in answers
            for item in result.get("items") or []
            # What was waited for after a reboot may fail; the reboot itself was made.
            if item["status"] in ("succeeded", "queued") or (item.get("error") or {}).get("code") == "timeout"
        }
        made = {id for id in command.instances if rebooted.get(id, 0)}
        if done - made or (answers and made - done and not is_unsure):
            offenders["reboots wrongly reported"].append(command.id)
    elif command.name in TARGETS:
        waits = command.body["arguments"]["wait"]
        for result in answers:
            for item in result.get("items") or []:
                state = states.get(item["instance_id"])
                if item["status"] == "succeeded" and waits and state != TARGETS[command.name]:
                    offenders["changes wrongly reported"].append(command.id)


# Recovery


def recovery(events: list[Event], results: dict[str, list[tuple[float, dict]]], sent_at: dict[str, float]) -> dict:
    """How long it took, in seconds, by what happened.

    Until the next result: of anybody for the broker, of the worker concerned otherwise (of the one that took its
    place, if it was killed). Until all is answered: every message that was sent before and had no result yet.
    """
    arrivals = sorted((at, result["worker"]) for answers in results.values() for at, result in answers)
    answered_at = {correlation: min(at for at, _ in answers) for correlation, answers in results.items()}
    samples: dict[str, list[float]] = {}
    for event in events:
        # What left before a silence began may arrive just after it.
        earliest = event.at + (0.25 if event.worker else 0)
        next_result = next((at for at, w in arrivals if at > earliest and event.worker in ("", w)), None)
        kind = "broker is back" if event.kind.startswith("broker") else event.kind
        if next_result is not None:
            samples.setdefault(f"{kind}: next result", []).append(next_result - event.at)
        open_then = [
            answered_at[correlation] - event.at
            for correlation, at in sent_at.items()
            if at < event.at and answered_at.get(correlation, 0) > event.at
        ]
        if open_then:
            samples.setdefault(f"{kind}: all that was open answered", []).append(max(open_then))
    return {name: distribution(values) for name, values in sorted(samples.items())}


def distribution(values: list[float]) -> dict[str, float]:
    values = sorted(values)
    return {
        "n": len(values),
        "min": round(values[0], 2),
        "median": round(statistics.median(values), 2),
        "p90": round(values[min(len(values) - 1, int(len(values) * 0.9))], 2),
        "max": round(values[-1], 2),
    }

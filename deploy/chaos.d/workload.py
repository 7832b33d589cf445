"""The commands of a run, from its seed: each with effects has instances of its own, so that effects can be counted."""

import random
from dataclasses import dataclass, field

REGIONS = ["ap-northeast-2", "us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1"]

# Shares of the commands, in percent.
MIX = {
    "ping": 18, "list": 8, "zones": 3, "regions": 3, "images": 3,
    "start": 16, "stop": 16, "reboot": 14, "create": 11, "terminate": 8,
}  # fmt: skip
# What only a ledger keeps from happening twice.
LAUNCHES = {"create": 60, "reboot": 40}
EFFECTS = {"start", "stop", "reboot", "create", "terminate"}
# The state in which the stock of each command begins.
STOCK = {"start": "stopped", "stop": "running", "reboot": "running", "terminate": "running"}


@dataclass
class Command:
    """A command: the same however often it is sent."""

    id: str
    name: str
    region: str
    body: dict
    instances: list[str] = field(default_factory=list)
    size: int = 0


@dataclass
class Sending:
    """One message of a command."""

    command: Command
    at: float
    correlation: str
    lane: str
    is_copied: bool

    @property
    def owed(self) -> int:
        """How many results must come: a CC puts a copy into the other lane, which is answered, too."""
        return 2 if self.is_copied else 1


class Workload:
    def __init__(self, seed: int, count: int, seconds: float, mix: dict[str, int], always_waits: bool) -> None:
        self.random = random.Random(f"{seed}/workload")
        self.commands: dict[str, Command] = {}
        self.sendings: list[Sending] = []
        self.always_waits = always_waits
        names = self.random.choices(list(mix), weights=list(mix.values()), k=count)
        for number, name in enumerate(names):
            command = self._command(number, name)
            self.commands[command.id] = command
            at = (number + self.random.random()) * seconds / count
            self._send(command, at, "")
            # A sender that is not sure sends again, under the same id.
            if self.random.random() < 0.06:
                self._send(command, min(at + self.random.expovariate(1 / 6), seconds), "/again")
        self.sendings.sort(key=lambda sending: sending.at)

    def stock(self) -> dict[tuple[str, str], int]:
        """How many instances are needed of each kind in each region."""
        wanted: dict[tuple[str, str], int] = {}
        for command in self.commands.values():
            if command.name in STOCK:
                key = (command.name, command.region)
                wanted[key] = wanted.get(key, 0) + command.size
        return wanted

    def hand_out(self, stock: dict[tuple[str, str], list[str]]) -> None:
        """Gives each command its own instances of the stock."""
        left = {key: list(ids) for key, ids in stock.items()}
        for command in self.commands.values():
            if command.name in STOCK:
                command.instances = [left[command.name, command.region].pop() for _ in range(command.size)]
                command.body["arguments"]["instance_ids"] = command.instances

    def _send(self, command: Command, at: float, suffix: str) -> None:
        lane = "bulk." if self.random.random() < 0.3 else ""
        is_copied = command.name in EFFECTS and self.random.random() < 0.05
        self.sendings.append(Sending(command, at, command.id + suffix, lane, is_copied))

    def _command(self, number: int, name: str) -> Command:
        choice = self.random
        region = choice.choice(REGIONS)
        command = Command(f"c-{number:06}", name, region, {"command": name, "region": region})
        arguments: dict = {}
        if name in ("ping", "regions"):
            del command.body["region"]
        elif name == "list":
            arguments = {"filter": {"instance-state-name": ["running", "stopped"]}, "limit": choice.randint(5, 50)}
        elif name == "create":
            command.size = choice.choice([1, 1, 1, 2, 3])
            arguments = {
                "launch_template": {"name": "condor-execute"},
                "count": command.size,
                "wait": self.always_waits or choice.random() < 0.5,
            }
            if choice.random() < 0.4:
                arguments["instance_types"] = ["t3.micro", "t2.micro"]
        elif name in STOCK:
            command.size = choice.choice([1, 1, 1, 1, 2, 3])
            arguments = {"wait": self.always_waits or choice.random() < (0.3 if name == "reboot" else 0.7)}
        if name in EFFECTS and choice.random() < 0.03 and not self.always_waits:
            command.body["deadline_after"] = choice.uniform(2, 40)
        if arguments:
            command.body["arguments"] = arguments
        return command

"""The private broker, by way of deploy/broker."""

import asyncio


class Broker:
    def __init__(self, script: str, name: str, port: int, log) -> None:
        self.script = script
        self.name = name
        self.port = port
        self.log = log
        self.is_up = True

    async def run(self, verb: str, *arguments: str, check: bool = True) -> str:
        process = await asyncio.create_subprocess_exec(
            self.script,
            verb,
            "--name",
            self.name,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=self.log,
        )
        output, _ = await process.communicate()
        if check and process.returncode != 0:
            raise RuntimeError(f"'deploy/broker {verb}' failed; see broker.log")
        return output.decode()

    async def add_user(self, name: str, password: str) -> None:
        """The sender's user: not the workers', so that no header of its counts."""
        await self.run("ctl", "-q", "delete_user", name, check=False)
        await self.run("ctl", "-q", "add_user", name, password)
        await self.run("ctl", "-q", "set_permissions", name, ".*", ".*", ".*")

    async def queues(self, prefix: str) -> dict[str, int]:
        """Messages in each queue of the fleet, unacknowledged ones too."""
        text = await self.run("ctl", "-q", "list_queues", "--no-table-headers", "name", "messages")
        rows = (line.split("\t") for line in text.splitlines())
        return {row[0]: int(row[1] or 0) for row in rows if len(row) == 2 and row[0].startswith(prefix)}

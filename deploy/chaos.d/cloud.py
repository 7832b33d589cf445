"""The simulated cloud as a process of its own, and its control endpoints."""

import asyncio
import json
import re
import urllib.request


class Cloud:
    """Outlives every worker; its log of calls and its instances are what the workers are judged by."""

    def __init__(self, executable: str, seed: int, log) -> None:
        self.executable = executable
        self.seed = seed
        self.log = log
        self.environment: dict[str, str] = {}

    async def start(self, environment: dict[str, str]) -> None:
        self.process = await asyncio.create_subprocess_exec(
            self.executable,
            "simulate",
            env=environment
            | {"UPDRAFT_SIMULATED_SEED": str(self.seed), "UPDRAFT_SIMULATED_DELAY": "1s", "UPDRAFT_LOG_LEVEL": "error"},
            stdout=asyncio.subprocess.PIPE,
            stderr=self.log,
        )
        while "AWS_ENDPOINT_URL" not in self.environment or "AWS_SECRET_ACCESS_KEY" not in self.environment:
            line = (await asyncio.wait_for(self.process.stdout.readline(), 30)).decode()
            if not line:
                raise RuntimeError("the simulated cloud ended at its start; see cloud.log")
            if match := re.fullmatch(r"export (\w+)='(.*)'\n", line):
                self.environment[match[1]] = match[2]
        self.drain = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        while line := (await self.process.stdout.readline()).decode():
            if match := re.fullmatch(r"export (\w+)='(.*)'\n", line):
                self.environment[match[1]] = match[2]

    @property
    def port(self) -> int:
        return int(self.environment["AWS_ENDPOINT_URL"].rsplit(":", 1)[1].rstrip("/"))

    def request(self, method: str, path: str, body=None):
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}/_simulated/{path}"
        request = urllib.request.Request(url, data=data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    async def control(self, method: str, path: str, body=None):
        return await asyncio.to_thread(self.request, method, path, body)

    async def calls(self, action: str) -> list[dict]:
        """All calls of an action, page by page."""
        calls: list[dict] = []
        while True:
            after = calls[-1]["sequence"] if calls else 0
            page = (await self.control("GET", f"calls?action={action}&after={after}&limit=5000"))["calls"]
            if not page:
                return calls
            calls += page

"""Lets jobs race with the decision that their nodes leave; see deploy/htcondor/race."""

import argparse
import json
import os
import pathlib
import random
import shlex
import subprocess
import sys
import threading
import time

MANAGER = "i-0fa386b594da20771"
# How long a job runs, and how long after its submission one begins at the latest: a negotiation cycle.
JOB_SECONDS = 6


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--races", type=int, required=True)
    options.add_argument("--nodes", type=int, required=True)
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--naive", action="store_true")
    options.add_argument("--products", type=pathlib.Path, required=True)
    options.add_argument("--directory", type=pathlib.Path, required=True)
    options.add_argument("--local-pool", required=True)
    options.add_argument("--pool-directory", type=pathlib.Path, required=True)
    options.add_argument("--amqp", required=True)
    race = Race(options.parse_args())
    try:
        sys.exit(race.run())
    finally:
        race.stop()


class Race:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.local_pool = shlex.split(options.local_pool)
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("UPDRAFT_", "AWS_"))
        }
        if "UPDRAFT_CACHE" in os.environ:
            self.environment["UPDRAFT_CACHE"] = os.environ["UPDRAFT_CACHE"]
        self.environment["UPDRAFT_AMQP_URL"] = options.amqp
        self.worker = None
        self.counts = {"rounds": 0, "drains": 0, "accepted": 0, "refused": 0, "unreachable": 0, "busy before": 0, "jobs": 0}
        # Jobs are submitted in so many seconds. When the decision comes after their first is moved, so that they begin
        # about when it is carried out.
        self.window = 3.0
        self.moment = 3.0 if options.naive else 1.0

    # Programs

    def start(self):
        configuration = self.options.directory / "updraft.yaml"
        configuration.write_text(
            f"""
aws: {{ region: ap-northeast-2 }}
cloud: simulated
simulated: {{ local_pool: "{self.options.local_pool}", manager: {MANAGER} }}
pools:
  main:
    manager: {{ instance_id: {MANAGER} }}
    nodes: {{ image_id: {{image}}, instance_types: [t3.micro] }}
    limits: {{ min: 0, max: {self.options.nodes} }}
    scale_in: {{ idle_for: 1s, minimum_life: 0s, collector_settling: 0s }}
""".replace("{image}", "ami-0a86acf450d813dbc")
        )
        log = open(self.options.directory / "worker.log", "w")
        self.worker = subprocess.Popen(
            [self.options.products / "updraft-worker", "run", "--config", configuration],
            env=self.environment,
            stdout=log,
            stderr=log,
        )
        deadline = time.monotonic() + 60
        while self.updraft("ping", "--timeout", "2", check=False) is None:
            if self.worker.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the worker is not ready; see {log.name}")

    def stop(self):
        if self.worker is not None:
            self.worker.terminate()
            try:
                self.worker.wait(60)
            except subprocess.TimeoutExpired:
                self.worker.kill()

    def updraft(self, *arguments, check=True):
        """The result of a command; None when it failed and need not succeed."""
        done = subprocess.run(
            [self.options.products / "updraft", *arguments, "--json"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0 and not check:
            return None
        try:
            return json.loads(done.stdout)
        except ValueError:
            raise SystemExit(f"updraft {' '.join(arguments)}: {done.stdout}{done.stderr}") from None

    def condor(self, *command):
        done = subprocess.run([*self.local_pool, "exec", *command], env=self.environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    # Jobs

    def submit(self, node):
        number = self.counts["jobs"] = self.counts["jobs"] + 1
        # What a job writes tells whether it came to its end; the pool's own records would take a lease's time.
        script = (
            "#!/bin/sh\n"
            f'echo "begin {number} $$" >>$1\nsleep {JOB_SECONDS}\necho "end {number} $$" >>$1\n'
        )
        (self.jobs / f"job-{number}").write_text(script)
        (self.jobs / f"job-{number}").chmod(0o755)
        self.run_submit(node, number)

    def run_submit(self, node, number):
        seen = self.seen_jobs
        description = f"""
executable = {seen}/job-{number}
arguments = {seen}/log
transfer_executable = False
request_cpus = 1
request_memory = 32
request_disk = 1
requirements = EC2InstanceID == "{node}"
queue
"""
        done = subprocess.run(
            [*self.local_pool, "submit", "-"],
            env=self.environment,
            input=description,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise SystemExit(f"submit: {done.stdout}{done.stderr}")

    def killed(self):
        """The jobs that began on a node and did not come to their end there."""
        begun, ended = set(), set()
        for line in (self.jobs / "log").read_text().splitlines():
            word, job, process = line.split()
            (begun if word == "begin" else ended).add((job, process))
        return len(begun - ended)

    def await_no_jobs(self):
        if self.options.naive:
            # What was killed shows as running until its lease ends.
            time.sleep(JOB_SECONDS + 4)
            for force in ([], ["-forcex"]):
                subprocess.run(
                    [*self.local_pool, "exec", "condor_rm", "-all", *force], env=self.environment, capture_output=True
                )
        deadline = time.monotonic() + 120
        while jobs := self.condor("condor_q", "-allusers", "-af", "ClusterId", "JobStatus", "HoldReason").splitlines():
            if time.monotonic() > deadline or any(" 5 " in job for job in jobs):
                raise SystemExit("jobs don't end (id, status, why held):\n" + "\n".join(jobs))
            time.sleep(0.5)

    # Nodes

    def fill(self):
        """Brings all nodes into the pool; their instance ids."""
        deadline = time.monotonic() + 300
        while True:
            present = self.present()
            if len(present) == self.options.nodes:
                return sorted(present)
            if time.monotonic() > deadline:
                raise SystemExit(f"only {len(present)} of {self.options.nodes} nodes came")
            self.updraft("scale", "main", "--out", str(self.options.nodes - len(present)), "--wait")

    def present(self):
        ids = self.condor("condor_status", "-af", "EC2InstanceID", "-constraint", "PartitionableSlot =?= True")
        return {word for word in ids.split() if word.startswith("i-")}

    def leave(self):
        """Has idle nodes leave; what became of each."""
        if self.options.naive:
            return self.leave_naively()
        # Until they have stopped: one on its way there can't be started again.
        result = self.updraft("scale", "main", "--in", str(self.options.nodes), "--wait")
        return {
            node: action["outcome"]
            for action in result["output"]["actions"]
            if action["action"] == "drain"
            for node in action["instance_ids"]
        }

    def leave_naively(self):
        rows = self.condor("condor_status", "-af:t", "EC2InstanceID", "State", "SlotType").splitlines()
        claimed, seen = set(), set()
        for row in rows:
            node, state, kind = row.split("\t")
            seen.add(node)
            if state != "Unclaimed" or kind == "Dynamic":
                claimed.add(node)
        idle = sorted(seen - claimed)
        if idle:
            self.updraft("stop", *idle, "--if-busy", "kill", "--yes")
        return {node: "done" for node in idle}

    # The race

    def run(self):
        base = self.options.pool_directory / "race"
        base.mkdir()
        base.chmod(0o777)
        (base / "log").touch()
        (base / "log").chmod(0o666)
        self.jobs = base
        # Where jobs see it: the pool's directory is /mnt in a root of its own.
        inside = subprocess.run([*self.local_pool, "exec", "test", "-d", "/mnt/race"], env=self.environment)
        self.seen_jobs = "/mnt/race" if inside.returncode == 0 else str(base)
        self.start()
        while self.counts["drains"] < self.options.races:
            self.round()
        # Jobs wait for the nodes that left.
        self.fill()
        self.await_no_jobs()
        return self.report()

    def round(self):
        nodes = self.fill()
        self.await_no_jobs()
        begin = time.monotonic()
        lock = threading.Lock()

        def later(delay, node):
            time.sleep(max(0, begin + delay - time.monotonic()))
            with lock:
                self.submit(node)

        # A decision may begin before the first job is there.
        head = max(0, -self.moment)
        delays = [head + self.random.uniform(0, self.window) for _ in nodes]
        threads = [threading.Thread(target=later, args=pair) for pair in zip(delays, nodes)]
        for thread in threads:
            thread.start()
        time.sleep(max(0, begin + head + self.moment - time.monotonic()))
        outcomes = list(self.leave().values())
        for thread in threads:
            thread.join()
        accepted, refused = outcomes.count("done"), outcomes.count("refused")
        early = len(nodes) - len(outcomes)
        for name, count in (
            ("rounds", 1),
            ("drains", len(outcomes)),
            ("accepted", accepted),
            ("refused", refused),
            ("unreachable", len(outcomes) - accepted - refused),
            ("busy before", early),
        ):
            self.counts[name] += count
        # Busy when they were asked, or before: the decision comes too late; idle: too early. By the totals, so that both
        # outcomes get their share.
        if early > len(nodes) / 3 or self.counts["refused"] > self.counts["accepted"]:
            self.moment = max(-1.0, self.moment - 0.3)
        else:
            self.moment = min(self.window + 3, self.moment + 0.3)
        print(
            f"round {self.counts['rounds']}: {accepted} accepted, {refused} refused, {early} busy before", flush=True
        )

    def report(self):
        killed = self.killed()
        leaked = self.leaked()
        print(f"\nThe race, seed {self.options.seed}, {'check, then stop' if self.options.naive else 'compare-and-drain'}")
        for name, count in self.counts.items():
            share = f" ({100 * count // self.counts['drains']} %)" if name in ("accepted", "refused") else ""
            print(f"  {name:<24}{count:>6}{share}")
        print(f"  {'jobs killed':<24}{killed:>6}\n  {'nodes leaked':<24}{leaked:>6}")
        return 3 if killed or leaked else 0

    def leaked(self):
        """Nodes that run and are not in the pool, once everything has settled."""
        self.updraft("scale", "main", "--wait")
        running = self.updraft("list", "--filter", "tag-key=updraft:pool", "--filter", "instance-state-name=running")
        present = self.present()
        return sum(instance["id"] not in present for instance in running["output"]["instances"])


if __name__ == "__main__":
    main()

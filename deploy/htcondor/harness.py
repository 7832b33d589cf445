"""What the measurements on a real pool share: a worker on the simulated cloud, whose instances are nodes of the pool."""

import json
import os
import pathlib
import re
import shlex
import subprocess
import time

MANAGER = "i-0fa386b594da20771"

# Of the events in a job's log (HTCondor's manual, "Job Event Log Codes").
SUBMITTED, EXECUTING, TERMINATED = "000", "001", "005"
# Evicted, shadow exception, disconnected, reconnection failed.
CUT_OFF = {"004", "007", "022", "024"}


def add_options(options):
    options.add_argument("--products", type=pathlib.Path, required=True)
    options.add_argument("--directory", type=pathlib.Path, required=True)
    options.add_argument("--local-pool", required=True)
    options.add_argument("--pool-directory", type=pathlib.Path, required=True)
    options.add_argument("--amqp", required=True)


class Harness:
    """`pool` are the settings of the pool `main`, `delay` is how long an instance takes to start or stop, in seconds."""

    def __init__(self, options, pool, delay=2):
        self.options = options
        self.pool = pool
        self.delay = delay
        self.local_pool = shlex.split(options.local_pool)
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("UPDRAFT_", "AWS_"))
        }
        if "UPDRAFT_CACHE" in os.environ:
            self.environment["UPDRAFT_CACHE"] = os.environ["UPDRAFT_CACHE"]
        self.environment["UPDRAFT_AMQP_URL"] = options.amqp
        self.worker = None
        # What jobs write, and where they see it: the pool's directory is /mnt in a root of its own.
        self.jobs = options.pool_directory / "jobs"
        self.jobs.mkdir()
        self.jobs.chmod(0o777)
        inside = subprocess.run([*self.local_pool, "exec", "test", "-d", "/mnt/jobs"], env=self.environment)
        self.seen_jobs = "/mnt/jobs" if inside.returncode == 0 else str(self.jobs)

    # Programs

    def start(self):
        configuration = self.options.directory / "updraft.yaml"
        configuration.write_text(
            f"""
aws: {{ region: ap-northeast-2 }}
cloud: simulated
simulated: {{ local_pool: "{self.options.local_pool}", manager: {MANAGER}, delay: {self.delay}s }}
pools:
  main:
    manager: {{ instance_id: {MANAGER} }}
    nodes: {{ image_id: ami-0a86acf450d813dbc, instance_types: [t3.micro] }}
{self.pool}
"""
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

    def submit(self, script, *lines, count=1):
        """Submits a shell script. Its log is the schedd's word on what became of it."""
        number = len(list(self.jobs.glob("job-*")))
        (self.jobs / f"job-{number}").write_text(f"#!/bin/sh\n{script}\n")
        (self.jobs / f"job-{number}").chmod(0o755)
        description = "\n".join(
            (
                f"executable = {self.seen_jobs}/job-{number}",
                f"log = {self.seen_jobs}/log",
                "transfer_executable = False",
                "request_cpus = 1",
                "request_memory = 32",
                "request_disk = 1",
                *lines,
                f"queue {count}\n",
            )
        )
        done = subprocess.run(
            [*self.local_pool, "submit", "-"],
            env=self.environment,
            input=description,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise SystemExit(f"submit: {done.stdout}{done.stderr}")

    def events(self):
        """Of each job the events in its log, in their order, by their codes."""
        jobs = {}
        if (self.jobs / "log").exists():
            for event in re.finditer(r"^(\d{3}) \((\d+\.\d+)\.\d+\) ", (self.jobs / "log").read_text(), re.MULTILINE):
                jobs.setdefault(event[2], []).append(event[1])
        return jobs

    def killed(self):
        """How many jobs began to execute and were cut off: evicted, or disconnected from their node."""
        return sum(
            EXECUTING in events and not CUT_OFF.isdisjoint(events[events.index(EXECUTING) :])
            for events in self.events().values()
        )

    def await_no_jobs(self):
        deadline = time.monotonic() + 180
        while jobs := self.condor("condor_q", "-allusers", "-af", "ClusterId", "JobStatus", "HoldReason").splitlines():
            if time.monotonic() > deadline or any(" 5 " in job for job in jobs):
                raise SystemExit("jobs don't end (id, status, why held):\n" + "\n".join(jobs))
            time.sleep(0.5)

    # Nodes

    def machines(self):
        """The machines in the pool: of each instance, when its startd began, in seconds since 1970."""
        rows = self.condor(
            "condor_status", "-af", "EC2InstanceID", "DaemonStartTime", "-constraint", "PartitionableSlot =?= True"
        )
        pairs = (row.split() for row in rows.splitlines())
        return {instance: int(began) for instance, began in pairs if instance.startswith("i-")}

    def running(self):
        """The instances of the pool that run."""
        listed = self.updraft("list", "--filter", "tag-key=updraft:pool", "--filter", "instance-state-name=running")
        return {instance["id"] for instance in listed["output"]["instances"]}

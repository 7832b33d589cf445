"""Measures the time from `updraft scale` to the first job that runs; see deploy/htcondor/first-job."""

import argparse
import os
import statistics
import subprocess
import sys
import time

import harness

JOB_SECONDS = 2
# What is measured.
MOMENTS = ("result of scale", "instance runs", "machine joined", "job began")
# Looks for a machine in the collector, for two minutes; tells the time before each look, and after the last.
JOINED = """
end=$(($(date +%s) + 120))
while date +%s.%N && [ -z "$(condor_status -af EC2InstanceID)" ]; do
    [ "$(date +%s)" -lt "$end" ] || exit 1
    sleep 0.1
done
date +%s.%N
"""


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, required=True)
    options.add_argument("--jobs", type=int, required=True)
    options.add_argument("--nodes", type=int, required=True)
    options.add_argument("--delay", type=int, required=True)
    harness.add_options(options)
    measurement = FirstJob(options.parse_args())
    try:
        sys.exit(measurement.run())
    finally:
        measurement.stop()


class FirstJob(harness.Harness):
    def __init__(self, options):
        # What leaves is gone, so that each run launches its nodes.
        super().__init__(
            options,
            f"    limits: {{ min: 0, max: {options.nodes} }}\n"
            "    scale_in: { idle_for: 1s, minimum_life: 0s, collector_settling: 0s, action: terminate }",
            delay=options.delay,
        )
        self.runs = []
        # The longest time between two looks for a machine: so much too late it may have been seen.
        self.blind = 0.0

    def run(self):
        self.load = os.getloadavg()[0]
        self.start()
        for number in range(1, self.options.runs + 1):
            self.empty()
            times = self.first_job()
            self.runs.append(times)
            print(f"run {number}: " + ", ".join(f"{name} {times[name]:.1f} s" for name in MOMENTS), flush=True)
            self.await_no_jobs()
        self.empty()
        return self.report()

    def empty(self):
        """Has all nodes leave."""
        deadline = time.monotonic() + 120
        while self.running() or self.machines():
            if time.monotonic() > deadline:
                raise SystemExit(f"nodes don't leave: {self.running()}, {self.machines()}")
            self.updraft("scale", "main", "--in", str(self.options.nodes), "--wait")

    def first_job(self):
        """The seconds from sending `scale` to each moment."""
        begun = self.jobs / f"begun-{len(self.runs)}"
        begun.touch()
        begun.chmod(0o666)
        self.submit(
            f"date +%s.%N >>{self.seen_jobs}/{begun.name}\nexec sleep {JOB_SECONDS}", count=self.options.jobs
        )
        deadline = time.monotonic() + 60
        while self.updraft("scale", "main", "--dry-run")["output"]["demand"]["idle_jobs"] != self.options.jobs:
            if time.monotonic() > deadline:
                raise SystemExit("the negotiator does not see the jobs")
        begin = time.time()
        watch = subprocess.Popen(
            [*self.local_pool, "exec", "sh", "-c", JOINED], env=self.environment, stdout=subprocess.PIPE, text=True
        )
        result = self.updraft("scale", "main")
        times = {"result of scale": time.time() - begin}
        looks = [float(line) for line in watch.communicate()[0].splitlines()]
        while not (lines := begun.read_text().splitlines()) and time.time() < begin + 120:
            time.sleep(0.1)
        if watch.returncode != 0 or not lines:
            raise SystemExit(f"no job began within two minutes: {result}")
        times["machine joined"] = looks[-1] - begin
        self.blind = max(self.blind, *(later - earlier for earlier, later in zip(looks, looks[1:])))
        # The simulated cloud boots an instance's node when the instance reaches `running`; that opens this file.
        boots = [lock.stat().st_mtime for lock in self.options.pool_directory.glob("nodes/*/boot.lock")]
        times["instance runs"] = min(boot for boot in boots if boot > begin) - begin
        # By the job itself: there is one clock.
        times["job began"] = min(map(float, lines)) - begin
        return times

    def report(self):
        jobs = list(self.events().values())
        submitted = sum(harness.SUBMITTED in events for events in jobs)
        completed = sum(harness.TERMINATED in events for events in jobs)
        evicted = sum(not harness.CUT_OFF.isdisjoint(events) for events in jobs)
        interval = self.condor("condor_config_val", "NEGOTIATOR_INTERVAL").strip()
        print(f"\nFrom `updraft scale` to the first job, {len(self.runs)} runs; seconds since it was sent")
        print(f"  {'':<20}{'min':>8}{'median':>8}{'max':>8}")
        for name in MOMENTS:
            seconds = [times[name] for times in self.runs]
            print(f"  {name:<20}{min(seconds):>8.2f}{statistics.median(seconds):>8.2f}{max(seconds):>8.2f}")
        print(
            f"  Each run launches at most {self.options.nodes} nodes for {self.options.jobs} jobs; the first of each counts.\n"
            f"  Of this the simulated cloud takes {self.options.delay} s from `pending` to `running`; the node's boot after that\n"
            f"  is HTCondor's start on this machine, without an operating system's. Negotiation every {interval} s.\n"
            f"  Machines were seen up to {self.blind:.2f} s late; jobs write down when they begin.\n"
            f"  This machine has {os.cpu_count()} processors; its load before was {self.load:.1f}."
        )
        print(f"  jobs: {submitted} submitted, {completed} completed, {evicted} evicted")
        return 0 if submitted == completed == self.options.runs * self.options.jobs and not evicted else 3


if __name__ == "__main__":
    main()

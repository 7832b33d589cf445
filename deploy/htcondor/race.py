"""Lets jobs race with the decision that their nodes leave; see deploy/htcondor/race."""

import argparse
import random
import statistics
import sys
import threading
import time

import harness

# How long a job runs. Disconnected from its node it is given up, and begins anew, after the shortest lease there is.
JOB_SECONDS = 6
LEASE_SECONDS = 20


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--races", type=int, required=True)
    options.add_argument("--nodes", type=int, required=True)
    options.add_argument("--seed", type=int, required=True)
    options.add_argument("--naive", action="store_true")
    harness.add_options(options)
    race = Race(options.parse_args())
    try:
        sys.exit(race.run())
    finally:
        race.stop()


class Race(harness.Harness):
    def __init__(self, options):
        super().__init__(
            options,
            f"    limits: {{ min: 0, max: {options.nodes} }}\n"
            "    scale_in: { idle_for: 1s, minimum_life: 0s, collector_settling: 0s }",
        )
        self.random = random.Random(options.seed)
        self.counts = {
            "rounds": 0, "asked to leave": 0, "accepted": 0, "refused": 0, "unreachable": 0, "busy before": 0,
            "jobs": 0, "jobs killed": 0,
        }  # fmt: skip
        # Jobs are submitted in so many seconds. When the decision comes after their first is moved, so that they begin
        # about when it is carried out.
        self.window = 3.0
        self.moment = 1.0
        self.moments = []
        # How long each decision took, from the look at the pool to the end of what it led to.
        self.durations = []
        # When nodes were cut from power: what their ads, which stay, say of before that is no longer true.
        self.cut = {}

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
        return {node for node, began in self.machines().items() if began >= self.cut.get(node, 0)}

    def leave(self):
        """Has idle nodes leave; what became of each."""
        begin = time.monotonic()
        outcomes = self.leave_naively() if self.options.naive else self.leave_the_pool()
        self.durations.append(time.monotonic() - begin)
        return outcomes

    def leave_the_pool(self):
        # Until they have stopped: one on its way there can't be started again.
        result = self.updraft("scale", "main", "--in", str(self.options.nodes), "--wait")
        return {
            node: action["outcome"]
            for action in result["output"]["actions"]
            if action["action"] == "drain"
            for node in action["instance_ids"]
        }

    def leave_naively(self):
        """What condor_status shows as idle is stopped at once, all in one StopInstances."""
        rows = self.condor("condor_status", "-af:t", "EC2InstanceID", "State", "SlotType", "DaemonStartTime").splitlines()
        claimed, seen = set(), set()
        for row in rows:
            node, state, kind, began = row.split("\t")
            if int(began) < self.cut.get(node, 0):
                continue
            seen.add(node)
            if state != "Unclaimed" or kind == "Dynamic":
                claimed.add(node)
        idle = sorted(seen - claimed)
        if idle:
            result = self.updraft("stop", *idle, "--if-busy", "kill", "--yes")
            if result["status"] != "succeeded":
                raise SystemExit(f"nodes don't stop: {result}")
            self.cut.update(dict.fromkeys(idle, int(time.time())))
        return {node: "done" for node in idle}

    # The race

    def run(self):
        self.start()
        while self.counts["asked to leave"] < self.options.races:
            self.round()
        return self.report()

    def round(self):
        nodes = self.fill()
        begin = time.monotonic()
        lock = threading.Lock()

        def later(delay, node):
            time.sleep(max(0, begin + delay - time.monotonic()))
            with lock:
                self.submit(
                    f"exec sleep {JOB_SECONDS}",
                    f'requirements = EC2InstanceID == "{node}"',
                    f"job_lease_duration = {LEASE_SECONDS}",
                )

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
        # Jobs wait for the nodes that left, those that were killed for their second beginning.
        self.fill()
        self.await_no_jobs()
        self.count(outcomes, early=len(nodes) - len(outcomes))

    def count(self, outcomes, early):
        accepted, refused = outcomes.count("done"), outcomes.count("refused")
        killed = self.killed() - self.counts["jobs killed"]
        for name, count in (
            ("rounds", 1),
            ("asked to leave", len(outcomes)),
            ("accepted", accepted),
            ("refused", refused),
            ("unreachable", len(outcomes) - accepted - refused),
            ("busy before", early),
            ("jobs", self.options.nodes),
            ("jobs killed", killed),
        ):
            self.counts[name] += count
        print(
            f"round {self.counts['rounds']}, decided at {self.moment:.1f} s in {self.durations[-1]:.1f} s: {accepted} "
            f"accepted, {refused} refused, {early} busy before, {killed} killed",
            flush=True,
        )
        self.moments.append(self.moment)
        # Jobs that began before the decision: it comes too late; none between the decision and its end: too early. By
        # the totals, so that both outcomes get their share; without a drain a job that is killed is the other outcome.
        late = self.counts["refused"] + self.counts["jobs killed"]
        if early > self.options.nodes / 3 or late > self.counts["asked to leave"] - late:
            self.moment = max(-1.0, self.moment - 0.3)
        else:
            self.moment = min(self.window + 3, self.moment + 0.3)

    def report(self):
        leaked = self.leaked()
        started = self.condor("condor_history", "-af", "NumJobStarts").split()
        print(f"\nThe race, seed {self.options.seed}, {'check, then stop' if self.options.naive else 'compare-and-drain'}")
        for name, count in self.counts.items():
            if self.options.naive and name in ("refused", "unreachable"):
                continue
            share = f" ({100 * count // self.counts['asked to leave']} %)" if name in ("accepted", "refused") else ""
            print(f"  {'stopped' if self.options.naive and name == 'accepted' else name:<24}{count:>6}{share}")
        again = sum(count.isdigit() and int(count) > 1 for count in started)
        print(f"  {'… begun more than once':<24}{again:>6}\n  {'nodes leaked':<24}{leaked:>6}")
        for name, seconds in (
            ("decided at, s", self.moments),
            ("look to stop, s" if self.options.naive else "decision to stopped, s", self.durations),
        ):
            print(f"  {name:<24}{min(seconds):>6.1f} to {max(seconds):.1f}, median {statistics.median(seconds):.1f}")
        print(
            f"  Jobs take {JOB_SECONDS} s and are submitted at random within {self.window:.0f} s. A killed job is one that the"
            " schedd logged\n  as executing, and then as evicted or disconnected."
        )
        return 3 if self.counts["jobs killed"] or leaked else 0

    def leaked(self):
        """Nodes that run and are not in the pool, once everything has settled."""
        self.updraft("scale", "main", "--wait")
        return len(self.running() - self.present())


if __name__ == "__main__":
    main()

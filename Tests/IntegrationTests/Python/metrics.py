#!/usr/bin/env python3
"""Prometheus's own parser judges a worker's metrics: each has its text and type, and each has moved.

    python metrics.py DIRECTORY

The directory holds scrapes of one worker, in the order of their names. Ends with 0 when all is well.
"""
import pathlib
import sys

from prometheus_client.parser import text_string_to_metric_families

# What never changes while a worker lives.
CONSTANT = {"updraft_build_info", "process_start_time_seconds"}
# What no test of this size moves, and where it is moved.
ELSEWHERE = {
    "updraft_ledger_evictions": "a million identities: LedgerIndexTests",
}


def read(path):
    families = {}
    for family in text_string_to_metric_families(path.read_text()):
        if family.name in families:
            raise SystemExit(f"{path.name}: {family.name} comes twice")
        families[family.name] = family
    return families


scrapes = [read(path) for path in sorted(pathlib.Path(sys.argv[1]).iterdir())]
problems = []
names = set().union(*scrapes)
for name in sorted(names):
    lives = [scrape[name] for scrape in scrapes if name in scrape]
    if len(lives) != len(scrapes):
        problems.append(f"{name}: not in every scrape")
    if not lives[0].documentation or lives[0].type in ("unknown", "untyped"):
        problems.append(f"{name}: no help or no type")
    values = [{(s.name, tuple(sorted(s.labels.items()))): s.value for s in life.samples} for life in lives]
    has_moved = any(one != other for one, other in zip(values, values[1:]))
    if not has_moved and name not in CONSTANT and name not in ELSEWHERE:
        problems.append(f"{name}: nobody moved it")
    if has_moved and (name in CONSTANT or name in ELSEWHERE):
        problems.append(f"{name}: it moves after all; take it off the list")
    if lives[0].type in ("counter", "histogram"):
        for one, other in zip(values, values[1:]):
            for key, value in one.items():
                if other.get(key, -1) < value and not key[0].endswith("_created"):
                    problems.append(f"{key}: fell from {value} to {other.get(key)}")
for problem in problems:
    print(problem)
print(f"{len(scrapes)} scrapes, {len(names)} metrics, {sum(len(f.samples) for f in scrapes[-1].values())} series")
sys.exit(1 if problems else 0)

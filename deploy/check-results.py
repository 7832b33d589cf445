#!/usr/bin/env python3
"""Judges every result and progress message that the tests received by the published JSON Schemas.

The tests check with the code that wrote the messages; this is the foreign eye.
usage: check-results.py RESULTS_DIRECTORY SCHEMAS_DIRECTORY
"""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

SHOWN = 20


def main(results: pathlib.Path, schemas: pathlib.Path) -> int:
    documents = {path.stem: json.loads(path.read_text()) for path in schemas.glob("*.json")}
    registry = Registry().with_resources(
        (document["$id"], Resource.from_contents(document)) for document in documents.values() if "$id" in document
    )
    wrong = 0
    for kind in ("result", "progress"):
        messages = [line for path in sorted(results.glob(f"{kind}-*.jsonl")) for line in path.open()]
        if not messages:
            continue
        if kind not in documents:
            print(f"no schema for {kind} in {schemas}", file=sys.stderr)
            return 1
        validator = Draft202012Validator(documents[kind], registry=registry, format_checker=FormatChecker())
        for line in messages:
            for error in validator.iter_errors(json.loads(line)):
                wrong += 1
                if wrong <= SHOWN:
                    print(f"{kind}: {error.json_path}: {error.message}\n  {line.strip()[:500]}", file=sys.stderr)
        print(f"{len(messages)} {kind} messages judged by schemas/{kind}.json")
    if wrong:
        print(f"{wrong} violations", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))

#!/usr/bin/env python3
"""Checks the contract with a foreign validator, Python's jsonschema.

usage: validate.py [FOLDER …]

Always: the schemas themselves against their meta-schema, asyncapi.yaml's references, and every example in docs/*.md
(code blocks that start with ```json KIND, where KIND is command, result, progress, problem, or one of them with
"invalid-" before it). For each folder: every file *.json, a result unless its name ends in .KIND.json.
Ends with 0 when everything is as it should be, else with 1 and a line per fault.
"""
import json
import pathlib
import re
import sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
KINDS = ("command", "result", "progress", "problem")


def main() -> int:
    faults, checked = [], 0
    validators = {}
    for kind in KINDS:
        schema = json.loads((ROOT / "schemas" / f"{kind}.json").read_text("utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        validators[kind] = jsonschema.Draft202012Validator(
            schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
        )

    def check(place: str, kind: str, text: str) -> None:
        nonlocal checked
        checked += 1
        invalid = kind.startswith("invalid-")
        validator = validators[kind.removeprefix("invalid-")]
        errors = sorted(validator.iter_errors(json.loads(text)), key=lambda error: error.json_path)
        if invalid and not errors:
            faults.append(f"{place}: is accepted, but must not be")
        if not invalid:
            faults.extend(f"{place}: {error.json_path}: {error.message[:300]}" for error in errors)

    for document in sorted((ROOT / "docs").rglob("*.md")):
        text = document.read_text("utf-8")
        for match in re.finditer(r"^```json ([a-z-]+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            line = text.count("\n", 0, match.start()) + 1
            check(f"{document.relative_to(ROOT)}:{line}", match[1], match[2])
    examples = checked
    if not examples:
        faults.append("docs/: there are no examples")

    for folder in sys.argv[1:]:
        files = sorted(pathlib.Path(folder).glob("*.json"))
        if not files:
            faults.append(f"{folder}: there are no *.json files")
        for file in files:
            suffix = file.name.split(".")[-2] if file.name.count(".") > 1 else "result"
            kind = suffix if suffix.removeprefix("invalid-") in KINDS else "result"
            check(str(file), kind, file.read_text("utf-8"))

    faults.extend(asyncapi_faults())
    print(f"{checked} checked ({examples} examples), {len(faults)} faults")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def asyncapi_faults() -> list:
    """Every $ref of asyncapi.yaml must lead somewhere."""
    try:
        import yaml
    except ImportError:
        return []
    document = yaml.safe_load((ROOT / "schemas" / "asyncapi.yaml").read_text("utf-8"))
    faults = []

    def follow(reference: str) -> None:
        file, _, pointer = reference.partition("#")
        value = document if not file else json.loads((ROOT / "schemas" / file).read_text("utf-8"))
        for token in [part for part in pointer.split("/") if part]:
            if token not in value:
                faults.append(f"asyncapi.yaml: {reference} leads nowhere")
                return
            value = value[token]

    def walk(value) -> None:
        if isinstance(value, dict):
            for name, member in value.items():
                if name == "$ref":
                    follow(member)
                else:
                    walk(member)
        elif isinstance(value, list):
            for member in value:
                walk(member)

    walk(document)
    if document.get("asyncapi") != "3.0.0" or not document.get("operations"):
        faults.append("asyncapi.yaml: is no AsyncAPI 3.0 document")
    return faults


if __name__ == "__main__":
    sys.exit(main())

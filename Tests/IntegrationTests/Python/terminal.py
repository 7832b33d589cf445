#!/usr/bin/env python3
"""Runs a program on a terminal of its own and prints what a person would have seen.

    python terminal.py ANSWER PROGRAM ARGUMENT…

When the screen shows `[y/N]`, the answer is typed. Prints {"status": …, "screen": …} as JSON.
"""
import json
import os
import pty
import sys


def main():
    answer, program = sys.argv[1], sys.argv[2:]
    process, terminal = pty.fork()
    if process == 0:
        os.execv(program[0], program)
    screen = b""
    asked = False
    while True:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # EIO: the program has closed its side
            chunk = b""
        if not chunk:
            break
        screen += chunk
        if not asked and b"[y/N]" in screen:
            asked = True
            os.write(terminal, answer.encode() + b"\n")
    _, status = os.waitpid(process, 0)
    print(json.dumps({"status": os.waitstatus_to_exitcode(status), "screen": screen.decode()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

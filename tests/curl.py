"""A curl command of a page or of the demo, run as it stands: by curl, or where there is none by what it asks for."""

from __future__ import annotations

import argparse
import shlex
import shutil
import subprocess

import httpx

OPTIONS = argparse.ArgumentParser(allow_abbrev=False, exit_on_error=False)
OPTIONS.add_argument("url")
OPTIONS.add_argument("-X", "--request")
OPTIONS.add_argument("-H", "--header", action="append", default=[])
OPTIONS.add_argument("-d", "--data")
OPTIONS.add_argument("--json")


def run(command: str) -> str:
    """The body of a good answer; an AssertionError of any other."""
    if shutil.which("curl"):
        line = f"{command.rstrip()} --silent --show-error --fail"
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout
    return ask(command)


def ask(command: str) -> str:
    """The same without curl, for the few options that pages use."""
    _, *words = shlex.split(command.replace("\\\n", " "))
    asked = OPTIONS.parse_args(words)
    headers = dict(header.split(": ", 1) for header in asked.header)
    if asked.json:
        headers["Content-Type"] = "application/json"
    body = asked.json or asked.data
    answer = httpx.request(asked.request or ("POST" if body else "GET"), asked.url, headers=headers, content=body)
    assert answer.is_success, (command, answer.text)
    return answer.text

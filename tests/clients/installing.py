"""The client libraries of npm, and a browser, in .tools/clients; all of it pinned by package-lock.json."""

from __future__ import annotations

import fcntl
import platform
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
HOME = HERE.parents[1] / ".tools" / "clients"
BROWSER = HOME / "browser"
READY = HOME / "ready"  # the lock file that is installed
PINS = ("package.json", "package-lock.json")
NODE = Path(sys.executable).with_name("node")  # the one that uv.lock pins: the browser's package needs a recent one


class ClientsError(Exception):
    """The clients cannot be had."""


def install() -> Path:
    """Have the libraries and the browser; their folder. It is quick where they are there.

    Raises:
        ClientsError: they cannot be had.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "lock").open("w") as others:
        fcntl.flock(others, fcntl.LOCK_EX)  # tests run in several processes
        if not _is_there():
            _install()
    return HOME


def chromium() -> Path:
    """The browser's program: the package's own where it is made for this machine, else the system's.

    Raises:
        ClientsError: there is none.
    """
    if _is_packaged():
        return BROWSER / "chromium"
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return Path(path)
    raise ClientsError("The tests of clients need a browser, and npm has none for this machine: install chromium.")


def _is_packaged() -> bool:
    return (platform.system(), platform.machine()) == ("Linux", "x86_64")


def _is_there() -> bool:
    return READY.exists() and READY.read_text() == (HERE / PINS[1]).read_text()


def _install() -> None:
    READY.unlink(missing_ok=True)
    shutil.rmtree(BROWSER, ignore_errors=True)
    for name in PINS:
        shutil.copy(HERE / name, HOME / name)
    _say("Installing the client libraries and the browser of the tests (80 MB, once) ...")
    _run(NODE.with_name("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    if _is_packaged():
        BROWSER.mkdir()
        _run(NODE, "--input-type=module", "--eval", (HERE / "unpack.mjs").read_text(), "--", BROWSER)
    shutil.copy(HERE / PINS[1], READY)


def _run(*command: str | Path) -> None:
    try:
        subprocess.run(command, cwd=HOME, check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ClientsError(f"The clients of the tests cannot be installed: {error}") from error


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    install()

"""What the commands that talk to a running service have in common: their options, and how they fail."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping

from local.http_client import CallError, Service, UnreachableError, connect
from local.sending import RejectedError


def service_url(environment: Mapping[str, str]) -> str:
    """FAIRSPLIT_URL, or else the service of this machine on FAIRSPLIT_PORT."""
    here = f"http://127.0.0.1:{environment.get('FAIRSPLIT_PORT') or 8000}"
    return environment.get("FAIRSPLIT_URL") or here


def parser(description: str) -> argparse.ArgumentParser:
    """The options of every command: which service, and whose token."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--url", default=service_url(os.environ), help="the running service")
    options.add_argument(
        "--token",
        default=os.environ.get("FAIRSPLIT_TOKEN"),
        help="an admin's token, used for every call; the local service's tokens without it",
    )
    return options


def run(command: Callable[[Service], int], arguments: argparse.Namespace) -> int:
    """The command's exit code on the service that the arguments name; 1 where the service fails it."""
    try:
        with connect(arguments.url, arguments.token) as service:
            return command(service)
    except UnreachableError as error:
        print(f"{error}.\nStart the service with `make run`, or name it with FAIRSPLIT_URL.", file=sys.stderr)
    except CallError as error:
        print(f"The service refused a call: {error}", file=sys.stderr)
    except RejectedError as error:
        print(f"The service rejected an item: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
    return 1

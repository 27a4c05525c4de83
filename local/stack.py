"""Everything that the template describes, running on this machine."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from local import engine, tables, templates, tokens
from local.gateway import Gateway, Server
from local.payloads import Answer, Request, message
from local.schedule import Scheduler
from local.streams.checkpoints import Checkpoints
from local.streams.mapping import mappings
from local.streams.polling import Poller
from local.streams.reading import EngineSource
from local.workers import Fleet

INVOKE = "/2015-03-31/functions/"


class InUseError(Exception):
    """Another service runs on the same data."""


@dataclass(frozen=True)
class Settings:
    """Where the service listens and keeps its data; `endpoint_url` is another DynamoDB than its own."""

    port: int = 8000
    data_dir: Path = field(default_factory=lambda: Path(".fairsplit"))
    endpoint_url: str | None = None
    template: Path | None = None

    @classmethod
    def from_environment(cls) -> Settings:
        """FAIRSPLIT_PORT, FAIRSPLIT_DATA_DIR and FAIRSPLIT_ENDPOINT_URL."""
        return cls(
            port=int(os.environ.get("FAIRSPLIT_PORT", "8000")),
            data_dir=Path(os.environ.get("FAIRSPLIT_DATA_DIR", ".fairsplit")),
            endpoint_url=os.environ.get("FAIRSPLIT_ENDPOINT_URL") or None,
        )


@dataclass
class Stack:
    """The running parts."""

    server: Server
    invoke_server: Server
    fleet: Fleet
    pollers: Sequence[Poller]
    scheduler: Scheduler

    def stop(self) -> None:
        """Stop taking requests, then reading streams, then the functions."""
        self.scheduler.stop()
        for server in (self.server, self.invoke_server):
            server.shutdown()
            server.server_close()
        self.fleet.stopped = True
        for poller in self.pollers:
            poller.stopping.set()
        self.fleet.stop()
        for poller in self.pollers:
            poller.stop()


@contextmanager
def running(settings: Settings) -> Iterator[Stack]:
    """The whole service, from the engine to the gateway, until the block ends.

    Raises:
        InUseError: another service runs on the same data.
        OSError: the port is taken.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with locked(settings.data_dir):
        own = None if settings.endpoint_url else launch_engine(settings.data_dir)
        try:
            stack = start(settings, own.endpoint_url if own else str(settings.endpoint_url))
            try:
                yield stack
            finally:
                stack.stop()
        finally:
            if own:
                engine.stop(own)


def launch_engine(data_dir: Path) -> engine.Engine:
    """The engine that is installed, on the data of this folder."""
    kind = "dynoxide" if engine.binary() else "ministack"
    if kind == "ministack":
        print("The engine is ministack: a crash loses what it has not saved.", flush=True)
    return engine.launch(data_dir.resolve() / kind, kind)


def start(settings: Settings, endpoint_url: str) -> Stack:
    """Start all parts on an engine that answers."""
    template = templates.read(settings.template)
    names = tables.create_tables(endpoint_url, settings.template)
    client = tables.client(endpoint_url)
    if "CatalogTable" in names:
        tokens.seed(client, names["CatalogTable"])
    functions = templates.functions(template)
    data = settings.data_dir.resolve()
    fleet = Fleet(functions, endpoint_url, data / "logs")
    gateway = Gateway(template, functions, fleet)
    server = Server(settings.port, gateway.answer)
    invoke_server = Server(settings.port + 1 if settings.port else 0, invoker(fleet))
    fleet.warm()
    places = Checkpoints(data / "checkpoints.json")
    pollers = []
    for mapping in mappings(template, functions):
        arn = client.describe_table(TableName=names[mapping.table])["Table"]["LatestStreamArn"]
        pollers.append(Poller(mapping, EngineSource(endpoint_url, arn), fleet, places, data / "dead-letters"))
    stack = Stack(server, invoke_server, fleet, pollers, Scheduler(template, functions, fleet))
    for one in (server, invoke_server):
        threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    for poller in pollers:
        poller.start()
    stack.scheduler.start()
    return stack


def invoker(fleet: Fleet) -> Any:
    """Lambda's Invoke call, as `sam local start-lambda` has it; `maintenance` stands for MaintenanceFunction."""

    def answer(request: Request) -> Answer:
        name = unquote(request.path.removeprefix(INVOKE)).removesuffix("/invocations")
        full = name if name in fleet.functions else f"{name.capitalize()}Function"
        if request.method != "POST" or not request.path.startswith(INVOKE) or full not in fleet.functions:
            return message(404, f"There is no function {name}: take one of {', '.join(sorted(fleet.functions))}.")
        try:
            json.loads(request.body or b"{}")
        except ValueError:
            return message(400, "The event is no JSON.")
        reply = fleet.invoke(full, request.body or b"{}")
        headers = [("content-type", "application/json")]
        return Answer(200, [*headers, *([("x-amz-function-error", reply.error)] if reply.error else [])], reply.payload)

    return answer


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Keep others off the same data; a process that dies lets go by itself.

    Raises:
        InUseError: another has it.
    """
    with (data_dir / "lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            message_text = f"Another service runs on {data_dir}. Set FAIRSPLIT_DATA_DIR to another folder."
            raise InUseError(message_text) from error
        yield

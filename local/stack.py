"""Everything that the template describes, running on this machine."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from local import engine, tables, templates, tokens
from local.engine_install import install
from local.fleet import Fleet
from local.gateway import Gateway
from local.invoke_api import with_invoke
from local.payloads import Answer, Request
from local.schedule import Scheduler, rules
from local.server import Server
from local.settings import SettingError, Settings, lock_first
from local.streams.checkpoints import Checkpoints, Places, Remembered
from local.streams.mapping import mappings
from local.streams.polling import Poller
from local.streams.reading import EngineSource

HEALTHY_WITHIN = 60  # seconds


@dataclass(frozen=True)
class Stack:
    """The running service; `is_whole` says whether its database still runs."""

    port: int
    data_dir: Path
    is_whole: Callable[[], bool]


@contextmanager
def running(settings: Settings) -> Iterator[Stack]:
    """The whole service, from the engine to the gateway, until the block ends; it is healthy when it begins.

    Raises:
        SettingError: another service has the port or the data, or the service does not become healthy.
        EngineError: the engine does not start.
        ValueError: the template has what cannot be done here.
    """
    template = templates.read(settings.template, settings.parameters)
    functions = templates.functions(template)
    with ExitStack() as stopping:
        _see_that_port_is_free(settings.port)  # before there is a folder for it
        data = lock_first([folder.resolve() for folder in settings.folders], stopping)
        own = None if settings.endpoint_url else _engine(data, stopping)
        endpoint_url = own.endpoint_url if own else str(settings.endpoint_url)
        names = tables.create_tables(endpoint_url, settings.template)
        if "CatalogTable" in names:
            tokens.seed(tables.client(endpoint_url), names["CatalogTable"])
        fleet = Fleet(functions, endpoint_url, data / "logs")
        server = _server(settings.port, with_invoke(fleet, Gateway(template, functions, fleet).answer), stopping)
        stopping.callback(fleet.stop)
        fleet.warm()
        places: Places = Remembered() if own and own.kind == "ministack" else Checkpoints(data / "checkpoints.json")
        arns = tables.stream_arns(endpoint_url, names)
        pollers = [
            Poller(mapping, EngineSource(endpoint_url, arns[mapping.table]), fleet, places, data / "dead-letters")
            for mapping in mappings(template, functions)
        ]
        for poller in pollers:
            poller.start()
            stopping.callback(poller.stop)
        scheduler = Scheduler(rules(template, functions), fleet)
        stopping.callback(scheduler.stop)
        _wait_until_healthy(server.server_port, data)
        scheduler.start()
        stopping.callback(_announce_end, fleet, pollers)
        yield Stack(server.server_port, data, lambda: own is None or own.process.poll() is None)


def _announce_end(fleet: Fleet, pollers: Sequence[Poller]) -> None:
    """From here on a failed invocation says that the service stops, and nothing about its function."""
    fleet.is_stopping = True
    for poller in pollers:
        poller.stopping.set()


def _engine(data: Path, stopping: ExitStack) -> engine.Engine:
    kind = install()
    if kind == "ministack":
        print("The database engine is ministack: a crash loses what it has not saved.", flush=True)
    running_engine = engine.launch(data / kind, kind)
    stopping.callback(engine.stop, running_engine)
    return running_engine


def _see_that_port_is_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise _port_error(port, error) from error


def _port_error(port: int, error: OSError) -> SettingError:
    return SettingError(f"Port {port} cannot be had ({error.strerror}): set FAIRSPLIT_PORT to another.")


def _server(port: int, answer: Callable[[Request], Answer], stopping: ExitStack) -> Server:
    try:
        server = Server(port, answer)
    except OSError as error:
        raise _port_error(port, error) from error
    server.start()
    stopping.callback(server.stop)
    return server


def _wait_until_healthy(port: int, data: Path) -> None:
    until = time.monotonic() + HEALTHY_WITHIN
    said = ""
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/health", timeout=HEALTHY_WITHIN):
                return
        except urllib.error.HTTPError as error:
            said = f"{error.code} {error.read().decode(errors='replace')}"
            time.sleep(0.5)
    raise SettingError(f"GET /v1/health does not answer 200 but {said}: see {data / 'logs'}.")

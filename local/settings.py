"""Where the service listens and keeps its data."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path


class SettingError(Exception):
    """The service cannot run as it is set up."""


DEFAULT_FOLDER = Path(".fairsplit")


@dataclass(frozen=True)
class Settings:
    """What `make run` can be told.

    `endpoint_url` is another DynamoDB than its own, `template` another template, `parameters` its parameters' values.
    """

    port: int = 8000
    data_dir: Path = DEFAULT_FOLDER
    endpoint_url: str | None = None
    template: Path | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Settings:
        """FAIRSPLIT_PORT, _DATA_DIR, _ENDPOINT_URL and _PARAMETERS; for tests FAIRSPLIT_TEMPLATE.

        Raises:
            SettingError: the port is none, or the parameters cannot be read.
        """
        port = environment.get("FAIRSPLIT_PORT") or "8000"
        if not port.isdecimal() or not 1 <= int(port) <= 65_535:
            raise SettingError(f"FAIRSPLIT_PORT is {port}: set it to a number from 1 to 65535.")
        template = environment.get("FAIRSPLIT_TEMPLATE")
        return cls(
            port=int(port),
            data_dir=Path(environment.get("FAIRSPLIT_DATA_DIR") or DEFAULT_FOLDER),
            endpoint_url=environment.get("FAIRSPLIT_ENDPOINT_URL") or None,
            template=Path(template) if template else None,
            parameters=_parameters(environment.get("FAIRSPLIT_PARAMETERS") or ""),
        )

    @property
    def folders(self) -> list[Path]:
        """Where the data may be, the first that no other service has: the default folder, else one of this port in it.

        A port that has a folder of its own keeps it.
        """
        own = DEFAULT_FOLDER / f"port-{self.port}"
        if self.data_dir != DEFAULT_FOLDER:
            return [self.data_dir]
        return [own] if own.exists() else [DEFAULT_FOLDER, own]


def _parameters(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split()]
    if any(not name or not equals for name, equals, _ in pairs):
        raise SettingError(f"FAIRSPLIT_PARAMETERS is {text}: set it to Name=value, with spaces between several.")
    return {name: value for name, _, value in pairs}


def lock_first(folders: Sequence[Path], locks: ExitStack) -> Path:
    """Keep others off the first of the folders that nobody has, until the locks are given back: that folder.

    Raises:
        SettingError: others have them all.
    """
    *others, last = folders
    for folder in others:
        with suppress(SettingError):
            locks.enter_context(locked(folder))
            return folder
    locks.enter_context(locked(last))
    return last


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Keep others off the same data; a process that dies lets go by itself.

    Raises:
        SettingError: another has it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SettingError(
                f"Another service runs on {data_dir}. Stop it, or set FAIRSPLIT_DATA_DIR to another folder."
            ) from error
        yield

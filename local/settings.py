"""Where the service listens and keeps its data."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class SettingError(Exception):
    """The service cannot run as it is set up."""


@dataclass(frozen=True)
class Settings:
    """What `make run` can be told; `endpoint_url` is another DynamoDB than its own, `template` another template."""

    port: int = 8000
    data_dir: Path = Path(".fairsplit")
    endpoint_url: str | None = None
    template: Path | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Settings:
        """FAIRSPLIT_PORT, FAIRSPLIT_DATA_DIR, FAIRSPLIT_ENDPOINT_URL and, for tests, FAIRSPLIT_TEMPLATE.

        Raises:
            SettingError: the port is none.
        """
        port = environment.get("FAIRSPLIT_PORT") or "8000"
        if not port.isdecimal() or not 1 <= int(port) <= 65_534:
            raise SettingError(f"FAIRSPLIT_PORT is {port}: set it to a number from 1 to 65534.")
        template = environment.get("FAIRSPLIT_TEMPLATE")
        return cls(
            port=int(port),
            data_dir=Path(environment.get("FAIRSPLIT_DATA_DIR") or ".fairsplit"),
            endpoint_url=environment.get("FAIRSPLIT_ENDPOINT_URL") or None,
            template=Path(template) if template else None,
        )


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

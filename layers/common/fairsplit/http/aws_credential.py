"""Who signs as AWS's SDKs do: a client's token stands where they put the access key id.

The signature is not checked: Fairsplit knows no secret access keys. Who has the token may call, as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairsplit.http.auth import plausible


def access_key_of(event: Mapping[str, Any]) -> str | None:
    """The access key id of a signed request; None where there is none that could be a token."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    scheme, _, parts = headers.get("authorization", "").strip().partition(" ")
    if not scheme.startswith("AWS4-"):
        return None
    named = dict(part.strip().partition("=")[::2] for part in parts.split(","))
    return plausible(named.get("Credential", "").partition("/")[0])

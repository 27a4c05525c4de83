"""What the names of CloudWatch Evidently become here: keys, which allow less."""

from __future__ import annotations

import re
from hashlib import sha256

LONGEST = 64
DIGITS = 8  # of the digest that stands for the end of a name that is too long


def key_of_feature(name: str) -> str:
    """The key of a feature, a variation or a metric of that name. A name that is a key stays as it is.

    It is in lower case, with - for each character that a key cannot have, with an f before it where it begins with
    neither letter nor digit, and with a digest for its end where it is too long.
    """
    text = re.sub("[^a-z0-9_-]", "-", name.lower())
    if not text or text[0] in "_-":
        text = f"f{text}"
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST - DIGITS - 1]}-{sha256(text.encode()).hexdigest()[:DIGITS]}"

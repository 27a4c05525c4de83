"""`make invoke`: run one function of the running service with an event of a file."""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Print what the function answers; the exit status."""
    name, path = arguments
    url = f"http://127.0.0.1:{os.environ.get('FAIRSPLIT_PORT') or '8000'}/2015-03-31/functions/{name}/invocations"
    payload = Path(path).read_bytes() if Path(path).exists() else b"{}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=payload, method="POST"), timeout=300) as answer:
            print(json.dumps(json.load(answer), indent=2))
            return 1 if answer.headers.get("x-amz-function-error") else 0
    except urllib.error.HTTPError as error:
        print(error.read().decode(), file=sys.stderr)
    except urllib.error.URLError as error:
        print(f"No service answers on {url}: start it with `make run`. ({error.reason})", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

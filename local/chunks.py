"""Bodies of HTTP requests, sent whole or in chunks."""

from __future__ import annotations

from email.message import Message
from io import BufferedIOBase


def read_body(stream: BufferedIOBase, headers: Message, most: int) -> bytes | None:
    """The body; None where it is longer than `most` bytes (then the rest of the stream is of no use)."""
    if "chunked" not in headers.get("Transfer-Encoding", ""):
        length = int(headers.get("Content-Length") or 0)
        return stream.read(length) if length <= most else None
    body = b""
    while size := int(stream.readline().split(b";")[0], 16):
        if len(body) + size > most:
            return None
        body += stream.read(size)
        stream.readline()
    while stream.readline().strip():
        pass
    return body

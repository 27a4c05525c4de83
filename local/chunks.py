"""Bodies of HTTP requests, sent whole or in chunks."""

from __future__ import annotations

from email.message import Message
from io import BufferedIOBase

MOST_SKIPPED = 100 * 1024 * 1024


class BrokenBodyError(Exception):
    """The body is not as its headers say, or ends before its end."""


def read_body(stream: BufferedIOBase, headers: Message, most: int) -> bytes | None:
    """The body; None where it is longer than `most` bytes, and then not read to its end.

    Raises:
        BrokenBodyError: it is not as its headers say.
    """
    if "chunked" in headers.get("Transfer-Encoding", "").lower():
        return _read_chunks(stream, most)
    length = _length(headers)
    return _exactly(stream, length) if length <= most else None


def skip_body(stream: BufferedIOBase, headers: Message) -> None:
    """Read what is left of a body that is too long, up to a point, so that its sender gets to read the answer."""
    left = min(_length(headers), MOST_SKIPPED)
    while left and (part := stream.read(min(left, 65_536))):
        left -= len(part)


def _length(headers: Message) -> int:
    text = headers.get("Content-Length") or "0"
    if not (text.isascii() and text.isdigit()):
        raise BrokenBodyError(f"no length: {text}")
    return int(text)


def _read_chunks(stream: BufferedIOBase, most: int) -> bytes | None:
    body = b""
    while size := _size(stream.readline(100)):
        if len(body) + size > most:
            return None
        body += _exactly(stream, size)
        stream.readline(100)
    while stream.readline(10_000).strip():
        pass  # trailers
    return body


def _size(line: bytes) -> int:
    try:
        return int(line.split(b";")[0], 16)
    except ValueError as error:
        raise BrokenBodyError(f"no size of a chunk: {line!r}") from error


def _exactly(stream: BufferedIOBase, size: int) -> bytes:
    part = stream.read(size)
    if len(part) < size:
        raise BrokenBodyError("the body ends before its end")
    return part

"""Bodies are read whole, within the limit, or refused."""

from __future__ import annotations

from email.message import Message
from io import BytesIO

import pytest

from local.chunks import BrokenBodyError, read_body


def read(raw: bytes, most: int = 10, **headers: str) -> bytes | None:
    message = Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return read_body(BytesIO(raw), message, most)


def test_a_body_ends_where_its_length_says() -> None:
    assert read(b"hello, next request", content_length="5") == b"hello"


def test_without_a_length_there_is_no_body() -> None:
    assert read(b"next request") == b""


def test_chunks_are_joined_and_their_extensions_and_trailers_dropped() -> None:
    raw = b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n"
    assert read(raw, transfer_encoding="Chunked") == b"abcde"


@pytest.mark.parametrize("size", [10, 11])
def test_the_limit_is_the_last_size_that_passes(size: int) -> None:
    body = b"x" * size
    expected = body if size == 10 else None
    assert read(body, content_length=str(size)) == expected
    assert read(b"%x\r\n%b\r\n0\r\n\r\n" % (size, body), transfer_encoding="chunked") == expected


@pytest.mark.parametrize("length", ["x", "-1", "1.0", "²"])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    with pytest.raises(BrokenBodyError):
        read(b"hello", content_length=length)


@pytest.mark.parametrize("raw", [b"", b"zz\r\nabc\r\n", b"5\r\nab"])
def test_broken_chunks_are_refused(raw: bytes) -> None:
    with pytest.raises(BrokenBodyError):
        read(raw, transfer_encoding="chunked")


def test_a_body_that_is_cut_off_is_refused() -> None:
    with pytest.raises(BrokenBodyError):
        read(b"hel", content_length="5")

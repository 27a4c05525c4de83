"""The access key id is read from what AWS's SDKs sign, and from nothing else."""

from __future__ import annotations

import pytest

from fairsplit.http.aws_credential import access_key_of

SCOPE = "20260101/us-east-1/evidently/aws4_request"
REST = f"{SCOPE}, SignedHeaders=host, Signature=00"


@pytest.mark.parametrize(
    "text",
    [
        f"AWS4-HMAC-SHA256 Credential=key/{REST}",
        f"AWS4-HMAC-SHA256  SignedHeaders=host,Signature=00,Credential=key/{SCOPE}",
        "AWS4-ECDSA-P256-SHA256 Credential=key/20260101/evidently/aws4_request, SignedHeaders=host, Signature=00",
    ],
)
def test_the_credential_begins_with_the_access_key_id(text: str) -> None:
    assert access_key_of({"headers": {"Authorization": text}}) == "key"


@pytest.mark.parametrize(
    "text",
    [
        *("", "Bearer key", f"Basic Credential=key/{SCOPE}", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 key"),
        *(f"AWS4-HMAC-SHA256 Credential=/{REST}", f"AWS4-HMAC-SHA256 Credential={'k' * 513}/{REST}"),
        *(f"AWS4-HMAC-SHA256 Credential=ké/{REST}", f"AWS4-HMAC-SHA256 X-Credential=key/{REST}"),
    ],
)
def test_without_one_there_is_none(text: str) -> None:
    assert access_key_of({"headers": {"authorization": text}}) is None


def test_a_request_without_headers_has_none() -> None:
    assert access_key_of({}) is None

"""`make token`: give a deployed stack its first admin token, with the AWS credentials of whoever deployed it."""

from __future__ import annotations

import secrets
import sys

import boto3

from fairsplit.domain.timestamps import now
from fairsplit.domain.token import Role, Token, digest
from fairsplit.storage.tokens import Tokens


def main(arguments: list[str]) -> int:
    """Keep the digest of a new token in the stack's Catalog, and print the token; the exit status."""
    stack = boto3.client("cloudformation").describe_stacks(StackName=arguments[0])["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    secret = f"fs_{secrets.token_urlsafe(32)}"
    token = Token(id=secrets.token_hex(8), name="the first admin", role=Role.ADMIN, created_at=now())
    Tokens(boto3.client("dynamodb"), outputs["CatalogTable"]).put(token, digest(secret))
    print(f"The API:           {outputs['ApiUrl']}")
    print(f"Its admin token:   {secret}   (shown this once)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

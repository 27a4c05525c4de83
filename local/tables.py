"""The template's tables, made in an engine where they are missing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from local import templates

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

COPIED = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes", "StreamSpecification")
CREDENTIALS: Any = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}


def client(endpoint_url: str) -> DynamoDBClient:
    """A DynamoDB client of a local engine."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 3})
    made: DynamoDBClient = boto3.client("dynamodb", endpoint_url=endpoint_url, config=config, **CREDENTIALS)
    return made


def create_tables(endpoint_url: str, template_path: Path | None = None, prefix: str = "") -> dict[str, str]:
    """Make the tables that are missing; logical id → name. `prefix` keeps several sets in one engine apart."""
    template = templates.read(template_path)
    dynamodb = client(endpoint_url)
    pages = dynamodb.get_paginator("list_tables").paginate()
    present = {name for page in pages for name in page["TableNames"]}
    names = {}
    for logical_id, properties in template.resources("AWS::DynamoDB::Table"):
        names[logical_id] = name = f"{prefix}{logical_id}"
        if name not in present:
            _create(dynamodb, name, template.value(properties))
    return names


def stream_arns(endpoint_url: str, names: Mapping[str, str]) -> dict[str, str]:
    """The streams of the tables that have one, by the tables' logical ids."""
    dynamodb = client(endpoint_url)
    found = {
        key: dynamodb.describe_table(TableName=name)["Table"].get("LatestStreamArn") for key, name in names.items()
    }
    return {key: arn for key, arn in found.items() if arn}


def _create(dynamodb: DynamoDBClient, name: str, properties: dict[str, Any]) -> None:
    wanted: dict[str, Any] = {key: properties[key] for key in COPIED if key in properties}
    if "StreamSpecification" in wanted:
        wanted["StreamSpecification"] = {"StreamEnabled": True, **wanted["StreamSpecification"]}
    dynamodb.create_table(TableName=name, **wanted)
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    if "TimeToLiveSpecification" in properties:
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])

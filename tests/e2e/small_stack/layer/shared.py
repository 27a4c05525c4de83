"""What the functions of the small stack share."""

import os

import boto3

client = boto3.client("dynamodb")


def put(variable: str, key: str) -> None:
    """Put an item into the table that the variable names."""
    client.put_item(TableName=os.environ[variable], Item={"pk": {"S": key}})


def keys(variable: str) -> list[str]:
    """The keys of all items of the table."""
    pages = client.get_paginator("scan").paginate(TableName=os.environ[variable])
    return [item["pk"]["S"] for page in pages for item in page["Items"]]

"""The template's tables are made in an engine as the template has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local import engine, templates
from local.tables import client, create_tables, stream_arns

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module", params=engine.KINDS)
def endpoint_url(request: pytest.FixtureRequest) -> Iterator[str]:
    with engine.start(kind=request.param) as running:
        yield running.endpoint_url


def test_every_table_has_its_keys_indexes_and_stream(endpoint_url: str) -> None:
    names = create_tables(endpoint_url)
    wanted = dict(templates.read().resources("AWS::DynamoDB::Table"))
    assert set(names) == set(wanted)
    for logical_id, properties in wanted.items():
        table = client(endpoint_url).describe_table(TableName=names[logical_id])["Table"]
        assert table["KeySchema"] == properties["KeySchema"]
        indexes = [one["IndexName"] for one in properties.get("GlobalSecondaryIndexes", [])]
        assert [one["IndexName"] for one in table.get("GlobalSecondaryIndexes", [])] == indexes
        view = properties.get("StreamSpecification", {}).get("StreamViewType")
        assert table.get("StreamSpecification", {}).get("StreamViewType") == view


def test_tables_that_are_there_stay_as_they_are(endpoint_url: str) -> None:
    names = create_tables(endpoint_url)
    streams = stream_arns(endpoint_url, names)
    client(endpoint_url).put_item(TableName=names["CatalogTable"], Item={"pk": {"S": "a"}, "sk": {"S": "b"}})
    assert create_tables(endpoint_url) == names
    assert stream_arns(endpoint_url, names) == streams
    assert client(endpoint_url).scan(TableName=names["CatalogTable"])["Count"] == 1


def test_a_prefix_keeps_sets_of_tables_apart(endpoint_url: str) -> None:
    one, two = (create_tables(endpoint_url, prefix=prefix) for prefix in ("one-", "two-"))
    assert set(one) == set(two)
    assert not set(one.values()) & set(two.values())


def test_data_is_on_disk_when_the_engine_starts_again(tmp_path: Path) -> None:
    with engine.start(tmp_path, "dynoxide") as running:
        name = create_tables(running.endpoint_url)["CatalogTable"]
        client(running.endpoint_url).put_item(TableName=name, Item={"pk": {"S": "a"}, "sk": {"S": "b"}})
        running.process.kill()
    with engine.start(tmp_path, "dynoxide") as running:
        assert client(running.endpoint_url).scan(TableName=name)["Count"] == 1

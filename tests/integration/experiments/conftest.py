from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.integration.experiments.making import Catalog

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="module")
def catalog(client: DynamoDBClient, tables: dict[str, str]) -> Catalog:
    return Catalog(client, tables["CatalogTable"])


@pytest.fixture
def unchanged(catalog: Catalog) -> Iterator[None]:
    """The test writes nothing into the Catalog."""
    before = catalog.dump()
    yield
    assert catalog.dump() == before

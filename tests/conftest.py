"""The database engine of the tests, with tables of their own for each module, and the service in front of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import settings

from fairsplit.storage.client import dynamodb
from local import engine
from local.tables import create_tables
from local.tokens import seed
from tests.gateway import Gateway, environment
from tests.pipeline import Pipeline

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

settings.register_profile("busy machine", deadline=None)  # tests assert counts, never seconds
settings.load_profile("busy machine")


@pytest.fixture(scope="session")
def engine_url() -> Iterator[str]:
    """The address of a DynamoDB engine that lives as long as the session; the environment points to it."""
    with engine.start() as running, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_DYNAMODB", running.endpoint_url)
        patch.setenv("AWS_ACCESS_KEY_ID", "local")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "local")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield running.endpoint_url


@pytest.fixture(scope="session")
def client(engine_url: str) -> DynamoDBClient:
    """The client that handlers make, too."""
    return dynamodb()


@pytest.fixture(scope="module")
def tables(engine_url: str) -> dict[str, str]:
    """Fresh tables of template.yaml: logical id → name."""
    return create_tables(engine_url, prefix=f"t{uuid4().hex[:8]}-")


@pytest.fixture(scope="module")
def gateway(client: DynamoDBClient, tables: dict[str, str]) -> Iterator[Gateway]:
    """All HTTP functions over the module's tables, as API Gateway calls them; with the local service's tokens."""
    seed(client, tables["CatalogTable"])
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(tables).items():
            patch.setenv(name, value)
        yield Gateway()


@pytest.fixture(scope="module")
def pipeline(engine_url: str, tables: dict[str, str], gateway: Gateway) -> Pipeline:
    """Attribution, rollup and maintenance over the module's tables; all handlers go by its clock."""
    return Pipeline(engine_url, tables, gateway)


@pytest.fixture
def later(pipeline: Pipeline) -> Callable[[timedelta], None]:
    """Lets so much time pass for all handlers. It never comes back: the module's next tests go on from there."""

    def wait(length: timedelta) -> None:
        pipeline.shift += length

    return wait

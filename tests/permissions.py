"""What template.yaml lets each function do with the tables, and what each really does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local import templates

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

OF_WRITE = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
EVERYTHING = {"EvidentlyCompatibility": "enabled"}  # all that can be deployed
Use = tuple[str, str, str]  # a function, an action, and a table by its logical id, with /index where it is the index
Reach = tuple[str, str]  # a function, and a partition of the Catalog as a policy writes it: TOKEN#*


def granted() -> set[Use]:
    """All that the policies allow."""
    return {
        (name, action.removeprefix("dynamodb:"), _resource(one))
        for name, one in _statements()
        for action in one["Action"]
    }


def granted_reach() -> set[Reach]:
    """The partitions of the Catalog that functions are bound to; who may read all of it is not there."""
    return {
        (name, pattern)
        for name, one in _statements()
        for pattern in one.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", [])
    }


def _statements() -> Iterator[tuple[str, Any]]:
    template = templates.read(parameters=EVERYTHING)
    for logical_id, function in template.resources("AWS::Serverless::Function"):
        name = logical_id.removesuffix("Function").lower()
        for policy in function.get("Policies", []):
            yield from ((name, template.value(one)) for one in policy["Statement"] if "Table" in str(one["Resource"]))


def _resource(statement: Mapping[str, Any]) -> str:
    return str(statement["Resource"]).replace(".Arn", "").replace("/by_experiment", "")


@dataclass
class Uses:
    """What functions were seen to do."""

    tables: Mapping[str, str]  # logical id → name
    seen: set[Use] = field(default_factory=set)
    reach: set[Reach] = field(default_factory=set)

    def watch(self, function: str, client: DynamoDBClient) -> None:
        """Note from now on what the function's client asks for."""
        client.meta.events.register("provide-client-params.dynamodb", self._noting(function))

    def _noting(self, function: str) -> Callable[..., None]:
        def note(params: dict[str, Any], model: Any, **_: Any) -> None:
            for action, table, keys in _parts(model.name, params):
                logical_id = next(one for one, name in self.tables.items() if name == table)
                index = "/index" if "IndexName" in params else ""
                self.seen.add((function, action, logical_id + index))
                if logical_id == "CatalogTable":
                    self.reach |= {(function, re.sub("#.*", "#*", key)) for key in keys}

        return note


def _parts(operation: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """The actions of one call, each with its table and the partition keys that it names."""
    if operation == "TransactWriteItems":
        for write in params["TransactItems"]:
            ((kind, one),) = write.items()
            yield OF_WRITE[kind], one["TableName"], []
    elif operation == "BatchExecuteStatement":
        for statement in params["Statements"]:
            yield "PartiQLInsert", statement["Statement"].split('"')[1], []
    elif operation in {"BatchGetItem", "BatchWriteItem"}:
        for table, asked in params["RequestItems"].items():
            yield operation, table, [one["pk"]["S"] for one in _keys(asked) if "pk" in one]
    else:
        yield operation, params["TableName"], _partitions(params)


def _keys(asked: Any) -> list[Any]:
    return list(asked["Keys"]) if "Keys" in asked else []


def _partitions(params: Mapping[str, Any]) -> list[str]:
    if "Key" in params:
        return [params["Key"]["pk"]["S"]] if "pk" in params["Key"] else []
    bound = re.match(r"pk = (:\w+)", params.get("KeyConditionExpression", ""))
    return [params["ExpressionAttributeValues"][bound.group(1)]["S"]] if bound else []

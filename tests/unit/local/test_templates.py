"""The template's functions, streams and schedules are read as CloudFormation would resolve them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local import templates
from local.environments import environment_of
from local.schedule import Rule, rules, seconds_of
from local.streams.mapping import mappings
from local.templates import Template

TEMPLATE = """
Parameters:
  Level: {Type: String, Default: WARN}
  Window: {Type: Number, Default: 3}
  Extra: {Type: String, Default: "no", AllowedValues: ["no", "yes"]}
Conditions:
  WithExtra: !Equals [!Ref Extra, "yes"]
  Other: !Not [!Equals [!Ref Extra, "yes"]]
Globals:
  Function:
    Timeout: 9
    Handler: handler.lambda_handler
    Layers: [!Ref Layer]
    Environment: {Variables: {SHARED: a, OWN: b}}
    LoggingConfig: {LogFormat: JSON, ApplicationLogLevel: !Ref Level}
Resources:
  Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layers/common}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/f
      MemorySize: 512
      Environment: {Variables: {OWN: !Ref Table, URL: !Sub "x-${Level}-${Queue.Arn}-${AWS::Region}"}}
      Events:
        Changes:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 7
            MaximumBatchingWindowInSeconds: !Ref Window
            MaximumRetryAttempts: 2
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            TumblingWindowInSeconds: 60
            ParallelizationFactor: 10
            DestinationConfig: {OnFailure: {Destination: !GetAtt Queue.Arn}}
            FilterCriteria: {Filters: [{Pattern: '{"eventName": ["INSERT"]}'}]}
        Often: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(5 minutes)}}
        Daily: {Type: Schedule, Properties: {Schedule: rate(1 day), Input: '{"a": 1}'}}
  G:
    Type: AWS::Serverless::Function
    Condition: WithExtra
    Properties: {CodeUri: functions/g, Environment: {Variables: {EXTRA: !Ref Extra}}}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return path


@pytest.fixture
def template(path: Path) -> Template:
    return templates.read(path)


def test_a_function_has_its_own_properties_and_those_of_globals(template: Template) -> None:
    function = templates.functions(template)[0]
    assert (function.name, function.timeout, function.memory) == ("F", 9, 512)
    assert function.environment == {"SHARED": "a", "OWN": "Table", "URL": "x-WARN-Queue.Arn-us-east-1"}
    assert function.folder == template.folder / "functions/f"
    assert function.layers == (template.folder / "layers/common",)


def test_a_process_has_lambdas_variables_and_few_of_ours(template: Template) -> None:
    function = templates.functions(template)[0]
    ours = {"PATH": "/bin", "PYTHONDONTWRITEBYTECODE": "1", "AWS_PROFILE": "work", "AWS_ENDPOINT_URL": "http://else"}
    found = environment_of(function, "http://engine", ours)
    assert found["AWS_ENDPOINT_URL_DYNAMODB"] == "http://engine"
    assert (found["AWS_LAMBDA_LOG_FORMAT"], found["AWS_LAMBDA_LOG_LEVEL"]) == ("JSON", "WARN")
    assert (found["AWS_LAMBDA_FUNCTION_NAME"], found["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]) == ("F", "512")
    assert (found["OWN"], found["PATH"]) == ("Table", "/bin")
    assert not {"PYTHONDONTWRITEBYTECODE", "AWS_PROFILE", "AWS_ENDPOINT_URL"} & set(found)


def test_a_mapping_has_all_that_the_template_says(template: Template) -> None:
    found = mappings(template, templates.functions(template))[0]
    assert (found.function, found.table, found.dead_letters) == ("F", "Table", "Queue")
    assert (found.batch_size, found.window_seconds, found.factor) == (7, 3.0, 10)
    assert (found.retries, found.bisects, found.partial, found.tumbling_seconds) == (2, True, True, 60)
    assert found.takes({"eventName": "INSERT"})
    assert not found.takes({"eventName": "MODIFY"})


def test_a_stream_that_would_lose_records_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE.replace("TRIM_HORIZON", "LATEST"))
    read = templates.read(path)
    with pytest.raises(ValueError, match="TRIM_HORIZON"):
        mappings(read, templates.functions(read))


def test_a_function_of_cloudformation_that_is_not_known_is_refused(template: Template) -> None:
    with pytest.raises(ValueError, match="Fn::If"):
        template.value({"a": {"Fn::If": ["B", 1, 2]}})


def test_a_resource_is_there_where_its_condition_holds(path: Path) -> None:
    functions = templates.functions(templates.read(path, {"Extra": "yes"}))
    assert [one.name for one in functions] == ["F", "G"]
    assert functions[1].environment["EXTRA"] == "yes"
    assert [one.name for one in templates.functions(templates.read(path))] == ["F"]


@pytest.mark.parametrize(("name", "value"), [("Extra", "maybe"), ("Unknown", "yes")])
def test_a_parameter_that_is_not_the_templates_is_refused(path: Path, name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"parameter {name}"):
        templates.read(path, {name: value})


def test_a_condition_that_is_no_comparison_is_refused(path: Path) -> None:
    path.write_text(TEMPLATE.replace("Condition: WithExtra", "Condition: Other"))
    with pytest.raises(ValueError, match="condition Other"):
        templates.functions(templates.read(path))


def test_schedules_have_their_rates_and_what_they_send(template: Template) -> None:
    often, daily = rules(template, templates.functions(template))
    assert (often.function, often.seconds, often.source) == ("F", 300, "aws.scheduler")
    assert (daily.seconds, daily.payload(datetime.now(UTC))) == (86400, b'{"a": 1}')


def test_without_an_input_the_schedulers_own_event_is_sent() -> None:
    payload: Any = Rule("R", "F", 60, "aws.scheduler").payload(datetime(2026, 1, 2, tzinfo=UTC))
    assert b'"time": "2026-01-02T00:00:00Z"' in payload
    assert b'"detail-type": "Scheduled Event"' in payload


@pytest.mark.parametrize(
    "expression", ["cron(0 12 * * ? *)", "at(2026-01-01T00:00:00)", "rate(0 minutes)", "5 minutes"]
)
def test_what_is_no_rate_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="only rates"):
        seconds_of(expression)

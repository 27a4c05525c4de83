"""The environment of a function's process: what Lambda sets, what the template sets, and nothing else of ours."""

from __future__ import annotations

import os
from collections.abc import Mapping

from local.templates import REGION, Function

KEPT = ("HOME", "LANG", "PATH", "TMPDIR")


def environment_of(function: Function, endpoint_url: str, ours: Mapping[str, str]) -> dict[str, str]:
    """The variables of a function whose DynamoDB answers at `endpoint_url`; `ours` is this process's environment."""
    paths = [function.folder, *function.layers]
    return {
        **{name: ours[name] for name in KEPT if name in ours},
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint_url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_FORMAT": function.log_format,
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_LEVEL": function.log_level,
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "LAMBDA_TASK_ROOT": str(function.folder),
        "PYTHONPATH": os.pathsep.join(str(path) for path in paths),
        "PYTHONUNBUFFERED": "1",
        "TZ": ":UTC",
        "_HANDLER": function.handler,
        **function.environment,
    }

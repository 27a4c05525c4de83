"""A small export of CloudWatch Evidently, as the AWS CLI printed it."""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).parent / "data" / "evidently-export.json"

"""The comparison of shown answers finds what differs."""

from __future__ import annotations

import pytest

from tests.docs.shown import differences, parse

TIME, LATER = '{"at": "2026-01-01T00:00:00.000Z"}', '{"at": "2026-02-02T02:02:02.222Z"}'


@pytest.mark.parametrize(
    ("shown", "actual"),
    [
        ('{"a": 1, ...}', '{"a": 1, "b": 2}'),
        ('{"a": {...}, "b": [1, ...]}', '{"a": {"c": 1}, "b": [1, 2, 3]}'),
        ('[{"a": "x ... y", "b": 1.5}]', '[{"b": 1.5, "a": "x ... y"}]'),
        (TIME, LATER),
    ],
)
def test_what_is_left_out_and_times_may_differ(shown: str, actual: str) -> None:
    assert list(differences(parse(shown), parse(actual))) == []


@pytest.mark.parametrize(
    ("shown", "actual"),
    [
        ('{"a": 1}', '{"a": 1, "b": 2}'),
        ('{"a": 1, ...}', '{"b": 1}'),
        ('{"a": 1}', '{"a": 1.0}'),
        ('{"a": true}', '{"a": 1}'),
        ("[1]", "[1, 2]"),
        ("[1, 2, ...]", "[1]"),
        ('{"a": null}', '{"a": {}}'),
        (TIME, '{"at": "soon"}'),
    ],
)
def test_everything_else_may_not(shown: str, actual: str) -> None:
    assert len(list(differences(parse(shown), parse(actual)))) == 1

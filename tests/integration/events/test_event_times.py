"""When an event happened: what it says, within 90 days; up to 5 minutes ahead is now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fairsplit.domain.timestamps import now, to_text
from tests.integration.events.sending import Sender, fresh_unit, purchase
from tests.integration.events.stored import Stored

pytestmark = pytest.mark.engine
MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def moment(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The function's clock stands still, a second before this moment."""
    moment = now() - timedelta(seconds=1)
    monkeypatch.setitem(sender.gateway.globals_of("events"), "now", lambda: moment)
    return moment


def stored_time(sender: Sender, stored: Stored, timestamp: datetime | None) -> datetime:
    """When an event happened, as it is stored."""
    sent: dict[str, Any] = purchase(unit_id=fresh_unit(), timestamp=to_text(timestamp) if timestamp else None)
    assert sender.post(sent).status == 202
    (event,) = stored.events(sent["unit_id"])
    return event.timestamp


@pytest.mark.parametrize("ahead", [timedelta(), MILLISECOND, timedelta(minutes=1), timedelta(minutes=5)])
def test_what_is_up_to_five_minutes_ahead_is_stored_as_now(
    sender: Sender, stored: Stored, moment: datetime, ahead: timedelta
) -> None:
    assert stored_time(sender, stored, moment + ahead) == moment


def test_what_says_no_time_happened_now(sender: Sender, stored: Stored, moment: datetime) -> None:
    assert stored_time(sender, stored, None) == moment


@pytest.mark.parametrize("ago", [MILLISECOND, timedelta(days=1), timedelta(days=90)])
def test_what_is_up_to_ninety_days_old_keeps_its_time(
    sender: Sender, stored: Stored, moment: datetime, ago: timedelta
) -> None:
    assert stored_time(sender, stored, moment - ago) == moment - ago


@pytest.mark.parametrize(
    ("shift", "code"),
    [
        (timedelta(minutes=5) + MILLISECOND, "timestamp_in_future"),
        (-timedelta(days=90) - MILLISECOND, "timestamp_too_old"),
    ],
)
def test_a_millisecond_beyond_is_rejected(sender: Sender, moment: datetime, shift: timedelta, code: str) -> None:
    answer = sender.post(purchase(timestamp=to_text(moment + shift)))
    assert (answer.status, answer.faults) == (422, [(["events", 0], code)])


def test_a_time_with_an_offset_is_the_same_moment_in_utc(sender: Sender, stored: Stored, moment: datetime) -> None:
    sent = purchase(unit_id=fresh_unit(), timestamp=f"{moment:%Y-%m-%d}T00:30:00+02:00")
    assert sender.post(sent).status == 202
    (event,) = stored.events(sent["unit_id"])
    day = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    assert event.timestamp == day - timedelta(hours=1, minutes=30)

"""Every item is sent until the service has taken it, and results are awaited until they are whole."""

from __future__ import annotations

import pytest

from local.sending import RejectedError, send_all
from local.waiting import wait_for_results
from tests.unit.local_clients.fake_service import NO_RESULTS, RESULTS, FakeService, connected

ITEMS = [{"event_id": str(number)} for number in range(5)]


def send(fake: FakeService, size: int) -> None:
    with connected(fake) as service:
        send_all(service, "client", "/v1/events", field="events", items=ITEMS, size=size, label="Events")


def test_items_are_sent_in_batches_of_the_size_given() -> None:
    fake = FakeService()
    send(fake, size=2)
    assert sorted(map(len, fake.events)) == [1, 2, 2]
    assert sorted(event["event_id"] for batch in fake.events for event in batch) == ["0", "1", "2", "3", "4"]


def test_what_was_throttled_is_sent_again_and_nothing_else() -> None:
    fake = FakeService()
    fake.rejections = [[{"index": index, "code": "throttled", "detail": "Again."} for index in (1, 3)]]
    send(fake, size=5)
    assert fake.events == [ITEMS, [ITEMS[1], ITEMS[3]]]


def test_an_item_that_is_rejected_for_good_ends_the_sending() -> None:
    fake = FakeService()
    fake.rejections = [[{"index": 2, "code": "timestamp_in_future", "detail": "Too late."}]]
    with pytest.raises(RejectedError, match=r"timestamp_in_future: Too late\. .*'event_id': '2'"):
        send(fake, size=5)


def test_results_are_awaited_until_they_hold_everything() -> None:
    fake = FakeService()
    fake.results["mail"] = [NO_RESULTS, NO_RESULTS, RESULTS]
    with connected(fake) as service:
        assert wait_for_results(service, "mail", units=64_000, events=9_972) == RESULTS


def test_one_event_too_many_a_moment_later_is_noticed() -> None:
    fake = FakeService()
    too_many = {**RESULTS, "summary": {"units": 64_000, "events": 9_973}}
    fake.results["mail"] = [RESULTS, too_many]
    with connected(fake) as service:
        assert wait_for_results(service, "mail", units=64_000, events=9_972) == too_many


def test_results_that_stand_still_are_returned_as_they_are() -> None:
    fake = FakeService()
    with connected(fake) as service:
        assert wait_for_results(service, "mail", units=64_000, events=9_972) == NO_RESULTS
        assert 90 < service.clock() < 100

"""The demo's visitors are the same each time, and its words say what the results say."""

from __future__ import annotations

from typing import Any

import httpx

from local.demo import create
from local.demo_words import next_steps, verdict
from local.http_client import LOCAL_TOKENS, Service
from local.result_table import render
from local.visitors import BUYS, visitor
from tests.unit.local_clients.fake_service import FakeService, connected

PURCHASED = {"events": 20, "sum": 20, "mean": 0.2}
RESULTS: dict[str, Any] = {
    "summary": {"decision": "keep_running", "reasons": ["0 of 7 full days have passed."]},
    "variants": [
        {"key": "blue", "units": 1_000, "metrics": {"purchased": PURCHASED}},
        {"key": "green", "units": 1_000, "metrics": {"purchased": PURCHASED | {"mean": 0.28}}},
    ],
    "comparisons": [
        {
            "metric": "purchased",
            "variant": "green",
            "absolute": {"estimate": 0.08, "ci": [0.0428, 0.1172]},
            "relative": {"estimate": 0.4},
            "p_value": 0.0000268,
            "significant": True,
        }
    ],
}


def test_the_second_demo_takes_a_new_key() -> None:
    with connected(FakeService()) as service:
        assert [create(service), create(service)] == ["checkout-button", "checkout-button-2"]


def test_a_visitor_is_the_same_each_time_and_another_in_another_demo() -> None:
    assert visitor("demo", 7) == visitor("demo", 7)
    assert visitor("demo", 7).unit_id != visitor("demo-2", 7).unit_id


def test_visitors_buy_as_often_as_said() -> None:
    lucks = [visitor("demo", number).luck for number in range(10_000)]
    for share in BUYS.values():
        assert abs(sum(luck < share for luck in lucks) / len(lucks) - share) < 0.02


def test_the_verdict_gives_rates_lift_interval_and_p_value() -> None:
    words = verdict(RESULTS)
    assert "green: 28.0% of 1,000 visitors bought." in words
    assert "+40.0% buyers; with 95 % confidence +4.3 to +11.7 percentage points, p-value 2.7e-05" in words
    assert "is significant" in words


def test_the_verdict_ends_with_the_decision_and_its_reasons() -> None:
    assert verdict(RESULTS).endswith("What to do: keep running.\n  0 of 7 full days have passed.")


def test_the_verdict_of_too_few_visitors_invents_no_number() -> None:
    nothing = {"absolute": {"ci": None}, "relative": {"estimate": None}, "p_value": None}
    few = RESULTS | {"comparisons": [RESULTS["comparisons"][0] | nothing]}
    assert "Too few visitors to compare the two." in verdict(few)


def test_the_table_has_a_line_for_each_metric_and_variant_with_the_results_numbers() -> None:
    head, blue, green = render(RESULTS).splitlines()
    assert head.split()[:3] == ["metric", "variant", "units"]
    assert blue.split() == ["purchased", "blue", "1,000", "20", "0.2000", "20"]
    assert green.split()[-7:] == ["20", "+0.0800", "+0.0428", "…", "+0.1172", "+40.0%", "2.68e-05"]


def test_what_cannot_be_computed_is_a_dash_in_the_table() -> None:
    nothing = {"absolute": {"estimate": None, "ci": None}, "relative": {"estimate": None}, "p_value": None}
    few = RESULTS | {"comparisons": [RESULTS["comparisons"][0] | nothing]}
    assert render(few).splitlines()[-1].split()[-4:] == ["–", "–", "–", "–"]


def test_a_deployed_stacks_token_is_not_printed() -> None:
    with httpx.Client(base_url="http://service") as http:
        secret = Service(http, dict.fromkeys(LOCAL_TOKENS, "secret"))
        assert "secret" not in next_steps(secret, "demo")
        assert "Bearer $FAIRSPLIT_TOKEN" in next_steps(secret, "demo")
        assert "Bearer local-analyst" in next_steps(Service(http, LOCAL_TOKENS), "demo")

"""The door: who is let in, how often the store is asked, and how many come through."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.errors import ForbiddenError, TooManyError, UnauthenticatedError
from fairsplit.domain.token import Role, Token, digest
from fairsplit.http.auth import KNOWN_AT_MOST, KNOWN_FOR, Bucket, Door, secret_of
from tests.outcomes import FINE, outcome_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class World:
    """Tokens by their secrets, and a clock."""

    tokens: dict[str, Token] = field(default_factory=dict)
    now: datetime = NOW
    asked: int = 0
    door: Door = field(init=False)

    def __post_init__(self) -> None:
        self.door = Door(self, lambda: self.now)

    def find(self, name: str) -> Token | None:
        self.asked += 1
        return {digest(secret): token for secret, token in self.tokens.items()}.get(name)

    def add(self, secret: str, role: Role = Role.CLIENT, **fields: Any) -> None:
        self.tokens[secret] = Token(id=secret, name=secret, role=role, created_at=NOW, **fields)

    def ask(self, secret: str, role: Role = Role.CLIENT) -> Token:
        return self.door.admit({"headers": {"authorization": f"Bearer {secret}"}}, role)


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("role", "opens"),
    [(Role.CLIENT, {Role.CLIENT}), (Role.ANALYST, {Role.ANALYST}), (Role.ADMIN, set(Role))],
)
def test_a_role_opens_its_own_and_admins_open_all(world: World, role: Role, opens: set[Role]) -> None:
    world.add("secret", role)
    for wanted in Role:
        if wanted in opens:
            assert world.ask("secret", wanted).id == "secret"
        else:
            with pytest.raises(ForbiddenError):
                world.ask("secret", wanted)


def test_a_token_is_looked_up_once_in_thirty_seconds(world: World) -> None:
    world.add("secret")
    for _ in range(5):
        world.ask("secret")
    assert world.asked == 1
    world.now += KNOWN_FOR
    world.ask("secret")
    assert world.asked == 2


def test_an_unknown_secret_is_looked_up_once_in_thirty_seconds(world: World) -> None:
    for _ in range(5):
        with pytest.raises(UnauthenticatedError):
            world.ask("secret")
    assert world.asked == 1


def test_a_revoked_token_is_forgotten_after_thirty_seconds(world: World) -> None:
    world.add("secret")
    world.ask("secret")
    world.tokens.clear()
    world.now += KNOWN_FOR
    with pytest.raises(UnauthenticatedError):
        world.ask("secret")


def test_an_expiring_token_is_refused_from_that_moment_on(world: World) -> None:
    world.add("secret", expires_at=NOW + timedelta(seconds=5))
    world.now = NOW + timedelta(seconds=4.999)
    world.ask("secret")
    world.now = NOW + timedelta(seconds=5)
    with pytest.raises(UnauthenticatedError):
        world.ask("secret")


def test_what_is_known_is_bounded(world: World) -> None:
    for number in range(KNOWN_AT_MOST + 50):
        with pytest.raises(UnauthenticatedError):
            world.ask(f"guess {number}")
    assert len(world.door.known) == KNOWN_AT_MOST


def test_nothing_is_looked_up_without_a_secret(world: World) -> None:
    with pytest.raises(UnauthenticatedError):
        world.door.admit({"headers": {}}, Role.CLIENT)
    assert world.asked == 0


def test_a_rate_is_kept_on_average(world: World) -> None:
    world.add("secret", rate_per_second=4)
    through = 0
    for _ in range(1_000):
        world.now += timedelta(milliseconds=20)
        through += outcome_of(lambda: world.ask("secret")) == FINE
    assert 80 <= through <= 84


def test_the_wait_is_told_in_whole_seconds(world: World) -> None:
    world.add("secret", rate_per_second=0.1)
    world.ask("secret")
    with pytest.raises(TooManyError) as caught:
        world.ask("secret")
    assert caught.value.retry_after == 10
    world.now += timedelta(seconds=10)
    world.ask("secret")


def test_tokens_have_a_rate_each(world: World) -> None:
    for secret in ("one", "two"):
        world.add(secret, rate_per_second=1)
        world.ask(secret)


def test_a_path_takes_a_clients_sdk_token(world: World) -> None:
    world.add("secret", kind="sdk")
    assert world.door.admit_sdk("secret").id == "secret"
    assert world.ask("secret").id == "secret"


@pytest.mark.parametrize(
    "fields", [{"role": Role.CLIENT}, {"role": Role.ADMIN, "kind": "sdk"}, {"role": Role.ANALYST}], ids=str
)
def test_a_path_takes_no_other_token_and_says_what_to_do(world: World, fields: dict[str, Any]) -> None:
    world.add("secret", **fields)
    with pytest.raises(ForbiddenError, match="POST /v1/tokens"):
        world.door.admit_sdk("secret")


@pytest.mark.parametrize("secret", ["unknown", "", "ü", "\ud800", "x" * 513])
def test_an_unknown_secret_in_a_path_opens_nothing(world: World, secret: str) -> None:
    with pytest.raises(UnauthenticatedError):
        world.door.admit_sdk(secret)


def test_a_token_in_a_path_expires_and_has_its_rate(world: World) -> None:
    world.add("secret", kind="sdk", rate_per_second=1, expires_at=NOW + timedelta(seconds=5))
    world.door.admit_sdk("secret")
    with pytest.raises(TooManyError):
        world.door.admit_sdk("secret")
    world.now += timedelta(seconds=5)
    with pytest.raises(UnauthenticatedError):
        world.door.admit_sdk("secret")


def test_a_wrong_role_uses_no_rate_up(world: World) -> None:
    world.add("secret", rate_per_second=1)
    with pytest.raises(ForbiddenError):
        world.ask("secret", Role.ADMIN)
    world.ask("secret")


@given(st.floats(0.001, 1e6), st.lists(st.floats(0, 100), max_size=20))
def test_whoever_waits_as_told_is_let_through(rate: float, pauses: list[float]) -> None:
    bucket, now = Bucket(rate, max(rate, 1.0), NOW), NOW
    for pause in pauses:
        now += timedelta(seconds=pause)
        wait = bucket.take(now)
        if wait:
            now += timedelta(seconds=wait, milliseconds=1)
            assert bucket.take(now) == 0


@pytest.mark.parametrize(
    ("headers", "secret"),
    [
        ({"authorization": "Bearer a"}, "a"),
        ({"Authorization": "BEARER  a "}, "a"),
        ({"X-Api-Key": " a "}, "a"),
        ({"authorization": "Basic a", "x-api-key": "b"}, "b"),
        ({"authorization": "a"}, None),
        ({"authorization": "Bearer"}, None),
        ({"authorization": "Bearer " + "x" * 513}, None),
        ({"authorization": "Bearer ü"}, None),
        ({"x-api-key": "\ud800"}, None),
        ({}, None),
    ],
)
def test_a_secret_is_found_in_the_headers(headers: dict[str, str], secret: str | None) -> None:
    assert secret_of({"headers": headers}) == secret


def test_a_secret_in_the_query_counts_only_where_it_may_stand_there() -> None:
    event = {"headers": {}, "queryStringParameters": {"token": "a"}}
    assert (secret_of(event), secret_of(event, query=True)) == (None, "a")

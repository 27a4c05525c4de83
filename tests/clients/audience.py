"""Users of every kind, and experiments that take some of them in, for clients that have to agree with the service."""

from __future__ import annotations

import random
from typing import Any

from local.http_client import Service
from tests.clients.making import make

USERS = 5_000
SHAPES = (  # of ids: the hash goes over UTF-16 code units, so those outside ASCII and outside the BMP are the hard ones
    "user-{}",
    "{}@example.com",
    "Zoë/Łukasz {}?",
    "用户{}",
    "🦊{}",
)
THIRDS = [{"key": key, "weight": weight} for key, weight in (("a", 33.3), ("b", 33.3), ("c", 33.4))]
UNEVEN = [{"key": key, "weight": weight} for key, weight in (("small", 10), ("middle", 20), ("large", 70))]
TARGETING = {
    "country": {"$in": ["DE", "FR", "JP"]},
    "age": {"$gte": 18, "$lt": 60},
    "app.version": {"$vgte": "1.9.0"},
    "$or": [{"plan": {"$ne": "free"}}, {"tags": {"$elemMatch": {"$eq": "beta"}}}],
    "$not": {"email": {"$regex": "@(spam|bot)[.]example$"}},
}
LISTS = {"tags": {"$all": ["beta"], "$not": {"$size": 1}}, "nickname": {"$exists": True, "$ini": ["zoë", "LU"]}}
EXPERIMENTS: dict[str, dict[str, Any]] = {
    "uneven": {"variants": UNEVEN},
    "covered": {"variants": THIRDS, "coverage": 35.5},
    "targeted": {"targeting": TARGETING},
    "lists": {"targeting": LISTS},
    "left": {"namespace": {"key": "page", "from": 0, "to": 40}, "variants": UNEVEN},
    "right": {"namespace": {"key": "page", "from": 40, "to": 100}, "coverage": 80},
    "all-of-it": {
        "variants": UNEVEN,
        "coverage": 60,
        "targeting": {"age": {"$gt": 20}},
        "namespace": {"key": "shop", "from": 25, "to": 95},
    },
    "held-out": {"kind": "holdout", "namespace": {"key": "shop", "from": 5, "to": 25}},
}
FOR_EVERYBODY = {"uneven", "held-out"}


def make_experiments(service: Service) -> None:
    """Those above, active; and one that has a winner, one that is over without one, one that is paused."""
    for key, fields in EXPERIMENTS.items():
        make(service, key, "active", **({"seed": f"seed of {key}"} | fields))
    make(service, "won", "active", "completed=green")
    make(service, "over", "active", "completed")
    make(service, "paused", "active", "paused")


def users() -> list[dict[str, Any]]:
    """The attributes of each user, with the unit's id as `id`."""
    chance = random.Random("users")
    return [_user(number, chance) for number in range(USERS)]


def _user(number: int, chance: random.Random) -> dict[str, Any]:
    user: dict[str, Any] = {
        "id": SHAPES[number % len(SHAPES)].format(number),
        "country": chance.choice(["DE", "FR", "JP", "US", None]),
        "age": chance.choice([17, 18, 20, 20.5, 35, 59.9, 60]),
        "app": {"version": chance.choice(["1.8.9", "1.9.0", "1.10.0", "2.0.0-rc.1", "v2.1"])},
        "plan": chance.choice(["free", "team", "enterprise"]),
        "tags": chance.choice([[], ["beta"], ["beta", "staff"], ["staff", "vip", "beta"]]),
        "email": f"{number}@{chance.choice(['shop', 'spam', 'bot'])}.example",
        "nickname": chance.choice(["Zoë", "ZOË", "lu", "max", None]),
    }
    return {name: value for name, value in user.items() if value is not None}

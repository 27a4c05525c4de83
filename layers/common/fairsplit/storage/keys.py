"""Every key of the four tables, in one place.

Catalog      pk                     sk
             EXPERIMENT#{key}       CURRENT                      the experiment
             EXPERIMENT#{key}       RECOUNT                      which epoch is complete, how far the next one is
             NAMESPACE#{key}        CURRENT                      the ranges that experiments take which may run
             AUDIT#{key}            {time}#{version}             one change: who, when, what, old and new
             EXPERIMENTS            {created_at}#{key}           its place in the list, newest last
             LIVE                   {key}                        its version, of each active, paused or completed one
             EVENT_TYPES            {type}                       a schema for the properties of events
             TOKEN#{sha-256}        TOKEN                        a token's role and dates
             TOKENS                 {id}                         the same for the list
             JOBS                   {kind}#{digest}              promised work: erasures, removals
             LEASE#{name}           LEASE                        who does the maintenance now
Assignments  unit_id                experiment                   index by_experiment: {experiment}#{0…15}, unit_id
Events       unit_id                {day}#{digest}               a unit's events of one UTC day that came in one call
             unit_id                {day}#x{digest}              the same of its exposures; digests are hexadecimal
Aggregates   experiment             {epoch:06}#{day}#{shard}     the sums of one day that came through one stream shard
             experiment             {epoch:06}#{day}#base        the sums that compaction moved there
             {experiment}#{dimension}  the same rows            the sums by values of a dimension, and its ~compactions
             experiment             ~compactions                 how often compaction moved anything
             experiment             ~mark                        why the experiment wants a recount
             experiment             ~snapshot#{day}              the sums as they stood at the day's first maintenance
             experiment             ~check                       the last daily check's outcome
             #health                heartbeat                    the last one that came through all streams
             #health                ~mark                        why all experiments want a recount
             #unreadable            {sequence number}            a stream record that could not be read, for two weeks
"""

from __future__ import annotations

from datetime import date
from hashlib import blake2b

INDEX = "by_experiment"
INDEX_SHARDS = 16
JOBS = "JOBS"
TOKENS = "TOKENS"
EVENT_TYPES = "EVENT_TYPES"
EXPERIMENTS = "EXPERIMENTS"
LIVE = "LIVE"
CURRENT = "CURRENT"
COMPACTIONS = "~compactions"
MARK = "~mark"
UNREADABLE = "#unreadable"
EXPOSURES = "x"  # ahead of the digest
HEARTBEAT_UNIT = "\x00heartbeat"  # no client can send a control character


def experiment_pk(key: str) -> str:
    return f"EXPERIMENT#{key}"


def namespace_pk(key: str) -> str:
    return f"NAMESPACE#{key}"


def token_pk(digest: str) -> str:
    return f"TOKEN#{digest}"


def audit_pk(key: str) -> str:
    return f"AUDIT#{key}"


def index_shard(experiment: str, unit_id: str) -> str:
    """The index partition of a unit: one of 16 for each experiment."""
    digest = blake2b(unit_id.encode(), digest_size=2).digest()
    return f"{experiment}#{int.from_bytes(digest, 'big') % INDEX_SHARDS}"


def index_shards(experiment: str) -> list[str]:
    return [f"{experiment}#{number}" for number in range(INDEX_SHARDS)]


def epoch_prefix(epoch: int) -> str:
    return f"{epoch:06d}#"


def day_digest(day: date, digest: str, *, holds_exposures: bool = False) -> str:
    return f"{day.isoformat()}#{EXPOSURES if holds_exposures else ''}{digest}"


def holds_exposures(day_digest: str) -> bool:
    """Whether the item of that key holds exposures."""
    return day_digest.partition("#")[2].startswith(EXPOSURES)


def day_range(first: date, last: date) -> tuple[str, str]:
    """The bounds, both included, of all keys that day_digest makes for these days."""
    return f"{first.isoformat()}#", f"{last.isoformat()}#~"


def aggregate_row(epoch: int, day: date, shard: str) -> str:
    return f"{epoch_prefix(epoch)}{day.isoformat()}#{shard}"


def snapshot_row(day: date) -> str:
    return f"~snapshot#{day.isoformat()}"


def day_of_snapshot(row_key: str) -> date:
    """The day of a snapshot's row key."""
    return date.fromisoformat(row_key.rpartition("#")[2])


def split_aggregate_row(row_key: str) -> tuple[int, date, str]:
    """The epoch, day and shard of a row key."""
    epoch, day, shard = row_key.split("#", 2)
    return int(epoch), date.fromisoformat(day), shard

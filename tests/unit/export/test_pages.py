"""Where a page ends: at so many rows, at so many units, where there is no room or no time left."""

from __future__ import annotations

from collections.abc import Callable

from fairsplit.services.exporting import MOST_UNITS, Found, Page, Place, page_of


def walk(*rows: int) -> list[Found]:
    """Units, each with so many rows."""
    found = []
    for unit, many in enumerate(rows, 1):
        found += [Found([unit, number], Place(unit, inside=str(number))) for number in range(many)]
        found.append(Found(None, Place(unit)))
    return found


def page(
    *rows: int, limit: int = 1_000, room: int = 10_000, has_time: Callable[[], bool] = lambda: True
) -> tuple[int, Place | None]:
    """How many rows are on the page, and where the next one begins; a row takes 10 of the room."""
    made: Page = page_of(walk(*rows), limit, room, lambda _: 10, has_time)
    return len(made.rows), made.following


def test_a_page_has_no_more_rows_than_asked_for() -> None:
    assert page(2, 2, limit=3) == (3, Place(2, inside="0"))
    assert page(2, 1, limit=3) == (3, None)
    assert page(2, 1, 1, limit=3) == (3, Place(2))


def test_a_page_ends_where_there_is_no_room_but_has_a_row() -> None:
    assert page(5, room=25) == (2, Place(1, inside="1"))
    assert page(5, room=5) == (1, Place(1, inside="0"))


def test_a_page_goes_through_so_many_units_even_without_rows() -> None:
    assert page(*[0] * (MOST_UNITS + 1)) == (0, Place(MOST_UNITS))
    assert page(*[0] * (MOST_UNITS - 1)) == (0, None)


def test_a_page_ends_when_time_is_up_and_has_come_on() -> None:
    moments = iter([True, True, False])
    assert page(0, 5, has_time=lambda: next(moments)) == (2, Place(2, inside="1"))
    assert page(0, 5, has_time=lambda: False) == (0, Place(1))

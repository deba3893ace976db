"""How one statement chooses the few of many rows that it changes."""

from __future__ import annotations

from sqlalchemy import Select, select


def once(chosen: Select[tuple[int]]) -> Select[tuple[int]]:
    """The ids chosen, for `IN`: looked up once, before anything else.

    Postgres may look a mere subquery up again for every row that it tries, and its LIMIT with it:
    all rows instead of some, in quadratic time.
    """
    return select(chosen.cte("chosen", nesting=True).prefix_with("MATERIALIZED").c[0])

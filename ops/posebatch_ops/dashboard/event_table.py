"""Lines of the log as a table: when, what, who, about which job or run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard import wording as w
from posebatch_ops.dashboard.markup import Column
from posebatch_ops.dashboard.tables import short_owner
from posebatch_shared.store.records import EventRow


def event_table(rows: Sequence[EventRow], *, empty: str) -> Markup:
    """What happened, newest first."""
    columns = (
        Column("When", tight=True),
        Column("What", tight=True),
        Column("Who", tight=True),
        Column("About", tight=True),
        Column("Detail"),
    )
    return m.table("Log", columns, [_event_cells(row) for row in rows], empty=empty)


def _event_cells(row: EventRow) -> list[Any]:
    about = [m.link(f"job {row.job_id}", f"/jobs/{row.job_id}")] if row.job_id else []
    about += [m.link(f"run {row.run_id}", f"/runs/{row.run_id}")] if row.run_id else []
    return [
        w.moment(row.at),
        row.kind.replace("_", " "),
        short_owner(row.actor) if "@" in row.actor else row.actor,
        Markup(" · ").join(about),
        Markup('<span class="detail">{}</span>').format(_told(row.detail)[:300]),
    ]


def _told(detail: Mapping[str, Any]) -> str:
    """All of it; of a traceback what it ends with, which says what went wrong."""
    words = {name: value for name, value in detail.items() if value}
    if trace := words.pop("detail", None):
        words["why"] = re.sub(r"^[\w.]+: ", "", str(trace).strip().rpartition("\n")[2])
    return ", ".join(f"{name}: {value}" for name, value in words.items())

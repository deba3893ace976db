"""Many rows in one parameter: a JSON text that the database takes apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, BindParameter, Column, Subquery, cast, func, select


def json_rows(
    document: BindParameter[str], fields: Sequence[Column[Any]], *, postgres: bool
) -> Subquery:
    """The objects of a JSON list as rows with these columns."""
    if postgres:
        records = func.json_to_recordset(cast(document, JSON)).table_valued(*fields, name="record")
        return select(records.render_derived(with_types=True)).subquery("records")
    each = func.json_each(document).table_valued("value", name="record")
    columns = [
        func.json_extract(each.c.value, f"$.{field.name}", type_=field.type).label(field.name)
        for field in fields
    ]
    return select(*columns).subquery("records")

"""Pieces of HTML that pages are made of; every value from the ledger is escaped on its way in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup, escape


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column; numbers stand right, and neither they nor what is tight is wrapped."""

    title: str
    numeric: bool = False
    tight: bool = False


def table(
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    empty: str,
    look: str = "",
) -> Markup:
    """A table with a caption for screen readers; the first cell heads its row. `empty` is shown
    instead of no rows. A wide table scrolls by itself and can be reached by keyboard."""
    body = Markup().join(_row(columns, row) for row in rows)
    if not body:
        return Markup('<p class="empty">{}</p>').format(empty)
    head = Markup().join(
        Markup('<th scope="col"{}>{}</th>').format(_align(column), column.title)
        for column in columns
    )
    return Markup(
        '<div class="scroll" role="region" aria-label="{0}" tabindex="0"><table class="{3}">'
        '<caption class="unseen">{0}</caption>'
        "<thead><tr>{1}</tr></thead><tbody>{2}</tbody></table></div>"
    ).format(caption, head, body, look)


def _row(columns: Sequence[Column], cells: Sequence[Any]) -> Markup:
    first, *others = [
        Markup("<{0}{1}>{2}</{3}>").format(
            Markup('th scope="row"') if place == 0 else Markup("td"),
            _align(column),
            cell,
            Markup("th") if place == 0 else Markup("td"),
        )
        for place, (column, cell) in enumerate(zip(columns, cells, strict=True))
    ]
    return Markup("<tr>{}{}</tr>").format(first, Markup().join(others))


def _align(column: Column) -> Markup:
    names = [name for name in ("numeric", "tight") if getattr(column, name)]
    return Markup(' class="{}"').format(" ".join(names)) if names else Markup("")


def link(text: Any, path: str, **query: Any) -> Markup:
    """A link within the dashboard; query values that are empty are left out."""
    return Markup('<a href="{}">{}</a>').format(address(path, **query), text)


def address(path: str, **query: Any) -> str:
    """A path with its query."""
    given = {name: value for name, value in query.items() if value not in (None, "", ())}
    return f"{path}?{urlencode(given)}" if given else path


def badge(state: str) -> Markup:
    """A state as a word with a coloured dot beside it."""
    return Markup('<span class="badge {0}">{0}</span>').format(state)


def bar(share: float, *, label: str, kind: str = "") -> Markup:
    """A horizontal bar, `share` of 1 filled."""
    width = round(100 * min(1.0, max(0.0, share)), 2)
    return Markup(
        '<span class="bar {}" role="img" aria-label="{}"><i style="width:{}%"></i></span>'
    ).format(kind, label, width)


def stacked_bar(parts: Sequence[tuple[str, int]], *, label: str) -> Markup:
    """Counts by state side by side in one bar."""
    total = sum(number for _, number in parts) or 1
    pieces = Markup().join(
        Markup('<i class="{}" style="width:{}%" title="{} {}"></i>').format(
            name, round(100 * number / total, 3), number, name
        )
        for name, number in parts
        if number
    )
    return Markup('<span class="bar stacked" role="img" aria-label="{}">{}</span>').format(
        label, pieces
    )


def tile(title: str, value: str, note: Any = "") -> Markup:
    """One figure with its name above and what explains it below."""
    return Markup(
        '<div class="tile"><dt>{}</dt><dd><span class="figure">{}</span>'
        '<span class="note">{}</span></dd></div>'
    ).format(title, value, note)


def tiles(*each: Markup) -> Markup:
    """Figures in a row."""
    return Markup('<dl class="tiles">{}</dl>').format(Markup().join(each))


def facts(pairs: Iterable[tuple[str, Any]]) -> Markup:
    """Names and values in two columns."""
    rows = Markup().join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value) for name, value in pairs
    )
    return Markup('<dl class="facts">{}</dl>').format(rows)


def progress(done: float, *, label: str) -> Markup:
    """A bar with its percentage beside it."""
    return Markup('<span class="progress">{}<span>{}</span></span>').format(
        bar(done, label=label), f"{100 * done:.0f} %"
    )


def lines(items: Iterable[Any]) -> Markup:
    """A plain list."""
    return Markup("<ul>{}</ul>").format(
        Markup().join(Markup("<li>{}</li>").format(item) for item in items)
    )


def pager(*links: Any) -> Markup:
    """Where the pages before and after are."""
    shown = Markup(" ").join(links)
    return Markup('<nav class="pager" aria-label="Pages">{}</nav>').format(shown)


def text(value: Any) -> Markup:
    """Escaped."""
    return escape(value)

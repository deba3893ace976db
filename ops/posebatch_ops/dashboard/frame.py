"""What surrounds every page: header, navigation, light and dark, and the lock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup
from nicegui import ui

from posebatch_ops.dashboard import markup as m
from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.sessions import Sessions
from posebatch_shared.errors import StoreUnavailable

THEME_COOKIE = "posebatch_theme"
_THEMES: dict[str, bool | None] = {"auto": None, "light": False, "dark": True}
_NEXT = {"auto": "light", "light": "dark", "dark": "auto"}
_STYLE = Path(__file__).with_name("dashboard.css")
_LINKS = (
    ("Overview", "/"),
    ("Runs", "/runs"),
    ("Workers", "/workers"),
    ("Dead letters", "/dead-letters"),
    ("Log", "/log"),
)
#: Between two updates of what a page shows.
REFRESH_SECONDS = 1.0
#: Between two readings of rows by a page itself, at least.
READ_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The page that is being built: where it belongs, and who looks at it."""

    board: Board
    cookies: Mapping[str, str]

    @property
    def actor(self) -> str | None:
        """Asked anew each time: a page stays open when its session has ended. None: may only
        look."""
        return self.board.sessions.actor(self.cookies)


@contextmanager
def frame(board: Board, title: str, *, section: str) -> Iterator[Frame]:
    """Build a page inside; `section` is the address of the link that is marked as current."""
    cookies = _cookies()
    page = Frame(board=board, cookies=cookies)
    ui.page_title(f"{title} · posebatch")
    ui.add_css(_STYLE)
    dark = ui.dark_mode(_THEMES.get(cookies.get(THEME_COOKIE, "auto")))
    with ui.header(elevated=False).classes("top"), ui.row(wrap=True).classes("bar-top"):
        ui.html('<a class="skip" href="#content">Skip to the content</a>', sanitize=False).classes(
            "outside"
        )
        ui.html(_navigation(section), sanitize=False, tag="nav").props('aria-label="Sections"')
        ui.space()
        _theme_button(dark, cookies.get(THEME_COOKIE, "auto"))
        _lock_button(board.sessions, page.actor)
    with ui.element("div").classes("content").props("id=content tabindex=-1"):
        _warning(board)
        ui.html(m.text(title), sanitize=False, tag="h1")
        yield page


def _cookies() -> dict[str, str]:
    request = ui.context.client.request
    return dict(request.cookies) if request else {}


def _navigation(section: str) -> Markup:
    links = Markup().join(
        Markup('<a href="{}"{}>{}</a>').format(
            path, Markup(' aria-current="page"') if path == section else "", name
        )
        for name, path in _LINKS
    )
    return Markup('<a class="brand" href="/" >posebatch</a>') + links


def _theme_button(dark: ui.dark_mode, theme: str) -> None:
    current = {"theme": theme if theme in _THEMES else "auto"}

    def switch() -> None:
        current["theme"] = _NEXT[current["theme"]]
        dark.value = _THEMES[current["theme"]]
        button.text = f"Theme: {current['theme']}"
        ui.run_javascript(
            f"document.cookie = '{THEME_COOKIE}={current['theme']};path=/;max-age=31536000;"
            "samesite=strict'"
        )

    button = ui.button(f"Theme: {current['theme']}", on_click=switch, color=None).props(
        "flat no-caps dense"
    )
    button.classes("quiet")


def _lock_button(sessions: Sessions, actor: str | None) -> None:
    if not sessions.possible:
        note = "Set POSEBATCH_DASHBOARD_TOKEN to be able to act"
        ui.html('<span class="locked"></span>', sanitize=False).set_content(
            Markup('<span class="locked" title="{}">Read-only</span>').format(note)
        )
    elif actor:
        ui.html(
            Markup(
                '<form method="post" action="/lock"><span class="locked">{}</span> '
                '<button class="plain">Lock</button></form>'
            ).format(actor.removeprefix("dashboard: ")),
            sanitize=False,
        )
    else:
        ui.html('<a class="plain" href="/unlock">Unlock</a>', sanitize=False)


def _warning(board: Board) -> None:
    """Says so when what the page shows is old because the ledger does not answer."""
    box = Markup('<div class="alert" role="alert"><b>{}</b> {}<p>{}</p></div>')
    kind = StoreUnavailable
    live(
        lambda: (
            box.format(kind.code, board.watcher.error, kind.advice) if board.watcher.error else ""
        )
    )


def live(content: Callable[[], str]) -> ui.html:
    """HTML from what is in memory, made again every so often and sent only if it has changed."""
    element = ui.html(content(), sanitize=False)
    ui.timer(REFRESH_SECONDS, lambda: _replace(element, content()))
    return element


def later(
    content: Callable[[], str | None],
    *,
    first: str = '<p class="empty">Reading…</p>',
    seconds: float | None = None,
) -> ui.html:
    """HTML from the ledger, read in a thread once the page is shown, `first` until then; read again
    if `seconds` is given, at most a fifth of the time. None: the whole page is out of date, and is
    loaded again."""
    element = ui.html(first, sanitize=False)

    async def refresh() -> None:
        started = time.monotonic()
        try:
            fresh = await asyncio.to_thread(content)
        except StoreUnavailable:
            return  # the page's head says so
        if fresh is None:
            ui.navigate.reload()
        else:
            _replace(element, fresh)
        if seconds is not None:
            timer.interval = max(seconds, 4 * (time.monotonic() - started))

    timer = ui.timer(seconds or 0.01, refresh, once=seconds is None, immediate=True)
    return element


def _replace(element: ui.html, fresh: str) -> None:
    if fresh != element.content:
        element.set_content(fresh)


def section(title: str, note: str = "") -> ui.element:
    """A part of the page with its heading; use as a context."""
    part = ui.element("section")
    with part:
        heading = Markup("<h2>{}</h2>").format(title)
        if note:
            heading += Markup('<p class="note">{}</p>').format(note)
        ui.html(heading, sanitize=False)
    return part

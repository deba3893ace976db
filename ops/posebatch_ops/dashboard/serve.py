"""How the dashboard starts: pages on loopback, the watcher beside them."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from posebatch_shared.logs import configure_logging, logger
from posebatch_shared.settings import Settings

if TYPE_CHECKING:
    from posebatch_ops.dashboard.board import Board

log = logger(__name__)

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def serve(settings: Settings, *, host: str, port: int) -> None:
    """Serve the pages until SIGTERM or Ctrl-C: read-only, unless a token is set and given."""
    from posebatch_ops.dashboard.board import open_board

    configure_logging()
    # uvicorn raises the signal once more when it has closed all: no reason to die of it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit())
    settings.home.mkdir(parents=True, exist_ok=True)
    with open_board(settings) as board:
        log.info("dashboard_started", url=f"http://{host}:{port}", acting=board.sessions.possible)
        _serve(board, settings, host=host, port=port)


def _serve(board: Board, settings: Settings, *, host: str, port: int) -> None:
    from nicegui import app, ui
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from posebatch_ops.dashboard.pages import register

    register(board)
    # A page of another site must not reach a loopback address under a name of its own.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings, host))

    def start() -> None:
        watching.append(asyncio.create_task(board.watcher.run()))

    watching: list[asyncio.Task[None]] = []
    app.on_startup(start)
    app.on_shutdown(board.watcher.stop)
    ui.run(
        host=host,
        port=port,
        title="posebatch",
        language="en-US",
        show=False,
        reload=False,
        tailwind=False,
        show_welcome_message=False,
        favicon=_FAVICON,
    )


def _hosts(settings: Settings, host: str) -> list[str]:
    """Names by which this machine may be called."""
    named = urlsplit(settings.dashboard_url).hostname
    return sorted({*LOOPBACK, host, *([named] if named else [])})


_FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" '
    'rx="7" fill="#0b63bd"/><path d="M5 23 12 23 Q18 -3 24 23 L28 23" fill="none" '
    'stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>'
)

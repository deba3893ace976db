"""How a reader becomes one who may act: the token, given once, becomes a cookie of this browser."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from fastapi import Request
from fastapi.responses import RedirectResponse
from markupsafe import Markup
from nicegui import app, ui

from posebatch_ops.dashboard.board import Board
from posebatch_ops.dashboard.frame import frame
from posebatch_ops.dashboard.sessions import COOKIE, SESSION_SECONDS

#: A wrong token is answered no faster than this.
WRONG_SECONDS = 0.5
_FORM = Markup(
    '<form class="unlock" method="post" action="/unlock">{}'
    '<label>Your name, for the log <input name="name" autocomplete="username" required></label>'
    '<label>Token <input name="token" type="password" autocomplete="current-password" required>'
    '</label><button class="plain strong">Unlock</button></form>'
)
_WRONG = Markup('<p class="alert" role="alert">That is not the token.</p>')


def register(board: Board) -> None:
    """Serve the form and take what it sends."""

    @ui.page("/unlock")
    def unlock(wrong: int = 0) -> None:
        with frame(board, "Unlock", section=""):
            ui.html(_FORM.format(_WRONG if wrong else ""), sanitize=False)

    @app.post("/unlock")
    async def take(request: Request) -> RedirectResponse:
        given = parse_qs((await request.body())[:4096].decode(errors="replace"))
        token, name = (given.get(field, [""])[0] for field in ("token", "name"))
        key = board.sessions.unlock(token, name)
        if key is None:
            await asyncio.sleep(WRONG_SECONDS)
            return RedirectResponse("/unlock?wrong=1", status_code=303)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(
            COOKIE,
            key,
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    @app.post("/lock")
    def lock(request: Request) -> RedirectResponse:
        board.sessions.lock(request.cookies)
        answer = RedirectResponse("/", status_code=303)
        answer.delete_cookie(COOKIE)
        return answer

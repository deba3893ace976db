"""How a reader becomes one who may act: the token, given once, becomes a cookie of this browser."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
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
_ALERT = Markup('<p class="alert" role="alert">{}</p>')
_WRONG = "That is not the token."
_TOO_MANY = "Too many wrong tokens: for a minute even the right one is refused."

_FOREIGN = Response("sent by a page of another site", status_code=403)


def register(board: Board) -> None:
    """Serve the form and take what it sends."""

    @ui.page("/unlock")
    def unlock(wrong: int = 0) -> None:
        with frame(board, "Unlock", section=""):
            why = _TOO_MANY if board.sessions.too_many_wrong else _WRONG
            ui.html(_FORM.format(_ALERT.format(why) if wrong else ""), sanitize=False)

    @app.post("/unlock")
    async def take(request: Request) -> Response:
        if not _is_ours(board, request):
            return _FOREIGN
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
    def lock(request: Request) -> Response:
        if not _is_ours(board, request):
            return _FOREIGN
        board.sessions.lock(request.cookies)
        answer = RedirectResponse("/", status_code=303)
        answer.delete_cookie(COOKIE)
        return answer


def _is_ours(board: Board, request: Request) -> bool:
    """Whether the form was a page of ours: another site's must neither use up the tries of those
    who know the token, nor lock them out."""
    origin = request.headers.get("origin")
    ours = (request.headers["host"], urlsplit(board.address).netloc)
    return origin is None or urlsplit(origin).netloc in ours

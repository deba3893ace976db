"""Who may act: those who gave the token, known again by a cookie that only this process reads."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

COOKIE = "posebatch_session"
SESSION_SECONDS = 12 * 3600
#: Wrong tokens within a minute before all further ones are refused unread.
MAX_WRONG_PER_MINUTE = 10


@dataclass(slots=True)
class Sessions:
    """Open sessions in memory; a restart closes all. Without a token nobody may act."""

    token: str
    _open: dict[str, tuple[str, float]] = field(default_factory=dict)
    _wrong_at: list[float] = field(default_factory=list)

    @property
    def possible(self) -> bool:
        """Whether a token is set at all."""
        return bool(self.token)

    @property
    def too_many_wrong(self) -> bool:
        """Whether even the right token is refused, for up to a minute."""
        self._wrong_at = [at for at in self._wrong_at if time.monotonic() - at < 60]
        return len(self._wrong_at) >= MAX_WRONG_PER_MINUTE

    def unlock(self, token: str, name: str) -> str | None:
        """A new session's key if the token is right; compared in constant time."""
        now = time.monotonic()
        if not self.token or self.too_many_wrong:
            return None
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            self._wrong_at.append(now)
            return None
        key = secrets.token_urlsafe(32)
        self._open[key] = (name.strip()[:40] or "somebody", now + SESSION_SECONDS)
        return key

    def actor(self, cookies: Mapping[str, str]) -> str | None:
        """The name for the log of who may act with these cookies, None for a mere reader."""
        name, until = self._open.get(cookies.get(COOKIE, ""), ("", 0.0))
        return f"dashboard: {name}" if time.monotonic() < until else None

    def lock(self, cookies: Mapping[str, str]) -> None:
        """Close the session of these cookies."""
        self._open.pop(cookies.get(COOKIE, ""), None)

"""What keeps jobs waiting besides those before them, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from posebatch_ops.dashboard import wording as w
from posebatch_shared.errors.advice import advice_for
from posebatch_shared.snapshot import Snapshot


def of_all(now: Snapshot) -> Markup:
    """Of all runs: one box per error code, and per device tag that no worker serves."""
    return boxes(now.troubles, now.met) + Markup().join(
        _box(
            "no worker is there" if device == "any" else f"no {device} worker is there",
            f"{w.plural(jobs, 'job')} to be done by one",
            "Start `posebatch worker" + ("`." if device == "any" else f" --device {device}`."),
        )
        for device, jobs in now.unserved.items()
    )


def boxes(troubles: Mapping[str, int], met: Mapping[str, str]) -> Markup:
    """One box per error code with what one job met, none where nothing is the matter."""
    return Markup().join(
        _box(code, f"{w.plural(number, 'job')} to be tried again", advice_for(code), met[code])
        for code, number in troubles.items()
    )


def _box(what: str, jobs: str, *said: str) -> Markup:
    return Markup('<div class="alert wait" role="status"><b>{}</b> {}{}</div>').format(
        what, jobs, Markup().join(Markup("<p>{}</p>").format(text) for text in said)
    )

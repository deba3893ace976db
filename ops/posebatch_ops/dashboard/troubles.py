"""What jobs wait for before they are tried again, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from posebatch_ops.dashboard import wording as w
from posebatch_shared.errors.advice import advice_for


def boxes(troubles: Mapping[str, int]) -> Markup:
    """One box per error code, none where nothing is the matter."""
    return Markup().join(
        Markup(
            '<div class="alert wait" role="status"><b>{}</b> {} to be tried again<p>{}</p></div>'
        ).format(code, w.plural(number, "job"), advice_for(code))
        for code, number in troubles.items()
    )

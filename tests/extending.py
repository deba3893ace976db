"""The tracker in ops/docs/extending.md, as the page has it."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from posebatch_workers.trackers import Tracker, TrackerRequest, models
from posebatch_workers.trackers.models import Model

PAGE = Path(__file__).parents[1] / "ops/docs/extending.md"
OF_THE_PAGE = "mine"
MODEL_OF_THE_PAGE = Model(name=OF_THE_PAGE, file="of-the-page.onnx", licence="Apache-2.0")


def block(language: str) -> str:
    """The only block of the page in this language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return str(found)


def tracker_of_the_page(request: TrackerRequest) -> Tracker:
    """Made by the page's code, with the one model that is registered then."""
    module = ModuleType("mine")
    exec(block("python"), vars(module))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "registry", lambda: {OF_THE_PAGE: MODEL_OF_THE_PAGE})
        made: Tracker = module.create(request)
        return made

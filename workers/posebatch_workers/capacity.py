"""What a worker may compute on, and how many trackers it runs side by side."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from posebatch_shared.errors import DeviceUnavailable
from posebatch_shared.errors.printed import last_error
from posebatch_shared.logs import logger
from posebatch_shared.settings import Settings
from posebatch_shared.tuning import tuning

log = logger(__name__)


def proved(settings: Settings) -> Settings:
    """The settings of a worker whose device really computes; a GPU worker without one is refused,
    or becomes a CPU worker where that is allowed. Errors: DeviceUnavailable.

    Another process asks the device, so that this one, which forks, never opens a CUDA context.
    """
    if settings.device == "cpu":
        return settings
    fallback = ["--allow-fallback"] if settings.allow_fallback else []
    done = subprocess.run(
        [sys.executable, "-m", "posebatch_workers", "prove", "--device", "gpu", *fallback],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise DeviceUnavailable(last_error(done.stderr))
    proof = json.loads(done.stdout)
    log.info("device_proved", **proof)
    if proof["device"] != "cpu":
        return settings
    os.environ["POSEBATCH_DEVICE"] = "cpu"  # for the pool's processes, which read it anew
    return settings.model_copy(update={"device": "cpu"})


def concurrency(settings: Settings) -> int:
    """Trackers side by side: one per GPU process, else one per core or as `bench tune` found."""
    if settings.concurrency:
        return settings.concurrency
    return 1 if settings.device == "gpu" else tuning(settings.home).processes

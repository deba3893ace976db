"""Can clips be read here, which trackers really start, on what, and why not the others?"""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from posebatch_shared.errors import PosebatchError
from posebatch_shared.settings import Settings
from posebatch_workers.trackers.base import TrackerRequest
from posebatch_workers.trackers.factory import TRACKERS, starting
from posebatch_workers.trackers.proof import prove
from posebatch_workers.video.proof import prove_reading
from posebatch_workers.video.sandbox import DecoderProcess


def examine(settings: Settings) -> dict[str, Any]:
    """{"checks": [{name, ok, detail, advice}]}: decoder, devices and trackers, tried for real."""
    devices = [_prove(device) for device in ("cpu", "cuda", "coreml")]
    return {"checks": [_read(), *devices, *(_try(name, settings) for name in TRACKERS)]}


def _read() -> dict[str, Any]:
    decoder = DecoderProcess()
    try:
        prove_reading(decoder, Path(tempfile.gettempdir()))
    except PosebatchError as error:
        return _check("decoder", ok=False, detail=str(error), advice=error.advice)
    finally:
        decoder.close()
    return _check("decoder", ok=True, detail="reads a clip of our own", advice="")


def _prove(device: str) -> dict[str, Any]:
    try:
        proof = prove(device)
    except PosebatchError as error:
        return _check(f"device {device}", ok=False, detail=str(error), advice=error.advice)
    detail = f"{proof.device_name} ({proof.provider}), a small network in {proof.warmup_ms:.2f} ms"
    return _check(f"device {device}", ok=True, detail=detail, advice="")


def _try(name: str, settings: Settings) -> dict[str, Any]:
    request = TrackerRequest(quality="balanced", model_dir=settings.model_dir, fetch=False)
    started = perf_counter()
    try:
        with starting(name):
            tracker = TRACKERS[name](request)
    except PosebatchError as error:
        return _check(f"tracker {name}", ok=False, detail=str(error), advice=error.advice)
    seconds = perf_counter() - started
    info = tracker.info
    tracker.close()
    detail = f"{info.device} ({info.provider}), {info.model}, ready in {seconds:.2f} s"
    return _check(f"tracker {name}", ok=True, detail=detail, advice="")


def _check(name: str, *, ok: bool, detail: str, advice: str) -> dict[str, Any]:
    return {"name": name, "ok": ok, "detail": detail, "advice": advice}

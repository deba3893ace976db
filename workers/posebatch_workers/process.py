"""What one worker process opens once and keeps: the only place where its parts meet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import cv2

from posebatch_shared.artifacts import open_artifacts
from posebatch_shared.jobs import Preset
from posebatch_shared.queue import QUEUES_OF
from posebatch_shared.settings import Settings
from posebatch_shared.store import open_store
from posebatch_shared.tuning import tuning
from posebatch_workers.claims import Claims
from posebatch_workers.heartbeat import Heartbeat
from posebatch_workers.known_results import KnownResults
from posebatch_workers.outages import Outages
from posebatch_workers.overlay.encoding import film_threads
from posebatch_workers.owner import Owner
from posebatch_workers.pipeline import Pipeline
from posebatch_workers.presence import present
from posebatch_workers.spool import Spool
from posebatch_workers.stop_file import STOP_FILE
from posebatch_workers.surroundings import Surroundings
from posebatch_workers.tracker_slot import TrackerSlot
from posebatch_workers.trackers.base import Tracker
from posebatch_workers.trackers.factory import create_tracker
from posebatch_workers.video.options import ProcessLimits, ReadOptions
from posebatch_workers.video.proof import prove_reading
from posebatch_workers.video.sandbox import DecoderProcess

#: What a worker's tag means to a tracker.
DEVICES = {"cpu": "cpu", "gpu": "cuda"}


@contextmanager
def open_pipeline(settings: Settings) -> Iterator[Pipeline]:
    """Ledger, decoder, tracker slot and artifact store of this process; closed in reverse order."""
    cv2.setNumThreads(1)  # a process per core already
    with ExitStack() as stack:
        store = open_store(settings.resolved_store_url)
        stack.callback(store.close)
        gpu = settings.device == "gpu"
        limits = ProcessLimits(
            frame_timeout_seconds=settings.decoder_timeout_seconds,
            device=gpu,
            open_files=256 if gpu else 32,
        )
        decoder = DecoderProcess(limits)
        stack.callback(decoder.close)
        slot = TrackerSlot(
            lambda name, quality: _create(settings, name, quality),
            default_name=settings.tracker_backend,
        )
        stack.callback(slot.close)
        owner = Owner.current(settings.device)
        stack.enter_context(present(store, owner, slot))
        stop_file = Path(os.environ[STOP_FILE])
        scratch = settings.home / "checkpoints"
        scratch.mkdir(parents=True, exist_ok=True)
        surroundings = Surroundings(
            mounts=settings.mounts,
            artifacts=open_artifacts(settings.resolved_artifacts_url),
            scratch=scratch,
            prove_reading=partial(prove_reading, decoder, scratch),
            prove_tracking=slot.get,
        )
        yield Pipeline(
            store=store,
            known=KnownResults(store=store, artifacts_url=settings.resolved_artifacts_url),
            tracker_slot=slot,
            decoder=decoder,
            film_threads=stack.enter_context(film_threads()),
            claims=Claims(
                store=store,
                owner=str(owner),
                devices=QUEUES_OF[settings.device],
                lease_seconds=settings.lease_seconds,
                message_seconds=settings.message_seconds,
                stop_file=stop_file,
            ),
            surroundings=surroundings,
            outages=Outages(surroundings, stop_file=stop_file),
            reading=ReadOptions(
                least_side=settings.least_side_px, threads=0, hardware="auto" if gpu else "none"
            ),
            spool=Spool(settings.home / "spool"),
            scratch=scratch,
            checkpoint_seconds=settings.checkpoint_seconds,
            stop_file=stop_file,
            grace_seconds=settings.grace_seconds,
            heartbeat=partial(
                Heartbeat,
                store,
                beat_seconds=settings.beat_seconds,
                lease_seconds=settings.lease_seconds,
            ),
        )


def _create(settings: Settings, name: str, quality: Preset) -> Tracker:
    return create_tracker(
        name,
        quality=quality,
        device=DEVICES[settings.device],
        model_dir=settings.model_dir,
        threads=tuning(settings.home).threads,
    )

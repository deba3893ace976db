"""A ledger as a night's work leaves it: realistic jobs of every state, through the store."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

from ledgers import complete, fail
from posebatch_shared.errors import EmptyFile, NoPerson, NotAVideo, Truncated
from posebatch_shared.jobs import Claim, Run, TrackOptions, VideoRef
from posebatch_shared.queue import QUEUES
from posebatch_shared.results import Artifacts, JobResult, StageTiming, TrackerInfo, VideoInfo
from posebatch_shared.store import Store

WORKERS = ("cpu@lab-box:4101:9-1", "cpu@lab-box:4102:9-1", "gpu@night-rig:7001:5-2")
FAILURES = (NotAVideo, Truncated, NoPerson, EmptyFile)
FPS = 60.0
GRAVITY_M_S2 = 9.81


def clips(number: int, *, seed: int = 1) -> list[VideoRef]:
    """Files of a club's archive, 4 to 40 MB."""
    rng = random.Random(seed)
    return [
        VideoRef(
            root="archive",
            path=f"2026/squad-{rng.choice('abc')}/athlete-{place % 23:02d}/jump_{place:05d}.mp4",
            size_bytes=rng.randrange(4_000_000, 40_000_000),
            mtime_ns=1_760_000_000_000_000_000 + place,
        )
        for place in range(number)
    ]


def add_archive(
    store: Store, number: int, *, name: str = "autumn camp", seed: int = 1, priority: int = 0
) -> Run:
    """A run whose jobs all wait."""
    with store.unit_of_work() as uow:
        run = uow.runs.add(name=name, options=TrackOptions(overlay=True))
        uow.jobs.add_many(run, clips(number, seed=seed), priority=priority)
        uow.commit()
    return run


def work_through(store: Store, number: int, *, seed: int = 2, **artifacts: str) -> None:
    """Have the workers take this many jobs: most complete, some are discarded."""
    rng = random.Random(seed)
    for place in range(number):
        held = begin(store, owner=rng.choice(WORKERS))
        if held is None:
            return
        if place % 12 == 7:
            fail(store, held, rng.choice(FAILURES)(f"{held.job.video.path} cannot be tracked"))
        else:
            complete(store, held, finding(held.job.job_id, seed=rng.random(), **artifacts))


def begin(store: Store, *, owner: str = WORKERS[0], frames_done: int = 0) -> Claim | None:
    """Claim the next job and report some progress."""
    with store.unit_of_work() as uow:
        due = uow.jobs.due(devices=QUEUES, limit=1, redispatch=False)
        if not due:
            return None
        held = uow.jobs.claim(due[0].job_id, owner=owner, devices=QUEUES, lease_seconds=60)
        if held is not None and frames_done:
            uow.jobs.beat(held, frames_done=frames_done, frames_total=360, lease_seconds=60)
        uow.commit()
    return held


def report_workers(store: Store) -> None:
    """Heartbeats of the three workers."""
    with store.unit_of_work() as uow:
        for owner in WORKERS:
            device, _, rest = owner.partition("@")
            host, pid, _ = rest.split(":")
            gpu = {"gpu_utilization": 0.87, "gpu_memory_bytes": 3 << 30}
            uow.workers.report(
                name=owner,
                device="gpu" if device == "gpu" else "cpu",
                host=host,
                pid=int(pid),
                tracker=_tracker_fields(device),
                stats={
                    "memory_bytes": 412 << 20,
                    "load_seconds": 1.4,
                    **(gpu if device == "gpu" else {}),
                },
            )
        uow.commit()


def finding(job_id: int, *, seed: float = 0.5, **artifacts: str) -> JobResult:
    """The result of a clip with two countermovement jumps that obey gravity."""
    rng = random.Random(seed)
    jumps = [_jump(rep, 1.5 + 2.2 * rep, rng.uniform(0.42, 0.6)) for rep in range(2)]
    device = rng.choice(("cpu", "gpu"))
    return JobResult(
        content_hash=f"{job_id:064d}",
        pipeline_hash="p" * 64,
        video_info=VideoInfo(
            width=720,
            height=1280,
            fps=FPS,
            frames=360,
            duration_seconds=6.0,
            rotation_degrees=90,
            codec="h264",
        ),
        tracker=TrackerInfo(**_tracker_fields(device)),
        analysis={
            "kind": "cmj",
            "jumps": jumps,
            "phases": [phase for jump in jumps for phase in _phases(jump)],
            "series": _series(jumps),
            "quality": {
                "score": round(rng.uniform(55, 95), 1),
                "level": "high",
                "parts": {"visibility": 0.91, "frame_rate": 0.5, "agreement": 0.84},
                "warnings": ["frame rate of 60 limits the height to ±1 cm"],
            },
        },
        artifacts=Artifacts(**artifacts),
        timings=_timings(rng),
        frames_tracked=360,
    )


def _tracker_fields(device: str) -> dict[str, Any]:
    on_gpu = device == "gpu"
    return {
        "name": "rtmpose-cuda" if on_gpu else "mediapipe",
        "model": "rtmpose-m" if on_gpu else "pose_landmarker_lite",
        "model_sha256": "ab12" * 16,
        "device": "NVIDIA RTX 4070" if on_gpu else "8 cores",
        "provider": "CUDAExecutionProvider" if on_gpu else "XNNPACK",
        "versions": {"onnxruntime": "1.23"} if on_gpu else {"mediapipe": "1.2"},
    }


def _jump(rep: int, takeoff_seconds: float, flight_seconds: float) -> dict[str, Any]:
    height_m = GRAVITY_M_S2 * flight_seconds**2 / 8
    return {
        "rep": rep + 1,
        "kind": "cmj",
        "takeoff_seconds": round(takeoff_seconds, 4),
        "landing_seconds": round(takeoff_seconds + flight_seconds, 4),
        "flight_time_seconds": round(flight_seconds, 4),
        "jump_height_m": round(height_m, 4),
        "jump_height_interval_m": [round(height_m - 0.011, 4), round(height_m + 0.011, 4)],
        "contact_time_seconds": None,
        "rsi_flight_over_contact": None,
        "rsi_modified": 0.41,
        "countermovement_depth_m": 0.31,
        "peak_push_off_velocity_m_s": round(GRAVITY_M_S2 * flight_seconds / 2, 3),
        "knee_angle_lowest_degrees": 92.4,
    }


def _phases(jump: dict[str, Any]) -> list[dict[str, Any]]:
    takeoff, landing = jump["takeoff_seconds"], jump["landing_seconds"]
    bounds = (
        ("quiet standing", takeoff - 1.1, takeoff - 0.75),
        ("lowering", takeoff - 0.75, takeoff - 0.3),
        ("push-off", takeoff - 0.3, takeoff),
        ("flight", takeoff, landing),
        ("landing", landing, landing + 0.4),
    )
    return [
        {"name": name, "start_seconds": start, "end_seconds": end, "rep": jump["rep"]}
        for name, start, end in bounds
    ]


def _series(jumps: Sequence[dict[str, Any]]) -> dict[str, Any]:
    seconds = [frame / FPS for frame in range(360)]
    return {
        "unit": "m",
        "seconds": [round(t, 4) for t in seconds],
        "hip_height": [round(0.95 + _rise(t, jumps) + _dip(t, jumps), 4) for t in seconds],
        "foot_height": [round(0.04 + _rise(t, jumps), 4) for t in seconds],
    }


def _rise(t: float, jumps: Sequence[dict[str, Any]]) -> float:
    for jump in jumps:
        since = t - jump["takeoff_seconds"]
        if 0 <= since <= jump["flight_time_seconds"]:
            return GRAVITY_M_S2 / 2 * since * (jump["flight_time_seconds"] - since)
    return 0.0


def _dip(t: float, jumps: Sequence[dict[str, Any]]) -> float:
    for jump in jumps:
        for start, end in (
            (jump["takeoff_seconds"] - 0.75, jump["takeoff_seconds"]),
            (jump["landing_seconds"], jump["landing_seconds"] + 0.4),
        ):
            if start <= t <= end:
                return -0.31 * math.sin(math.pi * (t - start) / (end - start)) ** 2
    return 0.0


def _timings(rng: random.Random) -> tuple[StageTiming, ...]:
    infer = rng.uniform(2.6, 3.4)
    rows = (
        ("job", None, infer + 1.42, 1),
        ("hash", "job", 0.03, 1),
        ("track", "job", infer + 0.75, 23),
        ("infer", "track", infer, 360),
        ("detect", "track", 0.55, 12),
        ("convert", "track", 0.2, 360),
        ("smooth", "job", 0.06, 1),
        ("phases", "job", 0.03, 1),
        ("metrics", "job", 0.02, 1),
        ("overlay", "job", 0.42, 1),
        ("rest", "job", 0.11, 1),
        ("queue_wait", None, 4.2, 1),
        ("decoder", None, 1.1, 360),
    )
    return tuple(
        StageTiming(stage=stage, parent=parent, seconds=seconds, calls=calls)
        for stage, parent, seconds, calls in rows
    )

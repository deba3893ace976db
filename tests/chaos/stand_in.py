"""A real worker whose tracker is a stand-in, with doors for a fault injector.

The tracker reads the mean colour of every frame, so its poses depend on all pixels and on nothing
else. Some picture widths are poison. Files in the folder POSEBATCH_CHAOS switch faults on.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import MappingProxyType

from chaos.poison import DEVOURS, EXITS, HANGS, LOSES_DEVICE, RAISES, SEGFAULTS

CONTROL = Path(os.environ["POSEBATCH_CHAOS"])
SECONDS_PER_CLIP = float(os.environ["POSEBATCH_CHAOS_SECONDS"])
CLOCK_OFFSET = float(os.environ["POSEBATCH_CHAOS_CLOCK"])
WAITS = float(os.environ["POSEBATCH_CHAOS_WAITS"])


def shift_clock() -> None:
    """This worker's clock is wrong, under whatever name a module has imported it."""
    right = time.time

    def wrong() -> float:
        return right() + CLOCK_OFFSET

    for module in list(sys.modules.values()):
        for name, value in list(vars(module).items()):
            if value is right:
                setattr(module, name, wrong)


def shorten_waits() -> None:
    """Jobs that are to be tried again wait for this share of what they would in service."""
    from posebatch_shared.store import backoff, job_ends

    backoff.FIRST_SECONDS *= WAITS
    job_ends.OUTAGE_SECONDS *= WAITS


def is_on(fault: str) -> bool:
    """Whether the injector has switched a fault on."""
    return (CONTROL / fault).exists()


def make_disks_full() -> None:
    """Every flush to disk fails while `disk-full` is on."""
    flush = os.fsync

    def fsync(descriptor: int) -> None:
        if is_on("disk-full"):
            raise OSError(errno.ENOSPC, "No space left on device")
        flush(descriptor)

    os.fsync = fsync


def devour() -> None:
    """Ask for more memory than this process may have."""
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, resource.RLIM_INFINITY))
    bytearray(8 << 30)


def raise_unforeseen() -> None:
    """An error that nobody thought of."""
    raise LookupError("an error that nobody thought of")


def lose_the_device() -> None:
    """The first process that comes by finds its device broken, and only that one."""
    try:
        (CONTROL / "device-lost").open("x").write(str(os.getpid()))
    except FileExistsError:
        return
    from posebatch_shared.errors import DeviceLost

    raise DeviceLost("CUDA failure 700")


POISON: dict[int, Callable[[], object]] = {
    EXITS: lambda: os._exit(3),
    SEGFAULTS: lambda: ctypes.string_at(1),
    DEVOURS: devour,
    RAISES: raise_unforeseen,
    HANGS: lambda: time.sleep(3600),
    LOSES_DEVICE: lose_the_device,
}


def install() -> None:
    """Put the stand-in among the trackers of this process and its children."""
    import numpy as np

    from posebatch_shared.poses import FramePoses
    from posebatch_shared.results import TrackerInfo, VideoInfo
    from posebatch_workers.timing import StageTimer
    from posebatch_workers.trackers import factory
    from posebatch_workers.trackers.base import TrackerRequest
    from posebatch_workers.trackers.skeletons import BLAZEPOSE_33
    from posebatch_workers.video.frames import Frame

    class StandIn:
        """One person whose height follows the picture's mean colour."""

        info = TrackerInfo(
            name="stand-in", model="none", model_sha256="0" * 64, device="cpu", provider="numpy"
        )
        skeleton = BLAZEPOSE_33
        any_order = False

        def __init__(self, request: TrackerRequest) -> None:
            time.sleep(8 if is_on("slow-load") else 0)

        def begin(self, video: VideoInfo, timer: StageTimer) -> None:
            self._pause = SECONDS_PER_CLIP / max(1, video.frames or 24)
            self._poison = POISON.get(video.width)

        def track(self, frames: Sequence[Frame]) -> list[FramePoses]:
            time.sleep(self._pause * len(frames))
            if self._poison:
                self._poison()
            with (CONTROL / "tracked").open("a") as tally:
                tally.write("." * len(frames))
            return [self._poses(frame) for frame in frames]

        def _poses(self, frame: Frame) -> FramePoses:
            nodes = len(self.skeleton.nodes)
            mean = float(frame.pixels.mean()) / 255
            keypoints = np.full((1, nodes, 3), 0.5, np.float32)
            keypoints[0, :, 1] = np.linspace(0.2, 0.8, nodes) + mean / 10
            return FramePoses(
                frame_index=frame.frame_index,
                pts_seconds=frame.pts_seconds,
                keypoints=keypoints,
                scores=np.ones((1, nodes), np.float32),
                bboxes=np.array([[0.4, 0.2, 0.6, 0.9]], np.float32),
            )

        def end(self) -> list[FramePoses]:
            return []

        def close(self) -> None:
            pass

    factory.TRACKERS = MappingProxyType({**factory.TRACKERS, "stand-in": StandIn})


def main() -> None:
    """What sys.argv says, as the command would."""
    if CLOCK_OFFSET:
        shift_clock()
    make_disks_full()
    shorten_waits()
    os.environ["POSE_TRACKER_BACKEND"] = "stand-in"
    install()
    from posebatch_workers.__main__ import main as start

    start()

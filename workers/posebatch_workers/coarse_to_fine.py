"""Look first, then look closely: frames between two looks in which nobody moved are passed over."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from math import inf

import numpy as np

from posebatch_shared.poses import FramePoses, passed_over
from posebatch_workers.video.frames import Frame

#: Time between two looks while nobody moves: several fall into the shortest countermovement.
LOOK_SECONDS = 0.125
#: What is looked at closely before and after a movement that two looks showed.
BEFORE_SECONDS, AFTER_SECONDS = 0.25, 0.3
#: How far, in sizes of the body, its landmarks are off on average when it moved, and how far those
#: of a limb when that did: about 2 and 7 cm of an adult, and twice what the trackers' noise makes.
BODY_MOVED, LIMB_MOVED = 0.012, 0.05
#: A hand or a foot has at least so many landmarks.
_LIMB = 3
_VISIBLE = 0.5

TrackOne = Callable[[Frame], FramePoses]


def look_then_look_closely(
    frames: Iterable[Frame], track: TrackOne, *, nodes: int, aspect: float
) -> Iterator[FramePoses]:
    """An answer per frame, in order and up to `BEFORE_SECONDS` late: what `track` says, or
    `passed_over` where nobody moved. `track` is called out of order when a look shows a movement.

    `nodes` is how many the tracker's skeleton has, `aspect` picture width over height.
    """
    held: deque[Frame | FramePoses] = deque()
    look, close_until = None, -inf
    for frame in frames:
        now = frame.pts_seconds
        due = look is None or now - look.pts_seconds >= LOOK_SECONDS
        if not due and now > close_until:
            held.append(replace(frame, pixels=frame.pixels.copy()))  # its pixels are re-used
        else:
            held.append(poses := track(frame))
            if look is not None and due and moved(look, poses, aspect):
                close_until = now + AFTER_SECONDS
                held = deque(_tracked(item, track) for item in held)
            look = poses if due else look
        while held[0].pts_seconds < now - BEFORE_SECONDS:
            yield _settled(held.popleft(), nodes)
    if held:
        held.append(_tracked(held.pop(), track))  # so that what was passed over has two ends
    for item in held:
        yield _settled(item, nodes)


def moved(before: FramePoses, after: FramePoses, aspect: float) -> bool:
    """Whether somebody came, went, or moved between two looks."""
    if len(before.scores) != len(after.scores):
        return True
    return any(_person_moved(before, after, n, aspect) for n in range(len(after.scores)))


def _person_moved(before: FramePoses, after: FramePoses, person: int, aspect: float) -> bool:
    sure = np.minimum(before.scores[person], after.scores[person]) >= _VISIBLE
    if sure.sum() < _LIMB:
        return True
    x1, y1, x2, y2 = before.bboxes[person]
    size = max((x2 - x1) * aspect, y2 - y1, 1e-6)
    steps = after.keypoints[person, sure, :2] - before.keypoints[person, sure, :2]
    distances = np.sort(np.hypot(steps[:, 0] * aspect, steps[:, 1])) / size
    return bool(distances.mean() > BODY_MOVED or distances[-_LIMB] > LIMB_MOVED)


def _tracked(item: Frame | FramePoses, track: TrackOne) -> FramePoses:
    return track(item) if isinstance(item, Frame) else item


def _settled(item: Frame | FramePoses, nodes: int) -> FramePoses:
    if isinstance(item, FramePoses):
        return item
    return passed_over(item.frame_index, item.pts_seconds, nodes)

"""From a picture to a network's input, and from the network's coordinates back to the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from posebatch_shared.poses import Floats, FramePoses, Skeleton
from posebatch_workers.video.frames import Frame

Pixels = NDArray[np.uint8]

#: The grey that the detectors were trained to see beside the picture.
PAD = 114
#: RTMPose was trained on boxes this much larger than the person.
MARGIN = 1.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalisation:
    """The colours that a network expects: order, and (value − mean) / deviation per channel."""

    rgb: bool  #: channel order; our pictures are RGB
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    deviation: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def write(self, pixels: Pixels, out: Floats) -> None:
        """RGB `pixels` (H, W, 3) into the network's input `out` (3, H, W)."""
        planes = cv2.split(pixels)
        for channel, plane in enumerate(planes if self.rgb else planes[::-1]):
            scale = 1.0 / self.deviation[channel]
            np.multiply(plane, np.float32(scale), out=out[channel])
            if self.mean[channel]:
                out[channel] -= np.float32(self.mean[channel] * scale)


BGR = Normalisation(rgb=False)  #: YOLOX and RTMO: 0–255 as OpenCV reads them
IMAGENET_RGB = Normalisation(  # RTMPose
    rgb=True, mean=(123.675, 116.28, 103.53), deviation=(58.395, 57.12, 57.375)
)
IMAGENET_BGR = Normalisation(  # RTMDet
    rgb=False, mean=(103.53, 116.28, 123.675), deviation=(57.375, 57.12, 58.395)
)


def letterbox(pixels: Pixels, height: int, width: int) -> Pixels:
    """The whole picture at the top left of (height, width), the rest PAD."""
    scale = letterbox_scale(pixels.shape, height, width)
    size = (max(1, int(pixels.shape[1] * scale)), max(1, int(pixels.shape[0] * scale)))
    boxed = np.full((height, width, 3), PAD, np.uint8)
    boxed[: size[1], : size[0]] = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)
    return boxed


def letterbox_scale(shape: Sequence[int], height: int, width: int) -> float:
    """Input pixels per picture pixel."""
    return min(height / shape[0], width / shape[1])


def from_letterbox(points: Floats, shape: Sequence[int], height: int, width: int) -> Floats:
    """Points (…, 2) of the input to pixels of the picture; pixel centres map to pixel centres."""
    scale = letterbox_scale(shape, height, width)
    # The resized picture has whole sides, so each axis has its own exact ratio.
    ratio_x = int(shape[1] * scale) / shape[1]
    ratio_y = int(shape[0] * scale) / shape[0]
    ratios = np.array((ratio_x, ratio_y), np.float32)
    return np.asarray((points + 0.5) / ratios - 0.5, np.float32)


def crop_windows(boxes: Floats, height: int, width: int) -> Floats:
    """Boxes (N, 4) to windows (N, 4), centre and size: with MARGIN, in the input's proportions."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 1.0) * MARGIN
    wide = np.maximum(sides[:, 0], sides[:, 1] * (width / height))
    return np.concatenate(
        [centres, wide[:, None], wide[:, None] * (height / width)], axis=1
    ).astype(np.float32)


def cut(pixels: Pixels, window: Floats, height: int, width: int) -> Pixels:
    """The window as a picture of (height, width), black beyond the border."""
    x, y, wide, _ = window.tolist()
    scale = width / wide
    matrix = np.array([[scale, 0, width / 2 - scale * x], [0, scale, height / 2 - scale * y]])
    crop = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return np.asarray(crop, dtype=np.uint8)


def from_windows(points: Floats, windows: Floats, height: int, width: int) -> Floats:
    """Points (N, K, 2) of the input to pixels of the picture."""
    centres, sizes = windows[:, None, :2], windows[:, None, 2:]
    size = np.array((width, height), np.float32)
    return np.asarray((points / size - 0.5) * sizes + centres, np.float32)


def people(
    frame: Frame, skeleton: Skeleton, points: Floats, scores: Floats, boxes: Floats
) -> FramePoses:
    """The answer for N people in pixels: points (N, K, 2), scores (N, K), boxes (N, 4)."""
    height, width = frame.pixels.shape[:2]
    keypoints = np.zeros((len(points), len(skeleton.nodes), 3), np.float32)
    keypoints[:, :, :2] = points / (width, height)
    return FramePoses(
        frame_index=frame.frame_index,
        pts_seconds=frame.pts_seconds,
        keypoints=keypoints,
        scores=scores,
        bboxes=(boxes / (width, height, width, height)).astype(np.float32),
    )

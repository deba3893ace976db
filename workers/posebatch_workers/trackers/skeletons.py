"""Which keypoints each network answers with, under the names that analysis reads."""

from __future__ import annotations

from posebatch_shared.poses import Skeleton


def _both(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Each edge once for the left and once for the right side of the body."""
    return tuple((f"{side}_{a}", f"{side}_{b}") for side in ("left", "right") for a, b in pairs)


_LIMBS = (
    ("left_shoulder", "right_shoulder"),
    ("left_hip", "right_hip"),
    *_both(
        ("shoulder", "elbow"),
        ("elbow", "wrist"),
        ("shoulder", "hip"),
        ("hip", "knee"),
        ("knee", "ankle"),
    ),
)

#: MediaPipe Pose, in the order of its landmark network.
BLAZEPOSE_33 = Skeleton(
    name="blazepose_33",
    nodes=(
        *("nose", "left_eye_inner", "left_eye", "left_eye_outer"),
        *("right_eye_inner", "right_eye", "right_eye_outer"),
        *("left_ear", "right_ear", "mouth_left", "mouth_right"),
        *("left_shoulder", "right_shoulder", "left_elbow", "right_elbow"),
        *("left_wrist", "right_wrist", "left_pinky", "right_pinky"),
        *("left_index", "right_index", "left_thumb", "right_thumb"),
        *("left_hip", "right_hip", "left_knee", "right_knee"),
        *("left_ankle", "right_ankle", "left_heel", "right_heel"),
        *("left_foot_index", "right_foot_index"),
    ),
    edges=(
        *_LIMBS,
        *_both(("ankle", "heel"), ("heel", "foot_index"), ("ankle", "foot_index")),
        *_both(("wrist", "thumb"), ("wrist", "pinky"), ("wrist", "index"), ("pinky", "index")),
        *_both(("eye_inner", "eye"), ("eye", "eye_outer"), ("eye_outer", "ear")),
        ("nose", "left_eye_inner"),
        ("nose", "right_eye_inner"),
        ("mouth_left", "mouth_right"),
    ),
)

_COCO = (
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear"),
    *("left_shoulder", "right_shoulder", "left_elbow", "right_elbow"),
    *("left_wrist", "right_wrist", "left_hip", "right_hip"),
    *("left_knee", "right_knee", "left_ankle", "right_ankle"),
)
_COCO_FACE = (("nose", "left_eye"), ("nose", "right_eye"), *_both(("eye", "ear")))

#: COCO keypoints: no feet, so take-off and landing rest on the ankles.
COCO_17 = Skeleton(name="coco_17", nodes=_COCO, edges=(*_LIMBS, *_COCO_FACE))

#: Halpe body with feet. Its big toes carry MediaPipe's name for the same point, foot_index.
HALPE_26 = Skeleton(
    name="halpe_26",
    nodes=(
        *_COCO,
        *("head", "neck", "hip"),
        *("left_foot_index", "right_foot_index"),
        *("left_small_toe", "right_small_toe", "left_heel", "right_heel"),
    ),
    edges=(
        *_LIMBS,
        *_COCO_FACE,
        ("head", "neck"),
        ("neck", "hip"),
        *_both(("ankle", "heel"), ("ankle", "foot_index"), ("foot_index", "small_toe")),
    ),
)

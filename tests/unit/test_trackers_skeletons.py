"""Every skeleton names the points that analysis reads, and draws only bones that exist."""

from __future__ import annotations

import pytest

from posebatch_shared.poses import JUMP_LANDMARKS, Skeleton
from posebatch_workers.trackers.skeletons import BLAZEPOSE_33, COCO_17, HALPE_26

ALL = pytest.mark.parametrize(
    ("skeleton", "size"),
    [(BLAZEPOSE_33, 33), (HALPE_26, 26), (COCO_17, 17)],
    ids=lambda value: getattr(value, "name", ""),
)


@ALL
def test_nodes_are_distinct_and_edges_join_nodes(skeleton: Skeleton, size: int) -> None:
    assert len(set(skeleton.nodes)) == size
    assert {node for edge in skeleton.edges for node in edge} <= set(skeleton.nodes)
    assert len({frozenset(edge) for edge in skeleton.edges}) == len(skeleton.edges)


@ALL
def test_jump_landmarks_are_there_but_for_the_feet_of_coco(skeleton: Skeleton, size: int) -> None:
    missing = [name for name in JUMP_LANDMARKS if skeleton.index(name) is None]
    assert bool(missing) is (skeleton is COCO_17)


def test_known_rows_of_the_published_orders() -> None:
    assert [BLAZEPOSE_33.index(n) for n in ("nose", "left_hip", "right_foot_index")] == [0, 23, 32]
    assert [HALPE_26.index(n) for n in ("left_foot_index", "right_small_toe", "right_heel")] == [
        20,
        23,
        25,
    ]
    assert [COCO_17.index(n) for n in ("left_shoulder", "right_ankle")] == [5, 16]

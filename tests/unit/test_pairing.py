"""Who goes with whom, with one person or many."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from posebatch_workers.trackers.pairing import FORBIDDEN, cheapest_pairs


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (5, 1), (3, 3), (4, 2)])
def test_pairs_equal_scipys(shape: tuple[int, int]) -> None:
    costs = np.random.default_rng(1).uniform(size=shape)
    rows, columns = linear_sum_assignment(costs)
    assert cheapest_pairs(costs) == list(zip(rows, columns, strict=True))


def test_a_forbidden_pair_is_none() -> None:
    assert cheapest_pairs(np.full((1, 2), FORBIDDEN)) == []
    assert cheapest_pairs(np.array([[FORBIDDEN, 1.0], [FORBIDDEN, FORBIDDEN]])) == [(0, 1)]

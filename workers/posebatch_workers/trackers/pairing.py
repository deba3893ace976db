"""Who goes with whom at the least cost, one to one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FORBIDDEN = 1e6  #: the cost of a pair that must not be


def cheapest_pairs(costs: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Row and column of every pair of the cheapest assignment of (R, C) that is not FORBIDDEN."""
    if min(costs.shape) == 1:
        rows, columns = (np.array([n]) for n in np.unravel_index(costs.argmin(), costs.shape))
    else:
        # Takes long to import, and most clips show one person.
        from scipy.optimize import linear_sum_assignment

        rows, columns = linear_sum_assignment(costs)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return [(row, column) for row, column in pairs if costs[row, column] < FORBIDDEN]

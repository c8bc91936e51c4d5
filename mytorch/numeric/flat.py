"""Many small arrays as one: what a step does to each of them is then one call of NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.numeric.blocks import blocks_of
from mytorch.numeric.scratch import empty

PIECE = 1 << 17
"""Numbers in a piece: what is computed on the way then stays in a core's cache."""


class FlatArrays:
    """Copies of arrays, laid one after the other in memory; one flat array for each dtype.

    Attributes
    ----------
    views : for each array, a view of its copy, in its shape and its order of memory.
    pieces : the flat arrays, cut for the cache.
    """

    def __init__(self, arrays: Sequence[npt.NDArray[Any]]) -> None:
        self.views = list(arrays)
        self.pieces: list[npt.NDArray[Any]] = []
        for dtype in dict.fromkeys(array.dtype for array in arrays):
            same = [i for i, array in enumerate(arrays) if array.dtype == dtype]
            flat = empty([sum(arrays[i].size for i in same)], dtype)
            start = 0
            for i in same:
                size, shape = arrays[i].size, arrays[i].shape
                axes = np.argsort([-stride for stride in arrays[i].strides], kind="stable")
                place = flat[start : start + size].reshape([shape[axis] for axis in axes])
                self.views[i] = place.transpose(np.argsort(axes))
                self.views[i][...] = arrays[i]
                start += size
            self.pieces += [flat[part] for part in blocks_of(flat.size, 1, PIECE)]

"""What training asks of its process; it changes no result."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

import numpy as np


@cache
def keep_memory() -> None:
    """Lets glibc keep the memory of a step's arrays for those of the next; once a process.

    glibc keeps freed memory up to twice the largest block that was ever freed in one piece; it
    counts blocks up to 32 MB. With less, the arrays of each step may go back to the system and
    come again page by page, and a step takes half as long again. Nothing is written into the
    block, so no memory is taken. An optimizer asks for this when it is made.
    """
    with suppress(MemoryError):
        np.empty(31 << 20, np.uint8)

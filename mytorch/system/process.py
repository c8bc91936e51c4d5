"""What training asks of its process; imported first, as NumPy must find some of it.

Neither part changes a result. A step takes half the time where another program is busy, or where
glibc would give memory back to the system after every step.
"""

import os
from contextlib import suppress

# OpenBLAS's threads sleep while there is no product to share. Otherwise they keep asking for work
# for 0.1 s after each, on a core that another program, or another thread of this one, could use.
# Programs that this one starts inherit the variable.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")

import numpy as np

# glibc keeps freed memory for the next array up to twice the largest block that was ever freed in
# one piece; it counts blocks up to 32 MB. With less, the arrays of each step may go back to the
# system and come again page by page. Nothing is written here, so no memory is taken.
with suppress(MemoryError):
    np.empty(31 << 20, np.uint8)

"""What training asks of its process; imported first, for some of it precedes NumPy's own import.

Neither changes a result: a step takes the same time in every process instead of up to twice as
long in some.
"""

import os

# OpenBLAS's threads sleep while there is no product to share. They would else keep a core busy for
# 0.1 s after each, and often that which the next line runs on.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")

import numpy as np

# glibc keeps freed memory for the next array up to twice the largest block that was ever freed in
# one piece; it counts blocks up to 32 MB. With less, the arrays of each step may go back to the
# system and come again page by page. Nothing is written here, so no memory is taken.
np.empty(31 << 20, np.uint8)

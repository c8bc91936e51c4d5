"""What importing the library does to its process, in processes of their own."""

import os
import sys
from collections.abc import Callable
from typing import Any

import pytest
from threadpoolctl import threadpool_info

IDLE = """
import sys, time
import numpy as np
a = np.ones((1000, 1000))
spans = []
while len(spans) < 5 or (len(spans) < int(sys.argv[1]) and max(spans) < 0.02):
    a @ a
    started = time.process_time()
    time.sleep(0.05)
    spans.append(time.process_time() - started)
print(min(spans), max(spans))
"""


PROCESSORS = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


@pytest.mark.skipif(PROCESSORS < 2, reason="needs two processors")
@pytest.mark.skipif(
    all(pool["internal_api"] != "openblas" for pool in threadpool_info()), reason="needs OpenBLAS"
)
def test_threads_that_wait_for_a_product_sleep(python: Callable[..., Any]) -> None:
    own = {"OPENBLAS_THREAD_TIMEOUT": "28", "OPENBLAS_NUM_THREADS": "2"}
    # where others want the processors too, it takes some rounds until the threads have had 0.02 s
    busy = python("-c", "import mytorch" + IDLE, 200, **own)
    assert float(busy.stdout.split()[1]) >= 0.02, busy.stderr  # who sets the number keeps it
    del own["OPENBLAS_THREAD_TIMEOUT"]
    unset = "import os; os.environ.pop('OPENBLAS_THREAD_TIMEOUT', None); import mytorch"
    assert float(python("-c", unset + IDLE, 5, **own).stdout.split()[0]) < 0.01


FAULTS = """
import resource
import numpy as np
for count in range(50):
    if count == 10:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    arrays = [np.ones(1 << 20, np.uint8) for _ in range(3)]
    del arrays
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 40)
"""


def test_the_arrays_of_the_next_step_find_their_memory_where_it_was(
    python: Callable[..., Any],
) -> None:
    if int(python("-c", FAULTS).stdout) < 100:
        pytest.skip("this C library keeps the memory anyway")
    assert int(python("-c", "import mytorch" + FAULTS).stdout) < 10


SHORT = """
import resource
import numpy
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + (20 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
import mytorch
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_short_of_memory_can_import_the_library(python: Callable[..., Any]) -> None:
    result = python("-c", SHORT, OPENBLAS_NUM_THREADS="1")
    assert result.returncode == 0, result.stderr

"""Waiting for another process or thread, however busy the machine is."""

import time
from collections.abc import Callable

LIMIT = 1800.0
"""Seconds that only something that hangs takes; no test depends on how fast it was."""


def until(condition: Callable[[], object]) -> None:
    """Returns as soon as `condition()` is true; fails where it is not for half an hour."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < LIMIT, "waited in vain"
        time.sleep(0.01)

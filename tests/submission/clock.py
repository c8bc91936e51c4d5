"""Limits of time that a busy machine does not shorten: by the processor, much later by the clock.

What computes is stopped by the seconds that the processor worked for it, so that it gets as far
beside others as alone. What waits or sleeps takes nothing of the processor; it is stopped after
`PATIENCE` times as many seconds of the clock.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal

PATIENCE = 6
"""How many times longer than the processor's the clock's limit is."""


def worked() -> float:
    """Seconds of the processor that this process and the children that it waited for had."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def limit_processor(seconds: float) -> None:
    """Ends this process once the processor worked for it for so long, whatever it catches.

    SIGPROF ends it; a process that ignores this is ended by the system within two seconds more.
    """
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        whole = math.ceil(seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 1))


def was_over(status: int) -> bool:
    """Whether a process that was waited for was ended by `limit_processor`."""
    over = (signal.SIGPROF, signal.SIGXCPU)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) in over

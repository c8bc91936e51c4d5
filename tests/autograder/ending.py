"""Ends a command as the shell expects it.

A signal that ends the run, Ctrl-C above all, ends it in two steps: what was started is stopped and
put away, and then the process dies of the same signal. So a loop of a shell ends, too.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

ENDING = {"SIGINT", "SIGTERM", "SIGHUP"} & set(dir(signal))
received = signal.SIGINT


def stop(number: int, frame: object) -> NoReturn:
    """Ends the run; a second signal would leave half of it behind, and is ignored."""
    global received
    received = signal.Signals(number)
    for name in ENDING:
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    raise KeyboardInterrupt


def handle(handler: object) -> None:
    """Sets the handler of the signals that end the run, unless they are ignored."""
    for name in ENDING:
        number = getattr(signal, name)
        if signal.getsignal(number) is not signal.SIG_IGN:  # as of a background job
            signal.signal(number, handler)


def exit_code(action: Callable[[], int]) -> int:
    """What an action returns, or what its end by a signal or by an exception means."""
    handle(stop)
    try:
        code = action()
        sys.stdout.flush()
    except KeyboardInterrupt:
        signal.signal(received, signal.SIG_DFL)
        os.kill(os.getpid(), received)
        return 128 + received
    except BrokenPipeError:  # the reader, e.g. `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception:  # a fault of the grader; 1 would say that the hand-in was graded
        traceback.print_exc()
        return 2
    return code

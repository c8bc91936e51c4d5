"""Signals in processes that tests start."""

import signal


def hear_signals() -> None:
    """In a child: whoever runs the tests may ignore signals, as `nohup` and background jobs do."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)

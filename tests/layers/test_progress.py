"""The progress of training: shown on a terminal, and nowhere else."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from typing import Any

from tests.conftest import ROOT

PROGRAM = """
import numpy as np, sys
from mytorch.training import get_training_stats
from tests.support.training import dataset, network
get_training_stats(network(), dataset(), 2, 1)
print("tqdm" in sys.modules)
"""


def test_progress_is_silent_where_no_terminal_is(python: Callable[..., Any]) -> None:
    result = python("-c", PROGRAM, PYTHONPATH=str(ROOT))
    assert result.stdout == "False\n", result.stderr
    assert result.stderr == ""


def test_progress_is_shown_on_a_terminal() -> None:
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        stderr=child,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    ) as process:
        os.close(child)
        shown = b""
        while True:
            try:
                chunk = os.read(parent, 4096)
            except OSError:  # the other end was closed
                break
            if not chunk:
                break
            shown += chunk
        assert process.stdout is not None
        assert process.stdout.read() == "True\n"
    os.close(parent)
    assert b"epoch 1:" in shown
    assert b"epoch 2:" in shown
    assert b"/23" in shown

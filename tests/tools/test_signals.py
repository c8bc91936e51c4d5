"""Signals end the scripts at once, whatever they are doing, and without a traceback."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.waiting import LIMIT

SCRIPTS = {
    "sandbox": [ROOT / "sandbox.py"],
    "train": [ROOT / "hw1" / "train.py", "--help"],
    "cifar10": [ROOT / "hw1" / "cifar10.py", "--help"],
    "mnist": [ROOT / "hw1" / "mnist.py", "--help"],
    "predict": [ROOT / "hw1" / "predict.py", "--help"],
    "commands": ["-m", "mytorch", "--help"],
}
SLOW_NUMPY = "import sys, time\nprint('importing', flush=True)\ntime.sleep(60)\n"


@pytest.mark.parametrize("name", SCRIPTS)
def test_an_interrupt_among_the_imports_is_silent(name: str, tmp_path: Path) -> None:
    """NumPy is one that takes a minute to import."""
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text(SLOW_NUMPY)
    with subprocess.Popen(
        [sys.executable, *map(str, SCRIPTS[name])],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "importing\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == -signal.SIGINT
    assert errors == ""


BUSY = """
import runpy, sys, time
import tests.walkthrough.walk as walk

def busy(*_):
    print("busy", flush=True)
    while True:
        time.sleep(0.01)

walk._ask = busy
sys.argv[1:] = ["--step"]
sys.path.insert(0, {root!r})
runpy.run_path({script!r}, run_name="__main__")
"""


@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_in_the_middle_of_a_step_ends_the_sandbox(number: str) -> None:
    """A step's call takes for ever; what it raises counts as its result, but not a signal."""
    wanted = getattr(signal, number)
    code = BUSY.format(root=str(ROOT), script=str(ROOT / "sandbox.py"))
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: [signal.signal(s, signal.SIG_DFL) for s in (wanted, signal.SIGINT)],
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "busy\n"
        process.send_signal(wanted)
        _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 128 + wanted
    assert errors.strip() == ("sandbox.py: interrupted" if number == "SIGINT" else "")


def test_a_signal_ends_a_sandbox_that_waits_for_enter() -> None:
    with subprocess.Popen(
        [sys.executable, str(ROOT / "sandbox.py"), "--step", "--section", "2.1.1"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.1)
        process.terminate()
        assert process.wait(LIMIT) == 128 + signal.SIGTERM

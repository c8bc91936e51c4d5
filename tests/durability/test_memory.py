"""Training needs no more memory after many steps than after a few; see support/memory.py."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.support.memory import STATUS
from tests.support.waiting import LIMIT

pytestmark = pytest.mark.slow

FACES = ("classic", "autograd")
SMALL = ("20", "8", "8", "4")
W1 = ("784", "64", "64", "32", "10")
MIB = 1024  # of KiB


def memory(*arguments: str) -> list[int]:
    """What a fresh interpreter with one thread prints."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.memory", *arguments],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return [int(figure) for figure in json.loads(run.stdout)]


@pytest.mark.parametrize("face", FACES)
def test_what_python_holds_stays_constant(face: str) -> None:
    after_warm_up, *later = memory(face, "3000", *SMALL, "traced")
    assert len(later) == 10
    assert max(later) - after_warm_up < 4096, (after_warm_up, later)  # less than 2 bytes a step


@pytest.mark.parametrize("face", FACES)
def test_resident_memory_stays_constant(face: str, slow: bool) -> None:
    """Within 1 MiB; --slow takes 100,000 steps of the network that the benchmarks call W1."""
    if not STATUS.exists():
        pytest.skip("only Linux tells the resident memory in /proc")
    after_warm_up, *later = memory(face, *(("100000", *W1) if slow else ("3000", *SMALL)))
    assert len(later) == 10
    assert max(later) - after_warm_up < MIB, (after_warm_up, later)

"""What all test processes share: the processors, and a folder that one of them makes."""

import compileall
import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name` that `make` fills, made by whichever test process asks first.

    It is there to be copied. The bytecode of its tools is in it, so that copies need not be
    compiled again; that of what a student writes is not, for tests edit it.
    """
    base = factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    shared.mkdir(exist_ok=True)
    with open(shared / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / name).exists():
            unfinished = shared / f"{name}.part"
            make(unfinished)
            compileall.compile_dir(unfinished / "tests", quiet=2)
            unfinished.rename(shared / name)
    return shared / name


def bare(**more: str) -> dict[str, str]:
    """An environment with nothing but `more`, and one thread of matrix products where we have one.

    A library of more threads starts them with every process, and lets them wait by computing.
    """
    kept = {name: value for name, value in os.environ.items() if name.startswith("OPENBLAS_")}
    return {"PATH": "", **kept, **more}

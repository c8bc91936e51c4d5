"""Executors by the words of the command line: threads, loky, dask:ADDRESS, mpi."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor
from importlib.util import find_spec
from typing import Any

from tests.autograder.session import WrongUse

WORDS = "threads, loky, dask:ADDRESS or mpi"
NEEDS = {"loky": "loky", "dask": "distributed", "mpi": "mpi4py"}
"""The package that each needs."""


def maker(text: str, jobs: int | None = None) -> Callable[[], Executor] | None:
    """What makes the executor; None for threads.

    Raises WrongUse for another word, and where what it needs is not installed or not reached.
    """
    word, _, address = text.partition(":")
    if text == "threads":
        return None
    if word not in NEEDS or bool(address) != (word == "dask"):
        raise WrongUse(f"--executor: expected {WORDS}, got {text}")
    if find_spec(NEEDS[word]) is None:
        raise WrongUse(
            f"--executor {text} needs the package {NEEDS[word]}: pip install -e '.[{word}]'"
        )
    return {"loky": lambda: _loky(jobs), "dask": lambda: _dask(address), "mpi": _mpi}[word]


def _loky(jobs: int | None) -> Executor:
    """Processes that loky replaces when one of them dies."""
    from loky import get_reusable_executor

    return get_reusable_executor(jobs or os.cpu_count(), timeout=60)


def _dask(address: str) -> Executor:
    """The workers of a Dask cluster; its scheduler gives what a dead one had to another."""
    from distributed import Client

    try:
        client: Any = Client(address, timeout=20, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise WrongUse(f"--executor dask:{address}: no scheduler answers: {error}") from None
    if not client.scheduler_info()["workers"]:
        client.wait_for_workers(1, timeout=60)
    return _with_cores(client)


def _with_cores(client: Any) -> Executor:
    """Dask's executor, which is told how many hand-ins its workers grade at a time."""
    executor = client.get_executor(pure=False, retries=3)
    executor._max_workers = max(1, sum(client.nthreads().values()))
    return executor


def _mpi() -> Executor:
    """The ranks of an MPI job, started as `mpiexec -n 3 python -m mpi4py.futures ...`."""
    from mpi4py.futures import MPIPoolExecutor

    return MPIPoolExecutor()

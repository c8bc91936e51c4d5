"""What several tests need: the repository, stored references, real data, a fresh interpreter."""

import contextlib
import gc
import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings, strategies

from mytorch.datasets import DataMissing, Dataset, load
from mytorch.datasets import places as data_places
from mytorch.system.threads import blas_threads
from tests.support import standins
from tests.support.grading import ROOT, graded, stored
from tests.support.mirrors import mirror
from tests.support.packing import files, temporary
from tests.support.waiting import LIMIT

settings.register_profile(
    "mytorch",
    deadline=None,  # a busy machine is no mistake
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=50,
    derandomize=True,
)
settings.load_profile("mytorch")
settings.register_profile("quick", settings.get_profile("mytorch"), max_examples=15)
# Newer versions of Hypothesis also draw the constants of all modules that are loaded: what a test
# tries would depend on the tests before it, and change with every edit of the project.
with contextlib.suppress(ImportError, AttributeError):  # of versions that do not
    drawing: Any = importlib.import_module("hypothesis.internal.conjecture.providers")
    nothing = drawing.Constants()
    drawing._get_local_constants = lambda: nothing

__all__ = [
    "ROOT",
    "files",
    "graded",
    "mirror",
    "stored",
    "temporary",
]  # fixtures that are defined elsewhere


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--slow",
        action="store_true",
        help="10,000 cases of bad input, 100,000 steps, Ctrl-C at every line; not a few of each",
    )
    parser.addoption(
        "--quick",
        action="store_true",
        help='leave out what takes seconds, as -m "not slow" does, and try fewer examples',
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--quick"):
        settings.load_profile("quick")
        chosen = config.option.markexpr
        config.option.markexpr = f"({chosen}) and not slow" if chosen else "not slow"
    if (getattr(config.option, "numprocesses", None) or 0) > 1:
        # Tests in several processes, and what they start, share the processors: with as many
        # threads of matrix products as there are, each would spend its time waiting for others.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


MARKS = {"mnist": ("data", "slow"), "graded": ("slow",)}
"""What a test is by the fixtures that it asks for."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks tests by their fixtures and by their folder; other slow ones are marked in place."""
    for fixture in getattr(item, "fixturenames", ()):
        for mark in MARKS.get(fixture, ()):
            item.add_marker(mark)
    if item.path.parent == ROOT / "tests" / "tools":
        item.add_marker("tool")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without --slow every tenth case of a test that is marked `many`, and none marked `long`."""
    if config.getoption("--slow"):
        return
    cases: dict[object, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("many"):
            cases.setdefault(getattr(item, "function", None), []).append(item)
    left_out = {item for item in items if item.get_closest_marker("long")}
    for group in cases.values():
        if len(group) > 20:
            left_out |= set(group) - set(group[::10])
    config.hook.pytest_deselected(items=[*left_out])
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(hookwrapper=True)
def pytest_collection() -> Iterator[None]:
    """No garbage is looked for meanwhile: collecting makes millions of objects that stay."""
    gc.disable()
    yield
    gc.enable()


@given(strategies.none())
def an_example(_: None) -> None:
    """What Hypothesis sets up for its first example is there when this was called."""


def pytest_collection_finish() -> None:
    """Thousands of tests stay until the end; the garbage collection need not look at them.

    Hypothesis asks the collector who holds its random numbers, and a frozen module is not told.
    """
    an_example()
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than processors, for some tests wait: for a time limit, or for a child."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def slow(request: pytest.FixtureRequest) -> bool:
    """Whether --slow asks for the long form of a test."""
    return bool(request.config.getoption("--slow"))


@pytest.fixture(scope="session", autouse=True)
def disk() -> Iterator[None]:
    """In this process nobody waits until files are on the disk: no test cuts the power."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        yield


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Two threads of matrix products; what runs beside other tests starts with one."""
    with blas_threads(2):
        yield


Arrays = dict[str, npt.NDArray[np.float64]]


@pytest.fixture
def references() -> Callable[[str], Arrays]:
    """The results of another engine, by the name of their file in data/references."""

    def read(name: str) -> Arrays:
        with np.load(ROOT / "data" / "references" / f"{name}.npz", allow_pickle=False) as file:
            return {key: file[key] for key in file.files if key != "versions"}

    return read


@pytest.fixture(scope="session")
def digits() -> Dataset:
    return load("digits", normalized=True)


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    """Real MNIST where it is on this machine; nothing is downloaded for a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MYTORCH_MIRRORS", "")
        try:
            return load("mnist", np.float32)
        except DataMissing:
            pytest.skip("real MNIST is not on this machine; MYTORCH_DATA can name its folder")


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The stand-ins, the three places that are searched, all empty; and no mirror."""
    standins.install(monkeypatch.setattr)
    places = {name: tmp_path / name for name in ("chosen", "checkout", "cache")}
    (places["checkout"] / "data").mkdir(parents=True)
    monkeypatch.setenv("MYTORCH_DATA", str(places["chosen"]))
    monkeypatch.setattr(data_places, "repository", lambda: places["checkout"])
    monkeypatch.setenv("XDG_CACHE_HOME", str(places["cache"]))
    monkeypatch.setenv("MYTORCH_MIRRORS", "")
    monkeypatch.setenv("no_proxy", "*")
    return {
        "chosen": places["chosen"] / "mnist",
        "checkout": places["checkout"] / "data" / "mnist",
        "cache": places["cache"] / "mytorch" / "mnist",
    }


@pytest.fixture
def python() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Runs a fresh interpreter and returns what it printed."""

    def run(*arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
            env={**os.environ, **environment},
        )

    return run

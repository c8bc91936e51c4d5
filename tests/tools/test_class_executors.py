"""A class on executors of other people's, with a worker that dies in the middle."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.classes import station
from tests.autograder.classes.executing import outcomes
from tests.autograder.classes.executors import maker
from tests.autograder.classes.handins import find_hand_ins
from tests.autograder.classes.station import Outcome
from tests.autograder.classes.task import Task, task_of
from tests.support.classroom import classroom, graded
from tests.support.grading import ROOT
from tests.support.waiting import LIMIT, until

pytestmark = [pytest.mark.slow, pytest.mark.long]
OPTIONS = ("--no-training", "--timeout=60", "--effort=0")
needs_dask = pytest.mark.skipif(find_spec("distributed") is None, reason="the extra dask")
needs_mpi = pytest.mark.skipif(
    find_spec("mpi4py") is None or not (Path(sys.executable).parent / "mpiexec").exists(),
    reason="the extra mpi, and an MPI (pip install mpich)",
)


def tasks_of(folder: Path) -> list[Task]:
    found = find_hand_ins(folder).hand_ins
    return [task_of(hand_in, "1", OPTIONS) for hand_in in found]


def scores(found: list[Outcome]) -> list[tuple[str, float]]:
    """A list, so that one that was counted twice is seen."""
    return sorted((outcome["name"], outcome["record"]["score"]) for outcome in found)


def records(found: list[Outcome]) -> list[Any]:
    """All of the results but for times, which are all that may depend on where they were made."""
    kept = []
    for outcome in sorted(found, key=lambda outcome: outcome["name"]):
        record = {key: value for key, value in outcome["record"].items() if key != "seconds"}
        questions = [{**q, "seconds": 0} for q in record["questions"]]
        kept.append([outcome["name"], {**record, "questions": questions}, outcome["sources"]])
    return kept


def spawned() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))


class KilledInTheMiddle:
    """Kills one worker process of an executor once the first hand-in is graded."""

    def __init__(self, workers: Callable[[], list[int]]) -> None:
        self.workers, self.killed = workers, 0

    def __call__(self, running: Iterator[Outcome]) -> list[Outcome]:
        found = []
        for outcome in running:
            found.append(outcome)
            if not self.killed:
                self.killed = self.workers()[0]
                os.kill(self.killed, signal.SIGKILL)
        return found


def test_loky_with_a_worker_that_dies(tmp_path: Path) -> None:
    """Tested in every run. Its pool breaks as a whole, and is made anew."""
    made: list[Any] = []
    loky = maker("loky", 2)
    assert loky is not None

    def make() -> Executor:
        made.append(loky())
        return made[-1]

    expected = classroom(tmp_path, "right", "wrong", "empty", copies=3)
    kill = KilledInTheMiddle(lambda: list(made[-1]._processes))
    found = kill(outcomes(tasks_of(tmp_path), make))
    assert scores(found) == sorted(expected.items())
    assert kill.killed
    assert records(found) == records(list(outcomes(tasks_of(tmp_path), None, 1)))


def test_a_pool_of_processes_that_breaks(tmp_path: Path) -> None:
    """It was given, and cannot be made again: the rest is graded by threads here."""
    expected = classroom(tmp_path, "right", "empty", copies=4)
    with spawned() as pool:
        kill = KilledInTheMiddle(lambda: list(pool._processes))
        found = kill(outcomes(tasks_of(tmp_path), pool))
        assert scores(found) == sorted(expected.items())
        with pytest.raises(BrokenProcessPool):
            pool.submit(os.getpid).result()


class Careless(Executor):
    """Grades each hand-in in a thread, and loses every third of its answers."""

    def __init__(self) -> None:
        self.count = 0

    def submit(self, function: Callable[..., Any], /, *args: Any, **options: Any) -> "Future[Any]":
        self.count += 1
        future: Future[Any] = Future()

        def run(lost: bool = self.count % 3 == 0) -> None:
            value = function(*args, **options)
            if lost:
                future.set_exception(RuntimeError("the answer was lost"))
            else:
                future.set_result(value)

        threading.Thread(target=run).start()
        return future


def test_an_executor_that_loses_answers(tmp_path: Path) -> None:
    expected = classroom(tmp_path, "right", "wrong", "empty", copies=2)
    assert scores(list(outcomes(tasks_of(tmp_path), Careless()))) == sorted(expected.items())
    assert scores(list(outcomes(tasks_of(tmp_path), Careless))) == sorted(expected.items())


def test_what_a_hand_in_kills_is_not_another_hand_ins_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hand-in that ends every process that grades it: it alone has no result."""
    expected = classroom(tmp_path, "right", "empty", copies=2)
    (tmp_path / "deadly.py").write_text("x = 1")
    grade = station.Station.grade

    def deadly(self: station.Station, task: Task) -> Outcome:
        if task.name == "deadly":
            self._process.kill()
        return grade(self, task)

    monkeypatch.setattr(station.Station, "grade", deadly)
    found = list(outcomes(tasks_of(tmp_path), None, 2))
    assert [outcome["name"] for outcome in found if "fault" in outcome] == ["deadly"]
    assert scores([o for o in found if "fault" not in o]) == sorted(expected.items())


@contextmanager
def cluster() -> Iterator[Any]:
    """A Dask scheduler with two workers, in processes of their own."""
    import distributed

    local: Any = distributed.LocalCluster
    with local(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
               silence_logs=50) as made:  # fmt: skip
        yield made


@needs_dask
@pytest.mark.filterwarnings("ignore")
def test_dask_with_a_worker_that_dies(tmp_path: Path) -> None:
    expected = classroom(tmp_path / "in", "right", "wrong", "empty", copies=4)
    with cluster() as made:
        kill = KilledInTheMiddle(lambda: [worker.pid for worker in made.workers.values()])
        found = kill(outcomes(tasks_of(tmp_path / "in"), maker(f"dask:{made.scheduler_address}")))
        assert scores(found) == sorted(expected.items())
        assert kill.killed
        address = f"dask:{made.scheduler_address}"
        out = tmp_path / "out"
        graded(tmp_path / "in", "--out", out, "--no-sandbox", "--executor", address)
        assert len(list((out / "results").iterdir())) == len(expected)


def mpi(folder: Path, out: Path) -> "subprocess.Popen[str]":
    """The command on one master and two workers, `mpiexec -n 3`."""
    return subprocess.Popen(
        [Path(sys.executable).parent / "mpiexec", "-n", "3", sys.executable, "-m", "mpi4py.futures",
         "-m", "tests.autograder.classes", folder, "--out", out, "--no-sandbox", *OPTIONS[1:],
         "--executor", "mpi"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip


@needs_mpi
def test_mpi(tmp_path: Path) -> None:
    """A rank that dies ends an MPI job; started again, it goes on with what is missing."""
    expected = classroom(tmp_path / "in", "right", "wrong", "empty", copies=6)
    results = tmp_path / "out" / "results"
    first = mpi(tmp_path / "in", tmp_path / "out")
    until(lambda: results.is_dir() and len(list(results.glob("*.json"))) > 1)
    ranks = ranks_of(first.pid)
    os.kill(ranks[-1], signal.SIGKILL)
    first.communicate(timeout=LIMIT)
    assert first.returncode != 0
    kept = len(list(results.glob("*.json")))
    assert 1 < kept < len(expected)
    second = mpi(tmp_path / "in", tmp_path / "out")
    shown, _ = second.communicate(timeout=LIMIT)
    assert second.returncode == 0, shown
    assert f"{kept} have their result from before" in shown
    with open(tmp_path / "out" / "gradebook.csv") as file:
        rows = [line.split(",") for line in file.read().splitlines()[1:]]
    assert sorted((row[0], float(row[6])) for row in rows) == sorted(expected.items())


def ranks_of(launcher: int) -> list[int]:
    """The Python processes of an MPI job, by the rank that their environment has."""
    from tests.submission.family import processes

    table = processes()
    below = {launcher}
    while more := {n for n, p in table.items() if p.parent in below} - below:
        below |= more
    found: dict[int, int] = {}
    for number in below:
        try:
            environment = Path(f"/proc/{number}/environ").read_bytes()
            line = Path(f"/proc/{number}/cmdline").read_bytes()
        except OSError:
            continue
        rank = next((v for v in environment.split(b"\0") if v.startswith(b"PMI_RANK=")), None)
        if rank is not None and b"mpi4py.futures" in line:
            found[int(rank[9:])] = number
    return [found[rank] for rank in sorted(found)]

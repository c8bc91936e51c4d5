"""Gives the hand-ins of a class to any `concurrent.futures.Executor`."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

from tests.autograder.classes import station
from tests.autograder.classes.handins import HandIn
from tests.autograder.classes.naming import Student, bare
from tests.autograder.classes.station import Outcome, grade_task
from tests.autograder.classes.task import Task, task_of
from tests.submission.loading import printable

MOST_BROKEN = 5
"""How often a broken executor is replaced, or a hand-in given to it again."""
AHEAD = 4
"""How many hand-ins for each processor an executor holds; what it holds is lost when it breaks."""
Source = Executor | Callable[[], Executor] | None
"""An executor, or what makes one, which is asked again when one breaks."""


def grade_class(
    paths: Iterable[str | os.PathLike[str]],
    executor: Source = None,
    course: str = "1",
    options: Sequence[str] = ("--no-training",),
    jobs: int | None = None,
) -> list[Outcome]:
    """Grades hand-ins, one for each path; returns an outcome for each, in the same order.

    `executor` runs `grade_task`: any `concurrent.futures.Executor`, or a function that makes one;
    by default `jobs` threads, as many as there are processors. It may be on other machines as far
    as they can read the paths. An executor that breaks loses and doubles nothing: what it has not
    answered is given to the next one that the function makes, or to threads here. `options` are
    those of `./grade.sh COURSE`. An outcome has `record`, which is what `--json` writes, or
    `fault` where the grader failed. Raises OSError for a path that cannot be read, and
    KeyboardInterrupt on Ctrl-C, when all is stopped.
    """
    hand_ins = []
    for path in map(Path, paths):
        name = printable(path.name or path.resolve().name)
        hand_ins.append(HandIn(name, ((name, path),), (Student(bare(name), bare(name)),)))
    tasks = [task_of(hand_in, course, tuple(options)) for hand_in in hand_ins]
    numbered = [task._replace(id=f"{number}-{task.id}") for number, task in enumerate(tasks)]
    found = {outcome["id"]: outcome for outcome in outcomes(numbered, executor, jobs)}
    return [found[task.id] for task in numbered]


def outcomes(
    tasks: Sequence[Task], executor: Source = None, jobs: int | None = None
) -> Generator[Outcome, None, None]:
    """The outcome of each task as it comes; each task has one, whatever happens to the executor.

    Closing the iterator, as an exception in the loop over it does, stops what is running.
    """
    station.resume()
    crew = _Crew(executor, jobs or os.cpu_count() or 1)
    try:
        yield from crew.outcomes(tasks)
    except BaseException:
        crew.stop()
        raise
    finally:
        crew.leave()


class _Crew:
    """Those who grade: an executor, its successor when it breaks, and in the end threads."""

    def __init__(self, source: Source, jobs: int) -> None:
        self.jobs = jobs
        self._make = source if callable(source) else None
        self._own = not isinstance(source, Executor)
        self._threads = lambda: ThreadPoolExecutor(jobs, thread_name_prefix="grading")
        self.broken = 0
        self.executor = source if isinstance(source, Executor) else (self._make or self._threads)()

    def outcomes(self, tasks: Sequence[Task]) -> Generator[Outcome, None, None]:
        """As they come. An executor is given some tasks ahead, not all: it may break."""
        waiting = list(reversed(tasks))
        tries = dict.fromkeys((task.id for task in tasks), 0)
        running: dict[Future[Outcome], Task] = {}
        while waiting or running:
            most = max(AHEAD * self._size(), self._size() + 1)
            while waiting and len(running) < most:
                task = waiting.pop()
                try:
                    running[self.executor.submit(grade_task, task)] = task
                except Exception:  # it is broken, and knows
                    waiting.append(task)
                    if not running:
                        self._replace()
                    break
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            failed = False
            for future in done:
                task = running.pop(future)
                error = None if future.cancelled() else future.exception()
                if error is None and not future.cancelled():
                    yield future.result()
                    continue
                if isinstance(error, station.Stopped):
                    raise error
                failed = True
                tries[task.id] += 1
                if tries[task.id] > MOST_BROKEN:  # alone, in a thread, where nothing else is lost
                    yield grade_task(task)
                else:
                    waiting.append(task)
            if failed and not running:
                self._replace()

    def _size(self) -> int:
        return int(getattr(self.executor, "_max_workers", 0) or self.jobs)

    def _replace(self) -> None:
        """Another executor in the place of one that may be broken."""
        if self._works():
            return
        self.broken += 1
        if self._own:
            _end(self.executor, wait=False)
        make = self._make if self._make and self.broken <= MOST_BROKEN else self._threads
        self._own, self.executor = True, make()

    def _works(self) -> bool:
        try:
            return self.executor.submit(os.getpid).result(60) > 0
        except Exception:
            return False

    def stop(self) -> None:
        """Stops what runs, here and, as far as the executor lets it, elsewhere."""
        stopper = threading.Thread(target=station.stop_all)
        stopper.start()
        if self._own:  # loky's workers outlive it; their stations end when they are alone
            for process in list((getattr(self.executor, "_processes", None) or {}).values()):
                process.terminate()
        _end(self.executor, wait=False)
        stopper.join()

    def leave(self) -> None:
        """Ends an executor that was made here; one that was given goes on."""
        if self._own:
            _end(self.executor, wait=True)


def _end(executor: Executor, wait: bool) -> None:
    """Ends an executor as far as it can be ended; what it has not begun is not begun any more."""
    with suppress(Exception):
        try:
            executor.shutdown(wait=wait, cancel_futures=True)
        except TypeError:  # Dask's cancels by itself where it does not wait
            executor.shutdown(wait=wait)

"""Repairs a submission; started as `-m tests.autograder.repair.child`, in its own process.

It knows the right answers to fresh cases, which are not those that are graded. What it finds is
tried on the graded cases, too, and the parent judges that.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mytorch.gradcheck.repair.candidates import Known
from mytorch.gradcheck.repair.cases import BREAKS, Case
from mytorch.gradcheck.repair.explain import described as explained
from mytorch.gradcheck.repair.explain import placed
from mytorch.gradcheck.repair.patch import edits_of, patch_of
from mytorch.gradcheck.repair.search import Found, Search
from mytorch.gradcheck.repair.sources import functions, is_unwritten
from mytorch.gradcheck.repair.tracing import traced
from mytorch.gradcheck.repair.trying import NOTHING, Score, limited, made
from tests.autograder.child import (
    answer,
    class_of,
    exam_of,
    in_a_fork,
    loaded,
    read_cases,
    standins_of,
)  # fmt: skip
from tests.autograder.repair.board import Board, Entry
from tests.autograder.repair.judging import case_of
from tests.autograder.repair.localising import localised
from tests.submission.child import Reporter, prepare
from tests.submission.importing import Coursework

SECONDS = 1.0
"""How many seconds a case of another question may take."""
TRACING = 1.0
"""For how many seconds it is noted which lines run in what is right."""
COMPENSATING = 3.0
"""For how many seconds it is searched what made a mistake good again."""
MARGIN = 5.0
"""How many seconds a question may take beside its search."""


def main(channel: int, trace: int, task: dict[str, Any]) -> None:
    """Repairs each group of questions in a fork of its own."""
    send = Reporter(channel, trace)
    send(start="the child")
    for name in [name for name in sys.modules if name.partition(".")[0] == "mytorch"]:
        del sys.modules[name]  # the name belongs to the submission now
    cases, fresh = read_cases(task["inputs"]), _read_fresh(task["fresh"])
    root = Path(task["root"])
    exam, standins = exam_of(task), standins_of(task)
    shutil.copytree(task["original"], root)
    prepare(root, [Path(p) for p in task["search"]], task["memory"])
    coursework, _ = loaded(task, standins)
    board = Board()
    groups = [partial(_Group, task, group, exam, standins, coursework, cases, fresh, send)
              for group in task["groups"]]  # fmt: skip
    for number, (group, make) in enumerate(zip(task["groups"], groups, strict=True)):
        seconds = (task["effort"] + MARGIN) * len(group["questions"])
        in_a_fork(partial(_run, make, board, number, root), seconds)
    for number, make in enumerate(groups):
        if any(entry.group == number for entry in board.entries()):
            in_a_fork(partial(_run, make, board, number, None), MARGIN)
    send(end=True)


def _run(make: Callable[..., _Group], board: Board, number: int, root: Path | None) -> None:
    """Repairs the questions of a group, or reviews its repairs where there is no `root`."""
    try:
        group = make(board, number)
        if root is None:
            group.review()
        else:
            group.run(root)
    except Exception:
        traceback.print_exc()  # the parent keeps what is printed
        raise


def _read_fresh(file: str) -> dict[str, list[tuple[int, dict[str, Any], dict[str, Any]]]]:
    """By exercise the cases: the number of their draw, their inputs and right outputs."""
    found: dict[tuple[str, str, str], tuple[dict[str, Any], dict[str, Any]]] = {}
    with np.load(file, allow_pickle=False) as arrays:
        for name in arrays.files:
            draw, exercise, case, kind, key = name.split("|")
            inputs, right = found.setdefault((exercise, draw, case), ({}, {}))
            if kind == "in":
                inputs[key] = arrays[name]
            else:
                right[key] = None if kind == "none" else arrays[name]
    by_exercise: dict[str, list[tuple[int, dict[str, Any], dict[str, Any]]]] = {}
    for (exercise, draw, _), (inputs, right) in found.items():
        by_exercise.setdefault(exercise, []).append((int(draw), inputs, right))
    return by_exercise


class _Group:
    """Questions about the same class, which are asked with the same stand-ins."""

    def __init__(
        self,
        task: dict[str, Any],
        group: dict[str, Any],
        exam: Any,
        standins: Any,
        coursework: Coursework,
        cases: Any,
        fresh: Any,
        send: Reporter,
        board: Board,
        number: int,
    ) -> None:
        self.board, self.number = board, number
        self.task, self.group, self.exam, self.send = task, group, exam, send
        self.cases, self.fresh, self.effort = cases, fresh, float(task["effort"])
        classes = {n: class_of(n, home, coursework) for n, home in task["homes"].items()}
        self.kinds = _right(task, standins)
        self.files = _texts(coursework)
        self.functions = functions(coursework.modules.values(), self.files)
        self.classes = standins.installed(group["failed"], classes, coursework.modules.values())

    def run(self, root: Path) -> None:
        """Repairs question after question, each on top of what was repaired before."""
        done: tuple[Any, ...] = ()
        earlier = [edits_of(entry.patch, self.functions) for entry in self.board.entries()]
        for question in self.group["questions"]:
            if self._is_right(question, done):
                continue
            known = next((p for p in earlier if self._is_right(question, (*done, *p))), None)
            if known is not None:
                done = (*done, *known)  # the same mistake shows here
                continue
            found = self._search(question, done)
            if found is None:
                self._localise(question, done)
                continue
            new = [edit for edit in found.edits if edit not in done]
            done = found.edits
            self.board.add(Entry(self.number, question["id"], patch_of(new)))
            with made(done):
                for name, case in self.cases[question["exercise"]].items():
                    answer(
                        partial(getattr(self.exam, question["exercise"]), self.classes, case),
                        partial(self.send, question=question["id"], case=name), root,
                    )  # fmt: skip
            told = explained(new, found.others, Path(self.task["root"]))
            self.send(question=question["id"], found=told)
            self.send(question=question["id"], done=True, seconds=0)

    def review(self) -> None:
        """Says of which questions the repair is not needed, as one that was found later does."""
        entries = self.board.entries()
        questions = {question["id"]: question for question in self.group["questions"]}
        for i, entry in enumerate(entries):
            if entry.group != self.number:
                continue
            for later in entries[i + 1 :]:
                edits = edits_of(later.patch, self.functions)
                if self._is_right(questions[entry.question], edits):
                    self.send(question=entry.question, explained=later.question)
                    break

    def _is_right(self, question: dict[str, Any], edits: tuple[Any, ...]) -> bool:
        """Whether a question is right with some edits."""
        with made(edits) as valid:
            cases = [*self._of(question, 0), *self._of(question, 1)]
            return valid and all(map(_all_right, cases))

    def _search(self, question: dict[str, Any], done: tuple[Any, ...]) -> Found | None:
        """Repairs one question; what comes right elsewhere must stay so."""
        cases = self._of(question, 0)
        own = self._of(question, 1)
        others = [self._of(q, 1) for q in self.task["guards"] if q["id"] != question["id"]]
        with made(done):
            good = [list(filter(_all_right, some)) for some in others]
            passed = self._passed(good)
        right = [case for some in good for case in some]
        wrong = [case for some in others for case in some if case not in right]

        def confirm() -> Score:
            if not all(map(_all_right, own)):
                return NOTHING
            if not all(map(_all_right, right)):
                return BREAKS
            return sum(map(_all_right, wrong)), 0

        careful = question["id"] in self.task["careful"]
        about = question["needs"][0].rpartition(".")[2]
        known = Known(careful, self.task["trusted"], about, passed)
        search = Search(self.functions, cases, confirm, self.effort, done, known)
        found = search.run()
        if found is None and not careful and search.refused:
            found = self._compensated(search.refused[0], [*cases, *right], confirm, known)
        if found is None and not all(map(_all_right, cases)):
            self.effort /= 2  # the next question has the same cause most often
        return found

    def _compensated(
        self, edits: tuple[Any, ...], right: list[Case], confirm: Callable[[], Score], known: Known
    ) -> Found | None:
        """A repair together with what must change where its mistake was made good again."""
        with made(edits):
            broken = [case for case in right if not _all_right(case)]
        elsewhere = known._replace(about="", trusted=(), passed={})
        found = Search(self.functions, broken, confirm, COMPENSATING, edits, elsewhere).run()
        kinds = {edit.kind for edit in (found.edits if found else ())}
        return found if len(kinds) == 1 else None  # a mistake is made good by its inverse

    def _passed(self, right: list[list[Case]]) -> dict[str, Counter[int]]:
        """In how many questions each line ran in what is right, by the key of its function."""
        end = time.process_time() + TRACING
        passed: dict[str, Counter[int]] = {}
        for cases in right:

            def run(cases: list[Case] = cases) -> None:
                for case in cases:
                    if time.process_time() < end:
                        _all_right(case)

            for key, trace in traced(self.functions, run, int).items():
                passed.setdefault(key, Counter()).update(trace.lines)
        return passed

    def _localise(self, question: dict[str, Any], done: tuple[Any, ...]) -> None:
        """Says at least in which methods the mistake is, where right ones are at hand."""
        name, exercise = question["needs"][0], question["exercise"]
        right, theirs = self.kinds.get(exercise), self.classes.get(name)
        # Of an exception the line is known; with any right method in its place there is none.
        if question["id"] in {*self.task["careful"], *self.task["raised"]} or done:
            return

        def is_right(kind: Any) -> bool:
            cases = self._of(question, 0, {**self.classes, name: kind})
            return all(map(_all_right, cases))

        methods = localised(theirs, right, is_right)
        written = {f.name: f for f in self.functions if not is_unwritten(f.node)}
        found = [written.get(f"{name}.{method}") for method in methods]
        if found and all(found):
            root = Path(self.task["root"])
            self.send(question=question["id"], methods=[placed(f, root) for f in found if f])

    def _of(self, question: dict[str, Any], number: int, classes: Any = None) -> list[Case]:
        """The fresh cases of a question, of one draw."""
        exercise = getattr(self.exam, question["exercise"])
        return [
            case_of(exercise, classes or self.classes, inputs, right, self.task["flat"])
            for draw, inputs, right in self.fresh[question["exercise"]]
            if draw == number
        ]


def _right(task: dict[str, Any], standins: Any) -> dict[str, Any]:
    """By exercise a right class, whose methods are tried in the place of wrong ones."""
    if not task["conventions"]:
        return getattr(standins, "EXERCISES", {})
    from tests.autograder.shared.conventions import Conventions
    from tests.autograder.shared.model import classes

    made = classes(Conventions(**task["conventions"]), frozenset(), frozenset())
    return {question["exercise"]: made[question["needs"][0]] for question in task["questions"]}


def _all_right(case: Case) -> bool:
    """Whether a case is right, and in time."""
    try:
        with limited(SECONDS):
            return case(False, lambda: None).all
    except BaseException:
        return False


def _texts(coursework: Coursework) -> dict[Path, str]:
    """The files of the submission that Python could read."""
    found = {}
    for file in coursework.modules:
        if file.stem not in coursework.broken:
            try:
                found[file] = file.read_text(encoding="utf-8").replace("\r\n", "\n")
            except (OSError, UnicodeDecodeError):
                continue
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))

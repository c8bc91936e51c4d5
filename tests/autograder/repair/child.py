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
from itertools import chain
from pathlib import Path
from typing import Any

from mytorch.gradcheck.repair.candidates import Known
from mytorch.gradcheck.repair.cases import Case
from mytorch.gradcheck.repair.choosing import Found
from mytorch.gradcheck.repair.explain import described as explained
from mytorch.gradcheck.repair.explain import placed
from mytorch.gradcheck.repair.patch import edits_of, patch_of
from mytorch.gradcheck.repair.search import Search
from mytorch.gradcheck.repair.sources import functions, is_unwritten
from mytorch.gradcheck.repair.tracing import key_of, traced
from mytorch.gradcheck.repair.trying import made
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
from tests.autograder.repair.evidence import Evidence, all_right, avoids, is_doubted, lines_of
from tests.autograder.repair.judging import case_of, read_fresh, texts_of
from tests.autograder.repair.localising import localised, right_classes
from tests.submission.child import Reporter, prepare
from tests.submission.importing import Coursework

TRACING = 1.0
"""For how many seconds it is noted which lines run in what is right."""
COMPENSATING = 3.0
"""For how many seconds it is searched what made a mistake good again."""
MARGIN = 5.0  # a question may take so many seconds beside its search


def main(channel: int, trace: int, task: dict[str, Any]) -> None:
    """Repairs each group of questions in a fork of its own."""
    send = Reporter(channel, trace)
    send(start="the child")
    for name in [name for name in sys.modules if name.partition(".")[0] == "mytorch"]:
        del sys.modules[name]  # the name belongs to the submission now
    cases, fresh = read_cases(task["inputs"]), read_fresh(task["fresh"])
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
        self.kinds = right_classes(task, standins)
        self.files = texts_of(coursework)
        self.functions = functions(coursework.modules.values(), self.files)
        self.classes = standins.installed(group["failed"], classes, coursework.modules.values())

    def run(self, root: Path) -> None:
        """Repairs question after question, each on top of what was repaired before."""
        done: tuple[Any, ...] = ()
        doubtful: list[tuple[dict[str, Any], list[Any], Found]] = []
        sure = [entry.patch for entry in self.board.entries() if entry.is_sure]
        earlier = [edits_of(patch, self.functions) for patch in sure]
        for question in self.group["questions"]:
            if self._is_right(question, done):
                continue
            known = next((p for p in earlier if self._is_right(question, (*done, *p))), None)
            if known is not None:
                done = (*done, *known)  # the same mistake shows here
                continue
            found = self._search(question, done)
            if found is None or not found.is_placed:
                self._localise(question, done)
                continue
            new = [edit for edit in found.edits if edit not in done]
            self.board.add(Entry(self.number, question["id"], patch_of(new), found.is_sure))
            with made(found.edits):
                for name, case in self.cases[question["exercise"]].items():
                    answer(
                        partial(getattr(self.exam, question["exercise"]), self.classes, case),
                        partial(self.send, question=question["id"], case=name), root,
                    )  # fmt: skip
            done = found.edits if found.is_sure else done
            is_whole = not self._leaves_wrong(new, found.edits)
            self._tell(question, new, found, is_whole)
            doubtful += [] if is_whole else [(question, new, found)]
        for question, new, found in doubtful:
            if found.is_sure and not self._leaves_wrong(new, done):
                self._tell(question, new, found, True)  # it was another mistake

    def _tell(self, question: dict[str, Any], new: list[Any], found: Found, is_whole: bool) -> None:
        """Says where a repair is; of several edits that are not the whole nothing is known.

        Beside an exception, whose line is shown, only a change that is sure says more.
        """
        is_sure, raised = found.is_sure and is_whole, question["id"] in self.task["raised"]
        if is_sure or ((is_whole or len(new) == 1) and not raised):
            root = Path(self.task["root"])
            self.send(question=question["id"], found=explained(new, found.others, root, is_sure))
        self.send(question=question["id"], done=True, seconds=0)

    def _leaves_wrong(self, new: list[Any], edits: tuple[Any, ...]) -> bool:
        """Whether another question that goes through an edit stays wrong, by nothing else known.

        What is wrong with the same class as the edit's is not known yet.
        """
        outer = {name for edit in new for name in edit.function.outer}
        own = {question["exercise"] for question in self.group["questions"]}
        places = {(key_of(edit.function), edit.line) for edit in new}
        with made(edits):
            for guard in self.task["guards"]:
                kind = self.classes.get(guard["needs"])
                names = {one.__name__ for one in getattr(kind, "__mro__", ())}
                others = {*guard["failed"]} - {*self.group["failed"]} - own
                if others - ({guard["exercise"]} if outer & names else set()):
                    continue
                wrong = [case for case in self._of(guard, 1) if not all_right(case)]
                if places & lines_of(self.functions, wrong):
                    return True
        return False

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
            return valid and all(map(all_right, cases))

    def _search(self, question: dict[str, Any], done: tuple[Any, ...]) -> Found | None:
        """Repairs one question; what comes right elsewhere must stay so."""
        cases = self._of(question, 0)
        guards = [q for q in self.task["guards"] if q["id"] != question["id"]]
        others = [self._of(guard, 1) for guard in guards]
        with made(done):
            evidence = Evidence(self._of(question, 1), self._of(question, 2), others)
            passed, trusted = self._passed(guards, evidence.right)
        right = [case for some in evidence.right for case in some]
        careful = question["id"] in self.task["careful"]
        about = question["needs"][0].rpartition(".")[2]
        known = Known(careful, trusted, about, passed)
        elsewhere = [*chain.from_iterable(others)]

        def holds(edits: tuple[Any, ...]) -> bool:
            return not avoids(self.functions, edits, done, cases, elsewhere)

        search = Search(self.functions, cases, evidence.judge, self.effort, done, known, holds,
                        is_doubted)  # fmt: skip
        found = search.run()
        if found is None and not careful and search.refused:
            found = self._compensated(search, [*cases, *right], evidence)
        if found is not None and found.is_sure:
            with made(found.edits):
                found.is_sure = evidence.is_general()
        if found is None and not all(map(all_right, cases)):
            self.effort /= 2  # the next question has the same cause most often
        return found

    def _compensated(self, search: Search, right: list[Case], evidence: Evidence) -> Found | None:
        """The first repair that was refused, and what made its mistake good somewhere else.

        Where that is in questions that are wrong anyway, only the line is known.
        """
        edits = search.refused[0]
        with made(edits):
            broken = [case for case in right if not all_right(case)]
            helps = evidence.helps()
        if not broken:
            return Found(edits, is_sure=False) if helps else None
        known = search.known._replace(about="", trusted=(), passed={})
        found = Search(self.functions, broken, evidence.judge, COMPENSATING, edits, known,
                       search.holds).run()  # fmt: skip
        new = found.edits if found else ()
        is_inverse = len({edit.kind for edit in new}) == 1 and len(new) == len(edits) + 1
        return found if is_inverse else None  # a mistake is made good by its inverse

    def _passed(
        self, guards: list[dict[str, Any]], right: list[list[Case]]
    ) -> tuple[dict[str, Counter[int]], set[str]]:
        """In how many questions each line ran in what is right, by the key of its function.

        And the keys of those that ran in a question about their own class, if that is all right.
        """
        end = time.process_time() + TRACING
        passed: dict[str, Counter[int]] = {}
        trusted: set[str] = set()
        outer = {key_of(function): function.outer for function in self.functions}
        for guard, cases in zip(guards, right, strict=True):

            def run(cases: list[Case] = cases) -> None:
                for case in cases:
                    if time.process_time() < end:
                        all_right(case)

            for key, trace in traced(self.functions, run, int).items():
                passed.setdefault(key, Counter()).update(trace.lines)
                if guard["about"] in self.task["trusted"] and guard["about"] in outer[key]:
                    trusted.add(key)
        return passed, trusted

    def _localise(self, question: dict[str, Any], done: tuple[Any, ...]) -> None:
        """Says at least in which methods the mistake is, where right ones are at hand."""
        name, exercise = question["needs"][0], question["exercise"]
        right, theirs = self.kinds.get(exercise), self.classes.get(name)
        # Of an exception the line is known; with any right method in its place there is none.
        if question["id"] in {*self.task["careful"], *self.task["raised"]} or done:
            return

        def is_right(kind: Any) -> bool:
            cases = self._of(question, 0, {**self.classes, name: kind})
            return all(map(all_right, cases))

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


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]))

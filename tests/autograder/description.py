"""What the `course.toml` of a course says, checked entry by entry.

README.md in `courses/` shows every key. An error is one sentence: the file, the entry, what was
expected there and what was found.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.autograder import coursework
from tests.autograder import entries as read
from tests.autograder.coursework import Handin, Handout
from tests.autograder.entries import BadCourse, Table
from tests.autograder.shared.conventions import WORDS, Conventions

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = "course.toml"
HOMEWORKS = {
    "classic": "no classic homework, only the autograd one",
    "autograd": "no mytorch/tensor.py: this is not the autograd homework",
}
"""The two homeworks that are recognised without a table of files; what to say where one is not."""


class Part(NamedTuple):
    """A part of a question; its outputs are named `part/quantity`.

    Outputs named `part alone/quantity` ask the same once more with inputs that are right, and
    count where the first ones are wrong.
    """

    name: str
    points: float


class Question(NamedTuple):
    """One question.

    Attributes
    ----------
    id, title : the seed's number, and what it is about.
    parts : forward, backward, step ...; a part's points are shared out over the cases.
    exercise : which function of the course's `exam.py` asks it.
    needs : the classes that it is about; without all of them the question cannot be asked.
    uses : the exercises about parts that the first of them is made of; a part that failed there is
        replaced here.
    uses_are_optional : whether the first may be written without the parts of `uses`, too.
    graded : whether the course itself grades it.
    source : where the course asks for it: `000 §2.1`; may be empty.
    not_of : the layouts of hand-ins that are not asked it.
    """

    id: str
    title: str
    parts: tuple[Part, ...]
    exercise: str
    needs: tuple[str, ...]
    uses: tuple[str, ...] = ()
    graded: bool = True
    source: str = ""
    not_of: tuple[str, ...] = ()
    uses_are_optional: bool = False

    @property
    def points(self) -> float:
        """The points of all parts."""
        return sum(part.points for part in self.parts)


class Layout(NamedTuple):
    """How a hand-in is recognised.

    `files`, of which it has the `least` at least; `marks`, pairs of a file and a regular expression
    that tell courses with the same files apart; or a `homework` of `HOMEWORKS`.
    """

    files: tuple[str, ...] = ()
    least: int = 1
    marks: tuple[tuple[str, str], ...] = ()
    homework: str = ""


@dataclass(frozen=True)
class Description:
    """A course as its file describes it.

    Attributes
    ----------
    title, year, about, command : what it is called, what it grades, and the word for `grade.sh`.
    layout, conventions : how a hand-in is recognised, and how its classes compute.
    questions, training : in order, with points; the part that a person grades, where there is one.
    hints : by method what it computes, then by what a statement assigns; "" for all else.
    given : the methods and classes that a student finds written.
    handout, handin : what a student starts from, and the file that is handed in.
    """

    title: str
    year: int
    about: str
    command: str
    layout: Layout
    conventions: Conventions
    questions: tuple[Question, ...]
    training: Question | None
    hints: Mapping[str, Mapping[str, str]]
    given: frozenset[str]
    handout: Handout
    handin: Handin


def described(folder: Path) -> Description:
    """The course of a folder. Raises BadCourse."""
    file = folder / FILE
    label = f"{folder.name}/{FILE}"
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadCourse(f"{file}: {error.strerror}") from None
    except ValueError as error:  # no TOML, or no UTF-8
        raise BadCourse(f"{label} is no TOML file: {error}") from None
    top = Table(label, "", entries)
    homes = top.table("homes").map(read.texts)
    found = Description(
        title=top.take("title", read.text),
        year=top.take("year", read.year),
        about=top.take("description", read.text),
        command=top.take("command", read.text, folder.name.replace("_", "-")),
        layout=_layout(top.table("layout")),
        conventions=_conventions(top.table("conventions", {}), homes),
        questions=tuple(_question(table, homes) for table in top.tables("questions")),
        training=_question(top.table("training"), homes) if "training" in entries else None,
        hints=top.table("hints", {}).map(read.hint),
        given=frozenset(top.take("given", read.texts, ())),
        handout=coursework.handout(top.table("handout", {})),
        handin=coursework.handin(top.table("handin", {})),
    )
    top.end()
    ids = [question.id for question in found.questions]
    twice = next((id for id in ids if ids.count(id) > 1), None)
    if twice is not None:
        raise BadCourse(f"{label}: two questions have the id {twice!r}; each needs its own")
    return found


def _layout(table: Table) -> Layout:
    homework = table.take("homework", read.one_of(tuple(HOMEWORKS)), "")
    layout = Layout(
        table.take("files", read.texts, *([()] if homework else [])),
        table.take("least", read.whole, 1),
        table.take("marks", read.marks, ()),
        homework,
    )
    table.end()
    return layout


def _conventions(table: Table, homes: Mapping[str, tuple[str, ...]]) -> Conventions:
    readers: dict[str, Callable[[Any], Any]] = {
        **{name: read.one_of(words) for name, words in WORDS.items()},
        **dict.fromkeys(("mse", "eps", "alpha"), read.number),
        "initial": read.initial,
        "networks": read.each(read.sizes),
        "kept": read.each(read.kept),
        "names": read.each(read.text),
    }
    return Conventions(**table.given(readers), homes=homes)


def _question(table: Table, homes: Mapping[str, Any]) -> Question:
    points = table.take("points", read.each(read.number))
    question = Question(
        table.take("id", read.text),
        table.take("title", read.text),
        tuple(Part(name, value) for name, value in points.items()),
        table.take("exercise", read.text),
        table.take("needs", read.texts, ()),
        table.take("uses", read.texts, ()),
        table.take("graded", read.truth, True),
        table.take("source", read.text, ""),
        table.take("not_of", read.texts, ()),
    )
    table.end()
    for name in question.needs:
        if name not in homes:
            raise table.fail("needs", f"there is no class {name} in [homes]")
    return question

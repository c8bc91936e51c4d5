"""An edition of a course: its questions, and where the rest of it is found.

Each edition is one folder in `courses/`. Its package says `COMMAND`, `TITLE`, `DESCRIPTION`,
`HOMES`, `objection(submission)` and `modules(submission, names)`, and has the modules that `Course`
names. Nothing else knows an edition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy.typing as npt

COURSES = Path(__file__).with_name("courses")
Case = dict[str, npt.NDArray[Any]]
Cases = dict[str, dict[str, Case]]
"""By the exercise's name, then by the case's name."""
Classes = Mapping[str, Any]
Mistakes = frozenset[str]
NOT_WRITTEN = ("NotImplementedError", "TypeError: exceptions must derive from BaseException")
"""How an exception begins that a template raises until its method is written."""


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
    """

    id: str
    title: str
    parts: tuple[Part, ...]
    exercise: str
    needs: tuple[str, ...]
    uses: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """The points of all parts."""
        return sum(part.points for part in self.parts)


def parts(**points: float) -> tuple[Part, ...]:
    """The parts of a question in order."""
    return tuple(Part(name, value) for name, value in points.items())


@dataclass(frozen=True)
class Course:
    """One edition, by the name of its folder."""

    name: str

    def module(self, name: str = "") -> Any:
        """A module of the folder, or its package."""
        return import_module(".".join([__package__, "courses", self.name, *filter(None, [name])]))

    @property
    def folder(self) -> Path:
        """Where it is."""
        return COURSES / self.name

    @property
    def command(self) -> str:
        """What `grade.sh` calls it."""
        return str(self.module().COMMAND)

    @property
    def title(self) -> str:
        """What a report calls it."""
        return str(self.module().TITLE)

    @property
    def description(self) -> str:
        """What it grades, in a sentence."""
        return str(self.module().DESCRIPTION)

    def objection(self, found: Any) -> str:
        """Why what was found in a hand-in is not of this edition; empty if it is.

        `found` has `is_classic` and `has_autograd`.
        """
        return str(self.module().objection(found))

    @property
    def homes(self) -> Mapping[str, tuple[str, ...]]:
        """The classes that questions need, and in which modules each is looked for first."""
        return self.module().HOMES

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions in order."""
        return tuple(self.module("questions").QUESTIONS)

    def source(self, question: Question) -> str:
        """Where the seeds ask for it: `000 §2.1`; empty where the edition does not say."""
        sources = getattr(self.module("questions"), "SOURCES", {})
        return str(sources.get(question.id, ""))

    @cached_property
    def training(self) -> Question:
        """The part that a person grades."""
        return self.module("questions").TRAINING

    @cached_property
    def mistakes(self) -> Mapping[str, str]:
        """The mistakes that the diagnosis knows, each with what to say about it.

        Where two give the same numbers, the one that stands first is named.
        """
        return self.module("mistakes").MISTAKES

    @property
    def model(self) -> Callable[[Mistakes, frozenset[str]], Classes]:
        """Makes the submission's classes with mistakes, but for those that make none."""
        return self.module("model").classes

    def exercise(self, name: str) -> Callable[..., None]:
        """What asks a question: a function of classes, a case and a `Sheet`."""
        return getattr(self.module("exam"), name)


def all_courses() -> Sequence[Course]:
    """Every edition that has a folder."""
    return [Course(path.parent.name) for path in sorted(COURSES.glob("*/__init__.py"))]


def find_course(word: str) -> Course:
    """An edition by its folder, command or title. Raises LookupError for an unknown one."""
    for course in all_courses():
        if word in (course.name, course.command, course.title):
            return course
    known = ", ".join(f"{course.command} ({course.title})" for course in all_courses())
    raise LookupError(f"there is no course {word!r}; there are {known}")

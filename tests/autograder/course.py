"""An edition of a course: its questions, and where the rest of it is found.

Each edition is one folder in `courses/`, and nothing outside it knows it. Its package says
`COMMAND`, `TITLE`, `DESCRIPTION` and either `HOMES`, `objection(submission)` and
`modules(submission, names)`, with the modules that `Course` names in the folder; or `CONVENTIONS`,
`POINTS` and `LAYOUT`, and what it has no module for is that of `shared/`. README.md in `courses/`
shows how to add one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy.typing as npt

from tests.autograder.shared.conventions import Conventions

COURSES = Path(__file__).with_name("courses")
SHARED = Path(__file__).with_name("shared")
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
    graded : whether the course itself grades it.
    """

    id: str
    title: str
    parts: tuple[Part, ...]
    exercise: str
    needs: tuple[str, ...]
    uses: tuple[str, ...] = ()
    graded: bool = True

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
        """A module of the folder, or its package; where it has none, the shared one for it."""
        if name and self.conventions is not None and not (self.folder / f"{name}.py").is_file():
            return import_module(f"{__package__}.shared.{name}").of(self)
        return import_module(".".join([__package__, "courses", self.name, *filter(None, [name])]))

    @cached_property
    def conventions(self) -> Conventions | None:
        """What it has in place of modules of its own; None where it has those."""
        given = getattr(self.module(), "CONVENTIONS", None)
        return None if given is None else Conventions(**given)

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

    @cached_property
    def spelling(self) -> Conventions:
        """How its arrays are called and shaped, for a course with modules of its own, too."""
        return self.conventions or Conventions(**self.module().SPELLING)

    def objection(self, found: Any) -> str:
        """Why what was found in a hand-in is not of this edition; empty if it is.

        `found` has `is_classic`, `has_autograd` and `courses`, names of folders like this one's.
        """
        if self.conventions is None:
            return str(self.module().objection(found))
        here = self.name in found.courses
        return "" if here else f"none of the files by which {self.command} is recognised"

    @property
    def homes(self) -> Mapping[str, tuple[str, ...]]:
        """The classes that questions need, and in which modules each is looked for first."""
        return self.module().HOMES if self.conventions is None else self.conventions.homes

    def searched(self, submission: Any) -> tuple[Path, ...]:
        """What goes in front of `sys.path` for a submission."""
        own = self.conventions is not None and submission.modules
        return (submission.root,) if own else tuple(submission.search)

    def imported(self, submission: Any, names: Sequence[str]) -> list[str]:
        """The modules that are imported for some classes; of those that a class may be in, those
        that are there, or the first.
        """
        if self.conventions is None:
            return list(self.module().modules(submission, names))
        found: dict[str, None] = {}
        for name in names:
            homes = self.homes[name]
            there = [h for h in homes if any(_has(place, h) for place in self.searched(submission))]
            found |= dict.fromkeys(there or homes[:1])
        return list(found)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions in order."""
        return tuple(self.module("questions").QUESTIONS)

    def source(self, question: Question) -> str:
        """Where the seeds ask for it: `000 §2.1`; empty where the edition does not say."""
        sources = getattr(self.module("questions"), "SOURCES", {})
        return str(sources.get(question.id, ""))

    @cached_property
    def training(self) -> Question | None:
        """The part that a person grades, where there is one."""
        return self.module("questions").TRAINING

    def has(self, name: str) -> bool:
        """Whether there is such a module; a handout has none that knows a solution."""
        folders = (self.folder, SHARED) if self.conventions is not None else (self.folder,)
        return any((folder / f"{name}.py").is_file() for folder in folders)

    def to_write(self, question: Question) -> list[tuple[str, str]]:
        """The functions that a question is about, each with its file in a handout, in order.

        A question that asks for none of its own is about those of its first class.
        """
        blanks = self.module("handout").BLANKS if self.has("handout") else {}
        rows = [(f, name, id) for f, names in blanks.items() for name, id in names.items()]
        about = f"{question.needs[0].rpartition('.')[2]}."
        own = [(f, name) for f, name, id in rows if id == question.id]
        return own or [(f, name) for f, name, _ in rows if name.startswith(about)]

    @cached_property
    def mistakes(self) -> Mapping[str, str]:
        """The mistakes that the diagnosis knows, each with what to say about it.

        Where two give the same numbers, the one that stands first is named. In a handout there are
        none: the models that find them would give the solution away.
        """
        return self.module("mistakes").MISTAKES if self.has("mistakes") else {}

    @cached_property
    def undone(self) -> Mistakes:
        """Those that are no mistake but work that was not done."""
        return self.module("mistakes").UNWRITTEN if self.has("mistakes") else frozenset()

    @property
    def has_standins(self) -> bool:
        """Whether there is something to put in the place of parts that failed."""
        return self.has("standins")

    @property
    def model(self) -> Callable[[Mistakes, frozenset[str]], Classes]:
        """Makes the submission's classes with mistakes, but for those that make none."""
        return self.module("model").classes

    def exercise(self, name: str) -> Callable[..., None]:
        """What asks a question: a function of classes, a case and a `Sheet`."""
        return getattr(self.module("exam"), name)


def _has(place: Path, module: str) -> bool:
    path = place.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def all_courses() -> Sequence[Course]:
    """Every edition that has a folder."""
    return [_course(path.parent.name) for path in sorted(COURSES.glob("*/__init__.py"))]


@cache
def _course(name: str) -> Course:
    return Course(name)


def own_courses() -> Sequence[Course]:
    """The editions that this library solves in their own names, with all modules of their own."""
    return [course for course in all_courses() if course.conventions is None]


def find_course(word: str) -> Course:
    """An edition by its name, command or title. Raises LookupError for an unknown one."""
    for course in all_courses():
        if word in (course.name, course.name.replace("_", "-"), course.command, course.title):
            return course
    known = ", ".join(f"{course.command} ({course.title})" for course in all_courses())
    raise LookupError(f"there is no course {word!r}; there are {known}")

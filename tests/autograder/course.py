"""An edition of a course: its questions, and where the rest of it is found.

Each edition is one folder, in `courses/` or anywhere else, and nothing outside it knows it. Its
`course.toml` describes it. For what it has no module, that of `shared/` is taken, made for its
conventions; with an `exam.py` of its own it has all the others, too. README.md in `courses/` shows
how to add one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy.typing as npt

from tests.autograder import courses
from tests.autograder.description import FILE, HOMEWORKS, Description, described
from tests.autograder.description import Part as Part  # for those who know courses only
from tests.autograder.description import Question as Question
from tests.autograder.entries import BadCourse
from tests.autograder.shared.conventions import Conventions
from tests.submission.layout import EXPECTED

COURSES = Path(__file__).with_name("courses")
SHARED = Path(__file__).with_name("shared")
Case = dict[str, npt.NDArray[Any]]
Cases = dict[str, dict[str, Case]]
"""By the exercise's name, then by the case's name."""
Classes = Mapping[str, Any]
Mistakes = frozenset[str]
METHODS = "__init__", "forward", "backward", "step"
"""What a class of a homework may have to write; what it has not is not asked for."""
NOT_WRITTEN = ("NotImplementedError", "TypeError: exceptions must derive from BaseException")
"""How an exception begins that a template raises until its method is written."""


@dataclass(frozen=True)
class Course:
    """One edition, by its folder. What its file does not say rightly raises BadCourse."""

    folder: Path

    @property
    def name(self) -> str:
        """The name of the folder, and of the package that its modules are in."""
        return self.folder.name

    @cached_property
    def description(self) -> Description:
        """What its `course.toml` says."""
        return described(self.folder)

    def module(self, name: str) -> Any:
        """A module of the folder; where it has none, the shared one for it."""
        if self.conventions is not None and not (self.folder / f"{name}.py").is_file():
            return import_module(f"{__package__}.shared.{name}").of(self)
        return import_module(f"{__package__}.courses.{self.name}.{name}")

    @cached_property
    def conventions(self) -> Conventions | None:
        """What it has in place of an exam of its own; None where it has one."""
        own = (self.folder / "exam.py").is_file()
        return None if own else self.description.conventions

    @property
    def spelling(self) -> Conventions:
        """How its arrays are called and shaped, for a course with an exam of its own, too."""
        return self.description.conventions

    @property
    def command(self) -> str:
        """What `grade.sh` calls it."""
        return self.description.command

    @property
    def title(self) -> str:
        """What a report calls it."""
        return self.description.title

    def objection(self, found: Any) -> str:
        """Why what was found in a hand-in is not of this edition; empty if it is.

        `found` has `is_classic`, `has_autograd` and `courses`, names of folders like this one's.
        """
        homework = self.description.layout.homework
        if homework:
            there = found.is_classic if homework == "classic" else found.has_autograd
            return "" if there else HOMEWORKS[homework]
        return "" if self.name in found.courses else f"too few of {self.expected}"

    @property
    def expected(self) -> str:
        """The files that it asks for, as messages name them."""
        layout = self.description.layout
        return (
            EXPECTED
            if layout.homework
            else f"the files of {self.command}: {', '.join(layout.files)}"
        )

    @property
    def homes(self) -> Mapping[str, tuple[str, ...]]:
        """The classes that questions need, and in which modules each is looked for first."""
        return self.spelling.homes

    def searched(self, submission: Any) -> tuple[Path, ...]:
        """What goes in front of `sys.path` for a submission."""
        own = self.conventions is not None and submission.modules
        return (submission.root,) if own else tuple(submission.search)

    def imported(self, submission: Any, names: Sequence[str]) -> list[str]:
        """The modules that are imported for some classes; of those that a class may be in, those
        that are there, or the first. Of a classic homework it is all that there are.
        """
        if self.description.layout.homework == "classic":
            return list(submission.modules)
        found: dict[str, None] = {}
        for name in names:
            homes = self.homes[name]
            there = [h for h in homes if any(_has(place, h) for place in self.searched(submission))]
            found |= dict.fromkeys(there or homes[:1])
        return list(found)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions in order."""
        listed = self.description.questions
        if self.conventions is None:
            return listed
        completed = import_module(f"{__package__}.shared.questions").completed
        return tuple(completed(self, listed))

    def asked(self, layout: str) -> list[Question]:
        """The questions that a layout of hand-ins is asked."""
        return [question for question in self.questions if layout not in question.not_of]

    def observed(self, transcripts: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
        """Mistakes that no value shows, by the question that shows them."""
        if not (self.folder / "observing.py").is_file():
            return {}
        return self.module("observing").observed(transcripts)

    @property
    def training(self) -> Question | None:
        """The part that a person grades, where there is one."""
        return self.description.training

    def has(self, name: str) -> bool:
        """Whether there is such a module; a handout has none that knows a solution."""
        folders = (self.folder, SHARED) if self.conventions is not None else (self.folder,)
        return any((folder / f"{name}.py").is_file() for folder in folders)

    def to_write(self, question: Question) -> list[tuple[str, str]]:
        """The functions that a question is about, each with its file in a handout, in order.

        A question that asks for none of its own is about those of its first class. Those that the
        course lists are there; of a class's methods, only those that its homework has.
        """
        listed = self.description.handout.write
        rows = [(file, name, id) for file, names in listed.items() for name, id in names.items()]
        thing = question.needs[0]
        if not rows:
            file = self.homes[thing][0].replace(".", "/") + ".py"
            methods = (f"{thing}.{method}" for method in METHODS)
            given = self.description.given
            return [(file, method) for method in methods if not {thing, method} & given]
        own = [(f, name) for f, name, id in rows if id == question.id]
        about = f"{thing.rpartition('.')[2]}."
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
    """Every edition that has a folder here, and those of other folders that were asked for."""
    return [*_inside(), *_OUTSIDE]


_OUTSIDE: list[Course] = []


@cache  # every folder of a hand-in is compared with all of them
def _inside() -> Sequence[Course]:
    return [Course(path.parent) for path in sorted(COURSES.glob(f"*/{FILE}"))]


def _outside(folder: Path) -> Course:
    """The course of a folder that lies elsewhere; its modules are found as those here."""
    known = next((course for course in all_courses() if course.folder == folder), None)
    if known is not None:
        return known
    if any(course.name == folder.name for course in all_courses()):
        raise BadCourse(f"there is a course {folder.name} already; call the folder otherwise")
    course = Course(folder)
    _ = course.questions  # which raises what is not right, before anybody relies on it
    courses.__path__.append(str(folder.parent))
    _OUTSIDE.append(course)
    return course


def own_courses() -> Sequence[Course]:
    """The editions that this library solves in their own names, with all modules of their own."""
    return [course for course in all_courses() if course.conventions is None]


def find_course(word: str) -> Course:
    """An edition by its name, command or title, or by the path of its folder.

    Raises LookupError for an unknown one, BadCourse for one whose file is not right.
    """
    for course in all_courses():
        if word in (course.name, course.name.replace("_", "-"), course.command, course.title):
            return course
    if (Path(word) / FILE).is_file():
        return _outside(Path(word).resolve())
    known = ", ".join(f"{course.command} ({course.title})" for course in all_courses())
    raise LookupError(f"there is no course {word!r}; there are {known}")

"""The README of a handout: the commands, what there is to write, and the numbers of papers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.autograder.course import Course, Question
from tests.autograder.handout import files
from tests.walkthrough.pages.order import COURSES

PAPERS = """
## The numbers of the sources

Docstrings and messages name the course's papers by numbers, as `001 §3.6`:

| number | paper |
|---|---|
| 000 | *An Introduction to Neural Networks*, the homework of 2019: questions 2.1 to 3.7, appendices A and B |
| 001 | *HW1P1 Toy Problem*, a small network step by step with its numbers: chapters 1 to 4 |
| 002 | *Autograd and MLPs*, the homework of 2020: questions 1.1 to 3.3, appendices A to C |
"""  # noqa: E501 - a row of a table is one line
NETWORKS = """A question about a network uses your own layers. Where one of them is not right yet,
the question says which one it waits for.

"""


def folders_of(course: Course) -> list[str]:
    """The top folders of the student's files; the empty one for files that lie in none."""
    names = [name.partition("/") for name, _ in files.of_course(course)]
    return list(dict.fromkeys(first if inner else "" for first, inner, _ in names))


def readme(courses: Sequence[Course]) -> str:
    """The whole text."""
    text = Path(__file__).with_name("README.txt").read_text(encoding="utf-8")
    own = [course for course in courses if course.conventions is None]
    title = "layers, networks and automatic differentiation"
    for name, value in (
        ("TITLE", title if len(own) > 1 else " and ".join(c.title for c in courses)),
        ("FILES", _places(courses)),
        ("COMMANDS\n", "".join(f"    {line}\n" for line in _commands(courses))),
        ("TO WRITE\n", to_write(courses)),
        ("NETWORKS\n\n", NETWORKS if any(q.uses for one in courses for q in one.questions) else ""),
        ("PAPERS\n", PAPERS if own else ""),
    ):
        text = text.replace(name, value, 1)
    return text


def _places(courses: Iterable[Course]) -> str:
    """Folders, or files that lie in none."""
    found: dict[str, None] = {}
    for course in courses:
        folders = folders_of(course)
        found |= {f"`{folder}/`": None for folder in sorted(folders, reverse=True) if folder}
        found |= {f"`{name}`": None for name, _ in files.of_course(course) if "/" not in name}
    names = list(found)
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _commands(courses: Sequence[Course]) -> Iterator[str]:
    words = [course.command for course in sorted(courses, key=lambda course: course.command)]
    first = courses[0].questions[0].id
    if "1" in words:
        first = "2.1"
    rows = [(f"./grade.sh {word}", "asks your homework, question by question") for word in words]
    if len(words) > 1:
        rows = [
            ("./grade.sh 1", "asks your classic homework, question by question"),
            ("./grade.sh a", "asks your autograd homework"),
        ]
    rows += [
        (f"./grade.sh {words[0]} --question {first}", "one question"),
        (f"./grade.sh {words[0]} --watch",
         "again whenever you save a file, what you changed first"),
    ]  # fmt: skip
    if any(course.conventions is None or course.name in COURSES for course in courses):
        rows += [
            (".venv/bin/python sandbox.py", "the worked numbers with your classes"),
            (".venv/bin/python sandbox.py --step", "the same, one number at a time"),
        ]
    if any(course.training for course in courses):
        rows.append(("./grade.sh m", "trains with your code, leaves the plots in hw1/"))
    rows += [row for one in courses for row in one.description.handout.commands.items()]
    rows.append(("./grade.sh handin", "says the score and makes what you hand in; --name NAME"))
    width = max(len(command) for command, _ in rows if len(command) <= 40)
    return (f"{command.ljust(width)}  # {what}" for command, what in rows)


def to_write(courses: Sequence[Course]) -> str:
    """A table of what there is to write, in the order of the questions."""
    lines: list[str] = []
    for course in sorted(courses, key=lambda course: course.command):
        lines += [f"The {course.title} homework, `./grade.sh {course.command}`:", ""]
        lines += ["| question | points | file | functions |", "|---|---|---|---|"]
        trained = [course.training] if course.training else []
        graded = [question for question in course.questions if question.graded]
        lines += [row for question in (*graded, *trained) for row in _rows(course, question)]
        for file, names in course.description.handout.others.items():
            functions = ", ".join(f"`{name}`" for name in names)
            lines.append(f"| not graded here | by your report | `{file}` | {functions} |")
        before = [f"`{file}`" for file in files.of_before(course)]
        if before:
            lines += [
                "",
                "Of the homework before, put your own files in the place of these:",
                f"{', '.join(before)}.",
            ]
        others = [question for question in course.questions if not question.graded]
        if others:
            points = sum(question.points for question in others)
            ids = ", ".join(question.id for question in others)
            lines += [
                "",
                f"Not graded by the course itself, but asked here, for {points:g} "
                f"point{'s' * (points != 1)} besides:",
                f"{ids}. They need no other functions.",
            ]
        lines.append("")
    return "\n".join([*lines, ""])


def _rows(course: Course, question: Question) -> Iterator[str]:
    points = f"{question.points:g}" if question.points else "10, by a person"
    start = f"| {question.id} {question.title} | {points} |"
    found = False
    for file, names in files.blanks(course).items():
        functions = ", ".join(f"`{name}`" for name, asked in names.items() if asked == question.id)
        if functions:
            found = True
            yield f"{start} `{file}` | {functions} |"
    if not found:
        given = question.needs[0] in course.description.given
        yield f"{start} {'is given' if given else 'no others'} | |"

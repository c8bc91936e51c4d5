"""The tables of a class: the gradebook, and what Canvas, Moodle and nbgrader import."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mytorch.system.atomic import replacing
from tests.autograder.classes.handins import HandIn
from tests.autograder.classes.roster import Person, Roster
from tests.autograder.results.manual import MOST, Manual
from tests.autograder.session import WrongUse

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("Identifier", "Grade", "Maximum Grade")
FEEDBACK = "Feedback comments"
NBGRADER = ("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
            "raw_score", "late_submission_penalty", "score", "max_score")  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""A spreadsheet may take a cell that begins with one of these for a formula."""


class Grade(NamedTuple):
    """A row of the class: a person, what they handed in, and what came of it.

    `record` is what `--json` writes, None where nothing was handed in.
    """

    person: Person | None
    hand_in: HandIn | None
    id: str
    record: Mapping[str, Any] | None
    manual: Manual | None = None

    @property
    def name(self) -> str:
        """The student's name, or else the hand-in's."""
        if self.person is not None:
            return self.person.name or self.person.id
        assert self.hand_in is not None
        return self.hand_in.name

    @property
    def key(self) -> str:
        """What one run after the other calls this row."""
        return self.person.id or self.person.email or self.name if self.person else self.name

    @property
    def score(self) -> float | None:
        """The points, a person's included; None where nothing was handed in or given."""
        if self.record is None and self.manual is None:
            return None
        graded = self.record["score"] if self.record is not None else 0.0
        return round(graded + (self.manual.points if self.manual else 0.0), 2)

    @property
    def course_score(self) -> float | None:
        """The points in what the course itself grades, which is what a platform takes."""
        if self.score is None or self.record is None:
            return self.score
        beside = sum(q["score"] for q in self.record["questions"] if _is_beside(q))
        return round(self.score - beside, 2)

    @property
    def status(self) -> str:
        """How it went, in a word or two."""
        if self.record is None:
            return "nothing handed in"
        if self.record["reason"]:
            return "not graded"
        return "full points" if self.record["score"] >= self.record["max_score"] else "graded"

    @property
    def comment(self) -> str:
        """What there is to say to the student: the reason, the mistakes, a person's comment."""
        said: list[str] = []
        if self.record is not None:
            said += [self.record["reason"]] if self.record["reason"] else []
            for question in self.record["questions"]:
                points = f"{question['id']}: {question['score']:g} of {question['max_score']:g}"
                texts = [d["message"] for d in (*question["diagnosis"], *question["unwritten"])]
                if question["score"] < question["max_score"] and not self.record["reason"]:
                    said.append("; ".join([points, *texts]))
        return "\n".join([*said, *([self.manual.comment] if self.manual else [])]).strip()


def most_points(grades: Sequence[Grade]) -> float:
    """The points that could be had."""
    most = max((g.record["max_score"] for g in grades if g.record is not None), default=0.0)
    return most + (MOST if any(g.manual for g in grades) else 0.0)


def course_points(grades: Sequence[Grade]) -> float:
    """The points that could be had in what the course itself grades."""
    beside = max(
        (sum(q["max_score"] for q in g.record["questions"] if _is_beside(q))
         for g in grades if g.record is not None),
        default=0.0,
    )  # fmt: skip
    return most_points(grades) - beside


def _is_beside(question: Mapping[str, Any]) -> bool:
    """Whether a question is asked here, and not graded by the course itself."""
    return not question.get("graded_by_the_course", True)


def gradebook(grades: Sequence[Grade]) -> list[list[str]]:
    """Every row with its points by question."""
    questions = list(
        dict.fromkeys(q["id"] for g in grades if g.record for q in g.record["questions"])
    )
    beside = any(_is_beside(q) for g in grades if g.record for q in g.record["questions"])
    own = ["course_score", "course_max_score"] if beside else []
    table = [["student", "id", "email", "hand-in", "late", "status", "score", "max_score", *own,
              *questions, "manual", "comment", "remarks"]]  # fmt: skip
    for grade in grades:
        scores = {q["id"]: q["score"] for q in grade.record["questions"]} if grade.record else {}
        person, hand_in = grade.person, grade.hand_in
        student = hand_in.students[0] if hand_in else None
        table.append([
            grade.name,
            person.id if person else (student.id if student else ""),
            person.email if person else (student.email if student else ""),
            hand_in.name if hand_in else "",
            "late" if hand_in and hand_in.late else "",
            grade.status,
            number(grade.score),
            number(most_points([grade]) if grade.score is not None else None),
            *([number(grade.course_score), number(course_points([grade]))] if beside else []),
            *(number(scores.get(id)) for id in questions),
            number(grade.manual.points if grade.manual else None),
            grade.comment,
            "; ".join(hand_in.remarks) if hand_in else "",
        ])  # fmt: skip
    return table


def canvas(grades: Sequence[Grade], roster: Roster | None, assignment: str) -> list[list[str]]:
    """What Canvas imports: its own export's columns, and one for the assignment.

    Raises WrongUse where the roster is no gradebook that Canvas exported.
    """
    roster = _of_platform(roster, "--canvas", "a gradebook exported from Canvas", CANVAS)
    if assignment not in roster.columns and not assignment.rstrip().endswith(")"):
        raise WrongUse(
            f"--canvas: expected the assignment's title with its id, as in 'Homework 1 (12345)'; "
            f"got {assignment!r}"
        )
    head = [name for name in CANVAS if name in roster.columns]
    most = number(course_points(grades))
    table = [[*head, assignment], ["    Points Possible", *[""] * (len(head) - 1), most]]
    for grade in grades:
        if grade.person is not None:
            table.append([*(grade.person.row[name] for name in head), number(grade.course_score)])
    return table


def moodle(grades: Sequence[Grade], roster: Roster | None) -> list[list[str]]:
    """Moodle's own grading worksheet with its grades and feedback filled in; raises as `canvas`."""
    roster = _of_platform(roster, "--moodle", "a grading worksheet downloaded from Moodle", MOODLE)
    columns = [*roster.columns, *([FEEDBACK] if FEEDBACK not in roster.columns else [])]
    most = course_points(grades)
    table = [columns]
    for grade in grades:
        if grade.person is None:
            continue
        row = dict(grade.person.row)
        theirs = row["Maximum Grade"].replace(",", ".")
        if grade.score is not None:
            if theirs and float(theirs) != most:
                raise WrongUse(
                    f"--moodle: the worksheet's Maximum Grade is {theirs}, the points are of "
                    f"{most:g}; set the assignment's maximum to {most:g} in Moodle, and download "
                    "the worksheet again"
                )
            row["Grade"], row[FEEDBACK] = number(grade.course_score), grade.comment
        table.append([row.get(name, "") for name in columns])
    return table


def nbgrader(grades: Sequence[Grade], assignment: str) -> list[list[str]]:
    """The columns that `nbgrader export` writes, for everybody in the class."""
    table = [list(NBGRADER)]
    most = number(course_points(grades))
    for grade in grades:
        person, student = grade.person, grade.hand_in.students[0] if grade.hand_in else None
        first = person.cell("first_name", "first name") if person else ""
        last = person.cell("last_name", "last name") if person else ""
        id = person.id if person else (student.id if student else "")
        email = person.email if person else (student.email if student else "")
        score = number(grade.course_score or 0.0)
        table.append([assignment, "", "", id, last or grade.name, first, email,
                      score, "0", score, most])  # fmt: skip
    return table


def _of_platform(roster: Roster | None, option: str, what: str, needed: Iterable[str]) -> Roster:
    missing = [name for name in needed if roster is None or name not in roster.columns]
    if roster is None or (missing and (option != "--canvas" or {"Student", "ID"} & set(missing))):
        lacks = "" if roster is None else f"; it has no column {missing[0]}"
        raise WrongUse(f"{option} needs --roster with {what}{lacks}")
    return roster


def number(value: float | None) -> str:
    """A number as a cell; empty where there is none."""
    return "" if value is None else f"{value:g}"


def write_table(table: Iterable[Sequence[str]], file: Path) -> None:
    """Writes a CSV file whole or not at all, with no cell that a spreadsheet takes for a formula.

    Raises OSError where it cannot be written.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([harmless(c) for c in row] for row in table)
    with replacing(file) as target:
        target.write(text.getvalue().encode(errors="replace"))


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe in front says it is text."""
    cell = cell.replace("\0", "")
    if cell.lstrip(" ").startswith(FORMULA) and not _is_number(cell):
        return f"'{cell}"
    return cell


def _is_number(cell: str) -> bool:
    try:
        return bool(float(cell) or True)
    except ValueError:
        return False

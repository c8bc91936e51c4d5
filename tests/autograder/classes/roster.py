"""Who is in the class, by a platform's export or any table, and who handed in what."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.autograder.classes.handins import HandIn
from tests.autograder.session import WrongUse

IDS = ("id", "sis user id", "sis login id", "identifier", "student_id", "student id", "sid",
       "username", "login", "id number", "matriculation")  # fmt: skip
EMAILS = ("email", "email address", "e-mail", "mail")
NAMES = ("student", "full name", "name")
FIRST, LAST = ("first name", "first_name"), ("last name", "last_name", "surname")
PARTICIPANT = "participant "
"""Moodle's identifiers are `Participant 1001`; a file of its download has the number alone."""


class Person(NamedTuple):
    """A line of the roster: its cells by the header's names, in the table's order."""

    row: Mapping[str, str]

    def cell(self, *names: str) -> str:
        """The first cell that is not empty in one of these columns."""
        cells = {name.strip().casefold(): value.strip() for name, value in self.row.items()}
        return next((cells[name] for name in names if cells.get(name)), "")

    @property
    def id(self) -> str:
        """The first number or login that the table has."""
        return self.cell(*IDS)

    @property
    def email(self) -> str:
        return self.cell(*EMAILS)

    @property
    def name(self) -> str:
        """The name as it stands there, or made from first and last name."""
        return self.cell(*NAMES) or f"{self.cell(*FIRST)} {self.cell(*LAST)}".strip()

    @property
    def strong(self) -> set[str]:
        """What identifies this person alone: numbers, logins and the address."""
        found = {self.cell(name).casefold() for name in (*IDS, *EMAILS)}
        found |= {key.removeprefix(PARTICIPANT) for key in found}
        return found - {""}

    @property
    def weak(self) -> set[str]:
        """The name, in both orders, and Canvas's form of it; two people may share it."""
        name = " ".join(self.name.casefold().split())
        last, comma, first = (part.strip() for part in name.partition(","))
        first, last = (first, last) if comma else (name.rpartition(" ")[0], name.rpartition(" ")[2])
        forms = {name, f"{first} {last}".strip(), f"{last} {first}".strip()}
        plain = {"".join(c for c in form if c.isalnum()) for form in forms}
        return (forms | plain) - {""}


class Roster(NamedTuple):
    """The people of a class and the columns of their table."""

    columns: tuple[str, ...]
    people: list[Person]
    points_possible: Mapping[str, str] | None = None


class Row(NamedTuple):
    """A line of the gradebook: a person, a hand-in, or both."""

    person: Person | None
    hand_in: HandIn | None


def read_roster(file: Path) -> Roster:
    """Reads a table. Raises WrongUse where it has no header that says who is who."""
    text = read_text(file, "--roster")
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    lines = io.StringIO(text, newline="")  # `splitlines` ends a line at more characters
    rows = [row for row in csv.reader(lines, delimiter=separator) if any(row)]
    if not rows:
        raise WrongUse(f"--roster {file} is empty; expected a header and a line for each student")
    columns = tuple(cell.strip() for cell in rows[0])
    known = {*IDS, *EMAILS, *NAMES, *FIRST, *LAST} & {c.casefold() for c in columns}
    if not known:
        raise WrongUse(
            f"--roster {file}: expected a header with a column such as id, email or name; "
            f"got {', '.join(columns)[:60]}"
        )
    people, possible = [], None
    for row in rows[1:]:
        cells = dict(zip(columns, [*row, *[""] * len(columns)], strict=False))
        if next(iter(cells.values())).strip().casefold() == "points possible":
            possible = cells  # Canvas's second line
        elif Person(cells).strong or Person(cells).name:
            people.append(Person(cells))
    return Roster(columns, people, possible)


def read_text(file: Path, option: str) -> str:
    """The text of a table. Raises WrongUse where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise WrongUse(f"{option} {file}: {reason}") from None


def matched(
    hand_ins: Sequence[HandIn], roster: Roster | None
) -> tuple[list[Row], list[tuple[HandIn, str]]]:
    """A row for each person and each hand-in, and the hand-ins that match nobody, with the reason.

    A hand-in belongs to the one person who has its number, login or address; else to the one who
    has its name, if that is one person. Nothing is guessed. A hand-in of a group stands in the
    row of each member.
    """
    if roster is None:
        return [Row(None, hand_in) for hand_in in hand_ins], []
    strong: dict[str, set[int]] = defaultdict(set)
    weak: dict[str, set[int]] = defaultdict(set)
    for number, person in enumerate(roster.people):
        for key in person.strong:
            strong[key].add(number)
        for key in person.weak:
            weak[key].add(number)
    owned: dict[int, list[HandIn]] = defaultdict(list)
    unmatched: list[tuple[HandIn, str]] = []
    for hand_in in hand_ins:
        nobody = []
        for student in hand_in.students:
            keys = [k.casefold() for k in (student.id, student.email) if k]
            found = set.union(set(), *(strong.get(key, set()) for key in keys))
            if not found:
                names = {student.name.casefold(), " ".join(student.name.casefold().split())}
                found = set.union(set(), *(weak.get(name, set()) for name in names if name))
            if len(found) == 1:
                owned[found.pop()].append(hand_in)
            else:
                nobody.append("matches more than one" if found else "matches nobody")
        unmatched += [(hand_in, reason) for reason in dict.fromkeys(nobody)]
    rows = []
    for number, person in enumerate(roster.people):
        mine = owned.get(number, [])
        if len(mine) > 1:
            unmatched += [(h, f"is one of several of {person.name or person.id}") for h in mine]
            mine = []
        rows.append(Row(person, mine[0] if mine else None))
    taken = {row.hand_in for row in rows}
    rows += [Row(None, hand_in) for hand_in in hand_ins if hand_in not in taken]
    return rows, unmatched

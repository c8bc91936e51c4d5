"""Who is who in a roster, and the tables that platforms import."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.classes import tables
from tests.autograder.classes.finish import say_changes, with_manual
from tests.autograder.classes.handins import HandIn
from tests.autograder.classes.naming import Student
from tests.autograder.classes.roster import Roster, matched, read_roster
from tests.autograder.classes.tables import Grade
from tests.autograder.session import WrongUse

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (12345)
    Points Possible,,,,,96
"Lovelace, Ada",1001,s-17,ada,Section 1,
"O'Hara, Bob",1002,s-18,bob,Section 1,
"Smith, Ann",1003,s-19,ann1,Section 2,
"Smith, Ann",1004,s-20,ann2,Section 2,
"""
MOODLE = """Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Feedback comments
Participant 51,Ada Lovelace,ada@example.org,Submitted for grading,,91.00,Yes,"Friday, 20 November 2026, 11:59 PM",
Participant 52,Bob O'Hara,bob@example.org,No submission,,91.00,Yes,-,
"""  # noqa: E501 - a platform's own table


def record(score: float = 91.0, reason: str | None = None, **more: Any) -> dict[str, Any]:
    """What `--json` writes, as far as a table needs it."""
    question = {"id": "3.3b", "title": "Tanh", "score": score - 87, "max_score": 4, "unwritten": [],
                "diagnosis": [{"id": "x", "message": "tanh' is 1 - tanh²"}]}  # fmt: skip
    return {"score": score, "max_score": 91.0, "reason": reason, "questions": [question], **more}


def hand_in(name: str, *students: Student) -> HandIn:
    return HandIn(name, ((f"{name}.zip", Path(f"{name}.zip")),), students or (Student(name, name),))


def roster_of(folder: Path, text: str) -> Roster:
    (folder / "roster.csv").write_text(text, encoding="utf-8")
    return read_roster(folder / "roster.csv")


def pairs(hand_ins: list[HandIn], roster: Roster) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Who got which hand-in, by the id; and what was matched to nobody."""
    rows, unmatched = matched(hand_ins, roster)
    found = {row.person.id: row.hand_in.name for row in rows if row.person and row.hand_in}
    assert {row.hand_in.name for row in rows if row.hand_in} == {h.name for h in hand_ins}
    return found, [(h.name, reason) for h, reason in unmatched]


def test_a_canvas_roster(tmp_path: Path) -> None:
    roster = roster_of(tmp_path, CANVAS)
    assert len(roster.people) == 4
    found, unmatched = pairs(
        [
            hand_in("a", Student("1001", "lovelaceada")),
            hand_in("b", Student("BOB", "x")),
            hand_in("c", Student("smithann", "smithann")),
            hand_in("d", Student("1005", "turingalan")),
        ],
        roster,
    )
    assert found == {"1001": "a", "1002": "b"}
    assert unmatched == [("c", "matches more than one"), ("d", "matches nobody")]


def test_names_and_addresses(tmp_path: Path) -> None:
    roster = roster_of(tmp_path, MOODLE)
    found, unmatched = pairs(
        [hand_in("a", Student("51", "A.")), hand_in("b", Student("", "bob o'hara"))], roster
    )
    assert (found, unmatched) == ({"Participant 51": "a", "Participant 52": "b"}, [])
    roster = roster_of(tmp_path, "\ufefflast_name;first_name;email\nLovelace;Ada;ada@x.org\n")
    assert pairs([hand_in("Ada Lovelace")], roster)[0] == {"": "Ada Lovelace"}
    assert pairs([hand_in("a", Student("7", "x", "ADA@x.org"))], roster)[0] == {"": "a"}
    assert pairs([hand_in("Ada")], roster) == ({}, [("Ada", "matches nobody")])


def test_a_group_and_two_hand_ins_of_one_person(tmp_path: Path) -> None:
    roster = roster_of(tmp_path, CANVAS)
    group = hand_in("g", Student("1001", "a"), Student("1002", "b"), Student("9", "c"))
    assert pairs([group], roster) == ({"1001": "g", "1002": "g"}, [("g", "matches nobody")])
    two = [hand_in("a", Student("1001", "")), hand_in("b", Student("", "ada lovelace"))]
    found, unmatched = pairs(two, roster)
    assert found == {}
    assert [name for name, _ in unmatched] == ["a", "b"]


def grades_of(folder: Path, text: str) -> tuple[Roster, list[Grade]]:
    roster = roster_of(folder, text)
    first, second = roster.people[:2]
    handed_in = hand_in("a")._replace(late=True)
    return roster, [Grade(first, handed_in, "a-1", record(89)), Grade(second, None, "", None)]


def test_canvas(tmp_path: Path) -> None:
    """Its documentation: the first five columns and the assignment's, Points Possible below."""
    roster, grades = grades_of(tmp_path, CANVAS)
    table = tables.canvas(grades, roster, "Homework 1 (12345)")
    assert table == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Homework 1 (12345)"],
        ["    Points Possible", "", "", "", "", "91"],
        ["Lovelace, Ada", "1001", "s-17", "ada", "Section 1", "89"],
        ["O'Hara, Bob", "1002", "s-18", "bob", "Section 1", ""],
    ]
    with pytest.raises(WrongUse, match="title with its id"):
        tables.canvas(grades, roster, "Homework")
    with pytest.raises(WrongUse, match="gradebook exported from Canvas"):
        tables.canvas(grades, roster_of(tmp_path, MOODLE), "Homework 1 (12345)")


def test_moodle(tmp_path: Path) -> None:
    """The worksheet as it came, but for the grade and the comment."""
    roster, grades = grades_of(tmp_path, MOODLE)
    head, ada, bob = tables.moodle(grades, roster)
    before = list(csv.reader(MOODLE.splitlines()))
    assert head == before[0]
    changed = {name for name, old, new in zip(head, before[1], ada, strict=True) if old != new}
    assert changed == {"Grade", "Feedback comments"}
    assert (ada[4], ada[-1]) == ("89", "3.3b: 2 of 4; tanh' is 1 - tanh²")
    assert bob == before[2]
    roster, grades = grades_of(tmp_path, MOODLE.replace("91.00", "100.00"))
    with pytest.raises(WrongUse, match=r"Maximum Grade is 100\.00, the points are of 91"):
        tables.moodle(grades, roster)


def test_nbgrader(tmp_path: Path) -> None:
    """The columns of `nbgrader export`."""
    _, grades = grades_of(tmp_path, "id,first_name,last_name,email\nada,Ada,Lovelace,a@x\nbob,,,\n")
    head, ada, bob = tables.nbgrader(grades, "hw1")
    assert head[:4] == ["assignment", "duedate", "timestamp", "student_id"]
    assert dict(zip(head, ada, strict=True)) == {
        "assignment": "hw1", "duedate": "", "timestamp": "", "student_id": "ada",
        "last_name": "Lovelace", "first_name": "Ada", "email": "a@x", "raw_score": "89",
        "late_submission_penalty": "0", "score": "89", "max_score": "91",
    }  # fmt: skip
    assert (bob[3], bob[-2]) == ("bob", "0")


def test_the_gradebook(tmp_path: Path) -> None:
    _, grades = grades_of(tmp_path, CANVAS)
    grades.append(Grade(None, hand_in("x"), "x-1", record(0, "no archive")))
    head, *rows = tables.gradebook(grades)
    short = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(r["student"], r["late"], r["status"], r["score"], r["3.3b"]) for r in short] == [
        ("Lovelace, Ada", "late", "graded", "89", "2"),
        ("O'Hara, Bob", "", "nothing handed in", "", ""),
        ("x", "", "not graded", "0", "-87"),
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "=HYPERLINK(1)",
        " =1",
        "|x",
        "\0=1",
        "%a",
    ],
)
def test_no_cell_is_a_formula(tmp_path: Path, cell: str) -> None:
    tables.write_table([[cell, "-2.5", "x=1"]], tmp_path / "t.csv")
    with open(tmp_path / "t.csv", newline="", encoding="utf-8") as file:
        first, number, text = next(csv.reader(file))
    assert first == f"'{cell}".replace("\0", "")
    assert (number, text) == ("-2.5", "x=1")


def test_points_of_a_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, grades = grades_of(tmp_path, CANVAS)
    file = tmp_path / "manual.csv"
    file.write_text('name,points,comment\nada,8.5,"clear plots"\n1002,3\nnobody,1\n')
    ada, bob = with_manual(grades, file)
    assert (ada.score, bob.score) == (97.5, 3)
    assert ada.comment.endswith("\nclear plots")
    assert tables.most_points([ada]) == 101
    assert capsys.readouterr().out == "manual: nobody matches nobody\n"


def test_what_has_changed_since_the_last_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, grades = grades_of(tmp_path, CANVAS)
    say_changes(grades, tmp_path)
    assert capsys.readouterr().out == ""
    ada, bob = grades
    say_changes([ada._replace(record=record(91)), bob._replace(record=record(87))], tmp_path)
    shown = capsys.readouterr().out.splitlines()
    assert shown == ["changed: 1001: 89 -> 91", "changed: 1002: nothing -> 87"]
    assert json.loads((tmp_path / "grades.json").read_text()) == {"1001": 91, "1002": 87}


def test_a_roster_that_says_nothing(tmp_path: Path) -> None:
    for text, said in (("", "is empty"), ("a,b\n1,2\n", "expected a header"), ("\xff", "expected")):
        with pytest.raises(WrongUse, match=said):
            roster_of(tmp_path, text)

"""The lines of mistakes are found in the newer courses' hand-ins, too.

The oracles are the places where right solutions were edited.
"""

from __future__ import annotations

import random
import shutil
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from tests.autograder.course import find_course
from tests.autograder.grading import Limits
from tests.autograder.mutants import Mutant
from tests.autograder.options import EFFORT
from tests.autograder.references import load
from tests.autograder.session import Session, grade
from tests.submission.copying import handed_in
from tests.support.course_styles import NAMES, SOLUTIONS, STYLES
from tests.tools.test_courses import mutants, named

Lines = set[tuple[str, int]]


def searched(folder: Path, name: str, effort: float, hints: int = 3) -> Session:
    course = find_course(name)
    with handed_in(folder, course, "hand-in") as one:
        return grade(one.submission, course, load(course), Limits(60.0), effort=effort, hints=hints)


def edited(mutant: Mutant, name: str, folder: Path) -> Lines:
    """The hand-in of a mutant; returns the lines that were changed, and those around a gap."""
    shutil.copytree(SOLUTIONS / name, folder)
    before = (folder / mutant.file).read_text()
    text = before
    for old, new in mutant.edits:
        text = text.replace(old, new)
    (folder / mutant.file).write_text(text)
    changes = SequenceMatcher(None, before.splitlines(), text.splitlines()).get_opcodes()
    return {
        (mutant.file, line)
        for kind, _, _, start, end in changes
        if kind != "equal"
        for line in range(start + (start < end), max(end, start + 1) + 1)
    }


def told(session: Session) -> list[tuple[Lines, str]]:
    """The lines that each repair names, and its change, where there is one."""
    return [
        ({(repair.file, line) for line in (repair.line, *repair.others)}, repair.change)
        for result in session.results
        for repair in result.repairs
        if repair.line
    ]


def near(found: Lines, wrong: Lines) -> bool:
    return any(file == f and abs(line - n) <= 1 for file, line in found for f, n in wrong)


LOCATED = [
    (name, mutant)
    for name in NAMES
    for mutant in mutants(name)
    if mutant.mistake not in find_course(name).undone
]
"""What is merely not done has no wrong line."""


@pytest.mark.long
@pytest.mark.slow
def test_the_lines_of_known_mistakes(tmp_path: Path) -> None:
    """A line elsewhere is no false one where its change makes everything right, too."""
    missed, elsewhere = [], []
    for number, (name, mutant) in enumerate(LOCATED):
        wrong = edited(mutant, name, tmp_path / str(number))
        found = told(searched(tmp_path / str(number), name, EFFORT))
        if not any(near(lines, wrong) or change for lines, change in found):
            missed.append((name, mutant.mistake, found))
        elsewhere += [
            (name, mutant.mistake, lines)
            for lines, change in found
            if not near(lines, wrong) and not change
        ]
    assert elsewhere == []
    assert len(missed) <= 0.05 * len(LOCATED), missed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("cmu-s23", "tanh not squared"),
        ("cmu-s24", "dx averaged"),
        ("cmu-s24-bonus", "mask left out of backward"),
        ("uva-2019", "sign of dx"),
    ],
)
def test_the_search_runs_in_every_course(name: str, mistake: str, tmp_path: Path) -> None:
    """A change is found by the search alone; places are pointed at without it, too."""
    edited(next(m for m in mutants(name) if m.mistake == mistake), name, tmp_path / "it")
    patient = 30 * EFFORT  # a busy machine may take its time
    assert any(change for _, change in told(searched(tmp_path / "it", name, patient)))


@pytest.mark.slow
def test_of_four_wrong_lines_no_change_is_told(tmp_path: Path) -> None:
    """Each of them has a factor 2: fewer changes only halve what they are computed from."""
    mutant = next(m for m in mutants("cmu-s24") if m.mistake == "output doubled")
    wrong = edited(mutant, "cmu-s24", tmp_path / "it")
    assert len(wrong) == 4
    found = told(searched(tmp_path / "it", "cmu-s24", EFFORT))
    assert found
    for lines, change in found:
        assert lines <= wrong
        assert not change


@pytest.mark.slow
def test_some_of_them(tmp_path: Path) -> None:
    """Always the same ones, with the default effort."""
    for number, (name, mutant) in enumerate(random.Random(3).sample(LOCATED, 4)):
        wrong = edited(mutant, name, tmp_path / str(number))
        session = searched(tmp_path / str(number), name, EFFORT)
        assert set(named(session)) == {mutant.mistake}
        found = told(session)
        assert any(near(lines, wrong) or change for lines, change in found), (name, mutant, found)


@pytest.mark.slow
def test_right_solutions_have_no_wrong_line(tmp_path: Path, slow: bool) -> None:
    for number, style in enumerate(STYLES if slow else STYLES[::9]):
        style.write(tmp_path / str(number))
        session = searched(tmp_path / str(number), style.course, EFFORT)
        assert told(session) == [], style.name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("hints", "says"),
    [
        (0, set()),
        (1, {"in LinearModule.forward"}),
        (2, {"modules.py line 13 or 14, in LinearModule.forward"}),
        (3, {"modules.py line 13 or 14, in LinearModule.forward"}),
    ],
)
def test_how_much_is_told_is_chosen(hints: int, says: set[str], tmp_path: Path) -> None:
    """Of a place without a change no more is told than the place."""
    mutant = next(m for m in mutants("uva-2019") if m.mistake == "bias not added")
    edited(mutant, "uva-2019", tmp_path / "it")
    session = searched(tmp_path / "it", "uva-2019", 0.01, hints)
    repairs = [repair for result in session.results for repair in result.repairs]
    assert {repair.sentence for repair in repairs} == says
    assert all("change" not in repair.as_dictionary() for repair in repairs)

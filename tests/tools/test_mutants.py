"""The mutation matrix: the library broken in each known way loses points, and is told how."""

import ast

import pytest

from tests.autograder.course import Course, own_courses
from tests.autograder.matrix import Row, line, rows
from tests.autograder.mutants import PAIRS, Mutant, edited, mutants, of_course, pairs
from tests.support.terminal import columns

SINGLE, DOUBLE = mutants(), pairs()


def graded(*chosen: Mutant) -> Row:
    return next(rows([chosen]))


def test_every_mistake_is_made_by_a_mutant() -> None:
    made = {mutant.mistake for mutant in SINGLE}
    known = {mistake for course in own_courses() for mistake in course.mistakes}
    # what a tensor that is used twice loses depends on the order of the paths; one will do, and
    # test_named.py has hand-ins that make the others
    kept = {f"{of}: the {which} kept" for of in ("gradients of a pass", "gradient of a leaf")
            for which in ("first", "last")}  # fmt: skip
    assert known - made == {"path through the product lost", *kept}


@pytest.mark.parametrize("course", own_courses(), ids=lambda course: course.name)
def test_a_mutant_makes_a_mistake_that_its_course_knows(course: Course) -> None:
    assert {mutant.mistake for mutant in of_course(course)} <= set(course.mistakes)


@pytest.mark.parametrize(
    "chosen", [*((m,) for m in SINGLE), *DOUBLE], ids=lambda c: " + ".join(m.mistake for m in c)
)
def test_what_is_edited_is_still_python(chosen: tuple[Mutant, ...]) -> None:
    for place, text in edited(chosen).items():
        ast.parse(text, place)


def test_an_edit_that_fits_no_more_is_an_error() -> None:
    mutant = SINGLE[0]._replace(edits=(("no such line", ""),))
    with pytest.raises(ValueError, match="has 0 times 'no such line'"):
        edited([mutant])


@pytest.mark.slow
@pytest.mark.many
@pytest.mark.parametrize("mutant", SINGLE, ids=lambda m: f"{m.course.name}: {m.mistake}")
def test_a_mutant_loses_points_and_is_named_first(mutant: Mutant) -> None:
    row = graded(mutant)
    assert row.lost > 0
    assert row.named[:1] == (mutant.mistake,)
    assert max(map(columns, line(row).splitlines())) <= 80


@pytest.mark.slow
@pytest.mark.many
@pytest.mark.parametrize("pair", DOUBLE, ids=lambda p: f"{p[0].mistake} + {p[1].mistake}")
def test_a_pair_of_mistakes_loses_points_and_is_named(pair: tuple[Mutant, Mutant]) -> None:
    row = graded(*pair)
    assert row.lost > 0
    assert row.is_named


def test_there_are_pairs() -> None:
    assert len(DOUBLE) == PAIRS

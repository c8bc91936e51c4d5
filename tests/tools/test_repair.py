"""The line of a mistake is found, and nothing is said of what is right or not written yet.

The oracles are the places where the hand-ins were edited.
"""

import json
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from tests.autograder.course import find_course
from tests.autograder.grading import Limits
from tests.autograder.mutants import ROOT, edited, mutants
from tests.autograder.mutants import write as write_mutants
from tests.autograder.references import load
from tests.autograder.repair.result import Repair
from tests.autograder.results.formats import as_dictionary
from tests.autograder.results.record import Record
from tests.autograder.session import Session, grade
from tests.submission.layout import find
from tests.support import random_mutants
from tests.support.quick import some
from tests.support.style import HAND_INS, write
from tests.support.styles import STYLES
from tests.support.terminal import columns
from tests.tools.test_fairness import COURSES, ONES, PAIRS, leave_out, lost, put

CASES = {case["id"]: case for case in json.loads(HAND_INS.with_suffix(".json").read_text())}
FOUND = (
    *("F01", "F02", "F04", "F05", "F09", "U01", "U02", "U05", "U07", "U10", "U13", "U14", "U16"),
    *("U18", "A03", "A04", "A05", "A08", "Z01", "Z03", "M01", "M02", "M03"),
)
"""The hand-ins with a wrong line, or with one that is missing in a method that is written."""
SEED, COUNT = 17, 300
Lines = set[tuple[str, int]]
M01 = ("mytorch/linear.py", "self.db = delta.sum(axis=0, keepdims=True) / n",
       "self.db = delta.mean(axis=1, keepdims=True)")  # fmt: skip


def searched(folder: Path, word: str, effort: float = 10.0, hints: int = 3) -> Session:
    course = find_course(word)
    return grade(find(folder), course, load(course), Limits(), with_training=False,
                 effort=effort, hints=hints)  # fmt: skip


def told(session: Session) -> list[Lines]:
    """The lines that each repair names."""
    return [
        {(repair.file, line) for line in (repair.line, *repair.others)}
        for result in session.results
        for repair in result.repairs
        if repair.line
    ]


def near(found: Lines, wrong: Lines) -> bool:
    """Whether a line that was named is a wrong one, or the one beside it."""
    return any(file == f and abs(line - n) <= 1 for file, line in found for f, n in wrong)


def lines_of(text: str, piece: str, file: str) -> Lines:
    start = text[: text.index(piece)].count("\n") + 1
    return {(file, line) for line in range(start, start + piece.count("\n") + 1)}


def lines_of_edits(base: str, folder: Path, edits: Sequence[Sequence[str]]) -> Lines:
    """The lines that edits changed, or that have the place of what an edit took out."""
    wrong: Lines = set()
    for file, old, new in edits:
        if new.strip("\n"):
            wrong |= lines_of((folder / file).read_text(), new.strip("\n"), file)
        else:
            text = (HAND_INS / base / file).read_text()
            wrong.add((file, text[: text.index(old)].count("\n") + 1))
    return wrong


@pytest.mark.slow
def test_the_hand_ins_that_were_judged_wrongly(tmp_path: Path, slow: bool) -> None:
    missed = []
    for id in some(FOUND, 3, slow):
        case = CASES[id]
        put(case["base"], tmp_path / id, case["edits"])
        wrong = lines_of_edits(case["base"], tmp_path / id, case["edits"])
        found = told(searched(tmp_path / id, COURSES[case["base"]]))
        if not found or not all(near(lines, wrong) for lines in found):
            missed.append((id, case["truth"], found))
    assert missed == []


@pytest.mark.long
def test_mistakes_made_at_random(tmp_path: Path, slow: bool) -> None:
    """Of those that cost points at least 90 % are found; the others are not written, as it seems.

    A line elsewhere is no false one where a change of it makes everything right, too.
    """
    found, missed, elsewhere = 0, [], []
    for number, mutant in enumerate(some(random_mutants.draw(COUNT, SEED), 3, slow)):
        folder = tmp_path / str(number)
        write(mutant.style, folder)
        (folder / mutant.file).write_text(mutant.text)
        session = searched(folder, COURSES[mutant.style.base])
        if not lost(session) or any(result.unwritten for result in session.results):
            continue
        last = mutant.line + mutant.new.count("\n")
        wrong = {(mutant.file, line) for line in range(mutant.line, last + 1)}
        lines = told(session)
        found += any(near(one, wrong) for one in lines)
        missed += [] if lines else [mutant[1:-1]]
        elsewhere += [(mutant[1:-1], one) for one in lines if not near(one, wrong)]
    share = 0.9 if slow else 0.8  # of five, one may be among those that cannot be found
    assert found >= share * (found + len(missed) + len(elsewhere)), (missed, elsewhere)


@pytest.mark.long
@pytest.mark.slow
def test_the_library_broken_in_known_ways(tmp_path: Path, slow: bool) -> None:
    """The lines are found, but of a few that can be mended elsewhere, or in no method."""
    groups: Sequence[Sequence[object]] = some([(m,) for m in mutants()], 3, slow)
    located = 0
    for number, group in enumerate(groups):
        folder = tmp_path / str(number)
        write_mutants(group, folder)  # type: ignore[arg-type]
        session = searched(folder, group[0].course.command)  # type: ignore[attr-defined]
        wrong = changed_lines(group)
        located += all(any(near(one, lines) for one in told(session)) for lines in wrong)
    assert located >= (0.95 if slow else 0.75) * len(groups)  # of four, one may be missed


def changed_lines(group: Sequence[object]) -> list[Lines]:
    """The lines of each mutant in the text that all of them made.

    Where something was taken out, it is the line that has its place now.
    """
    texts = edited(group)  # type: ignore[arg-type]
    found = []
    for mutant in group:
        place = Path("mytorch") / mutant.file  # type: ignore[attr-defined]
        others = edited([m for m in group if m is not mutant])  # type: ignore[misc]
        before = others.get(place, (ROOT / place).read_text()).splitlines()
        compared = SequenceMatcher(None, before, texts[place].splitlines(), autojunk=False)
        lines: Lines = set()
        for kind, _, _, start, end in compared.get_opcodes():
            if kind != "equal":
                numbers = set(range(start + 1, end + 1)) or {start + 1}
                lines |= {(place.as_posix(), number) for number in numbers}
        found.append(lines)
    return found


@pytest.mark.slow
def test_right_solutions_have_no_wrong_line(tmp_path: Path, slow: bool) -> None:
    for number, style in enumerate(some(STYLES, 3, slow)):
        write(style, tmp_path / str(number))
        assert told(searched(tmp_path / str(number), COURSES[style.base])) == [], style.name


@pytest.mark.slow
def test_what_is_not_written_has_no_wrong_line(tmp_path: Path, slow: bool) -> None:
    wrong = []
    for number, (base, name, way) in enumerate(some(ONES, 3, slow)):
        put(base, tmp_path / str(number))
        leave_out(tmp_path / str(number), name, way)
        found = told(searched(tmp_path / str(number), COURSES[base]))
        wrong += [(base, name, way, found)] if found else []
    assert wrong == []


@pytest.mark.long
@pytest.mark.slow
def test_two_methods_that_are_not_written_have_no_wrong_line(tmp_path: Path, slow: bool) -> None:
    wrong = []
    for number, (base, *names) in enumerate(some(PAIRS, 60 if slow else 3, False)):
        put(base, tmp_path / str(number))
        for name in names:
            leave_out(tmp_path / str(number), name, "returns zeros")
        found = told(searched(tmp_path / str(number), COURSES[base]))
        wrong += [(base, names, found)] if found else []
    assert wrong == []


@pytest.fixture(scope="module")
def axis(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """A hand-in whose `db` is averaged over the wrong axis."""
    folder = tmp_path_factory.mktemp("hand-in") / "it"
    put("classic2020", folder, [M01])
    return searched(folder, "1")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("hints", "said", "hidden"),
    [
        (1, ["in Linear.backward, a sum or mean runs over the wrong axis"], ["linear.py line"]),
        (2, ["mytorch/linear.py line 11, in Linear.backward: a sum or mean"], ["-> `delta"]),
        (3, ["line 11", "`delta.mean(axis=1, keepdims=True)` -> `delta.mean(axis=0,"], []),
    ],
)
def test_how_much_is_told_is_chosen(
    axis: Session, hints: int, said: list[str], hidden: list[str]
) -> None:
    results = [
        result._replace(repairs=tuple(r._replace(hints=hints) for r in result.repairs))
        for result in axis.results
    ]
    session = axis._replace(results=results)
    questions = as_dictionary(Record("it", session))["questions"]
    entries = [entry for question in questions for entry in question["repairs"]]
    text = "\n".join(r.sentence for result in results for r in result.repairs)
    for words in said:
        assert words in text
    for words in hidden:
        assert words not in text + json.dumps(entries)
    told_first = {"message", "method", "kind", "formula", "named"}
    keys = [told_first, {"file", "line", "column", "other_lines"}, {"change"}][:hints]
    assert [set(entry) for entry in entries] == [set().union(*keys)]


@pytest.mark.slow
def test_the_line_is_shown_with_a_mark_under_the_place(axis: Session) -> None:
    (repair,) = (repair for result in axis.results for repair in result.repairs)
    shown = list(repair.shown())
    assert shown[1].strip() == "11 |         self.db = delta.mean(axis=1, keepdims=True)"
    place = slice(shown[2].index("^"), shown[2].rindex("^") + 1)
    assert shown[1][place] == "delta.mean(axis=1, keepdims=True)"
    assert max(map(columns, shown)) <= 72


@pytest.mark.slow
def test_the_same_hand_in_gets_the_same_answer(axis: Session, tmp_path: Path) -> None:
    put("classic2020", tmp_path / "it", [M01])
    again = searched(tmp_path / "it", "1")
    assert [r.repairs for r in again.results] == [r.repairs for r in axis.results]


@pytest.mark.slow
@pytest.mark.parametrize(("effort", "hints"), [(0.0, 3), (10.0, 0)])
def test_where_nothing_may_be_told_nothing_is_searched(
    tmp_path: Path, effort: float, hints: int
) -> None:
    put("classic2020", tmp_path / "it", [M01])
    assert told(searched(tmp_path / "it", "1", effort, hints)) == []


@pytest.mark.slow
def test_at_least_the_method_is_found(tmp_path: Path) -> None:
    """A formula that is wrong throughout: no change of one line mends it."""
    dvar = "(g * (self.x - self.mean) * -0.5 * s ** -3).sum(axis=0, keepdims=True)"
    edit = ("mytorch/batchnorm.py", dvar, "g * g + np.cos(s) ** 2")
    put("classic2020", tmp_path / "it", [edit])
    session = searched(tmp_path / "it", "1", effort=1.0)
    (repair,) = (repair for result in session.results for repair in result.repairs)
    assert (repair.method, repair.line) == ("BatchNorm.backward", 0)
    assert "line" not in repair.as_dictionary()
    text = (tmp_path / "it" / "mytorch" / "batchnorm.py").read_text()
    first = text[: text.index("def backward")].count("\n") + 1
    (method,) = repair.as_dictionary()["methods"]
    assert (method["file"], method["first"]) == ("mytorch/batchnorm.py", first)
    assert text.splitlines()[method["last"] - 1].strip().startswith("return")
    assert f"lines {first} to {method['last']}" in repair.sentence
    assert list(repair.shown()) == []


def test_changes_that_are_needed_together_say_so() -> None:
    found = {"file": "a.py", "line": 3, "column": 1, "end": 2, "method": "A.f", "kind": "sign",
             "change": "`x` -> `-x`", "first": 3, "lines": ["x"], "others": [],
             "assigned": []}  # fmt: skip
    alone = Repair.heard(found)
    assert alone.sentence == "a.py line 3, in A.f: all is right with `x` -> `-x`"
    together = alone._replace(several=True).sentence
    assert together == alone.sentence.replace("all is", "with all changes shown here, all is")
    method = {"name": "A.f", "file": "a.py", "first": 3, "last": 5}
    assert "or in what it calls" in Repair.in_methods([method]).sentence

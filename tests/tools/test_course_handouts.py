"""What the handouts of the courses whose conventions are data have, and what they give away."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.autograder.course import Course
from tests.autograder.handout import files
from tests.autograder.handout.blanking import LEVELS, blanked
from tests.autograder.handout.making import write_handout, write_solution
from tests.conftest import ROOT
from tests.support.course_handouts import blanks, course, graded, handout, made
from tests.support.sharing import bare
from tests.support.waiting import LIMIT

__all__ = ["course", "handout", "made"]


def test_every_file_is_on_the_list_and_no_tool_imports_the_students(
    made: Path, course: Course
) -> None:
    students = {name for name, _ in files.of_course(course)}
    expected = {*files.TOOLS, *files.PLAIN, *files.MADE, *students}
    expected |= dict(files.tools_of_course(course)).keys()
    expected |= {f"tests/library/{name}" for name in files.library_of([course])}
    expected.add(f"data/autograder/{course.name}.npz")
    expected.add(f"tests/autograder/courses/{course.name}/course.toml")
    assert {
        str(p.relative_to(made)) for p in made.rglob("*") if p.is_file() and p.suffix != ".pyc"
    } == expected
    theirs = {Path(name).parts[0].removesuffix(".py") for name in students}
    for path in made.rglob("*.py"):
        if str(path.relative_to(made)) in students:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [a.name for a in node.names] if isinstance(node, ast.Import) else []
            assert not [n for n in names if n.split(".")[0] in theirs], path


@pytest.mark.slow
def test_only_blanks_are_left_to_write_at_every_level(course: Course, tmp_path: Path) -> None:
    lengths = []
    write_solution(course, tmp_path / "solution")
    for level in LEVELS:
        write_handout(tmp_path / level, level, [course])
        told = ""
        for file, _ in files.of_course(course):
            text = (tmp_path / level / file).read_text()
            names = [name for other, name, _ in blanks(course) if other == file]
            names += files.others(course).get(file, ())
            whole = (tmp_path / "solution" / file).read_text()
            assert text == blanked(whole, names, level)
            assert text.count("raise NotImplementedError") == len(names)
            told += "".join(docstrings(text, names))
        lengths.append(len(told))
        assert level == "full" or "exp(" not in told
    assert lengths[0] > lengths[1] > lengths[2] == 0


def docstrings(text: str, names: list[str]) -> list[str]:
    found = []
    for node in ast.parse(text).body:
        start = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for inner in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(inner, ast.FunctionDef) and f"{start}{inner.name}" in names:
                found.append(ast.get_docstring(inner) or "")
    return found


def module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@pytest.mark.slow
def test_nothing_that_can_be_imported_computes_a_blanked_result(
    handout: Path, course: Course, tmp_path: Path
) -> None:
    script = str(ROOT / "tests" / "support" / "leaks.py")

    def look(*prefixes: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, script, str(handout), str(tmp_path), *prefixes], cwd=tmp_path,
            capture_output=True, text=True, timeout=LIMIT, env=bare(), check=False,
            start_new_session=True,
        )  # fmt: skip
        return done.stdout.splitlines()

    # the tools are those of every handout: test_handout.py looks at them
    others = {str(p.relative_to(handout)) for p in handout.rglob("*.py")} - {*files.TOOLS}
    assert look(*map(module, others)) == ["looked at everything"]
    write_solution(course, handout)
    written = {module(file) for file, _, _ in blanks(course)}
    found = {line.partition(":")[0].rpartition(".")[0] for line in look(*written)}
    classes = {name.partition(".")[0] for _, name, _ in blanks(course)}
    seen = {name.rpartition(".")[2] for name in found if name.rpartition(".")[0] in written}
    made_of_others = {"SGD", "Adam", "AdamW", "MLP", "MLP0", "MLP1", "MLP4"}
    assert classes - seen <= {*made_of_others, "Dropout"}  # whose numbers are drawn


def test_no_line_of_a_solution_is_in_it(made: Path, course: Course, tmp_path: Path) -> None:
    write_solution(course, tmp_path)
    lines: set[str] = set()
    for file, name, _ in blanks(course):
        whole = (tmp_path / file).read_text()
        left = blanked(whole, (name,)).splitlines()
        lines |= {line.strip() for line in whole.splitlines() if line not in left}
    code = {line for line in lines if len(line) > 25 and re.search(r" [-+*/@] |np\.", line)}
    code = {line for line in code if re.search(r"[=(]", line) and not line.endswith(".")}
    assert len(code) > 8
    for path in made.rglob("*.py"):
        found = {line.strip() for line in path.read_text().splitlines()} & code
        assert not found, path


@pytest.mark.slow
def test_exactly_what_is_graded_is_blanked(course: Course, tmp_path: Path, slow: bool) -> None:
    """Each blank, left unwritten alone, costs points in its question; each question has one."""
    lost: set[str] = set()
    for number, (file, name, asked) in enumerate(blanks(course)[:: 1 if slow else 4]):
        folder = tmp_path / str(number)
        write_solution(course, folder)
        text = (folder / file).read_text()
        (folder / file).write_text(blanked(text, (name,)))
        session = graded(folder, course)
        missed = {r.question.id for r in session.results if r.score < r.question.points}
        assert asked in missed, name
        assert not [d for r in session.results for d in r.diagnosis], name
        lost |= missed
    given = {q.id for q in course.questions if q.needs[0] in course.description.given}
    assert not slow or lost == {q.id for q in course.questions} - given


def test_the_solution_has_full_points_with_the_staffs_cases(course: Course, tmp_path: Path) -> None:
    write_solution(course, tmp_path)
    session = graded(tmp_path, course)
    assert (session.score, session.max_score) == (session.max_score, session.max_score)
    assert not [c.message for r in session.results for c in r.checks if not c.passed]

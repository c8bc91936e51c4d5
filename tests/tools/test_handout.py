"""What a handout has, and what it gives away, which is nothing."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.autograder.course import Course, own_courses
from tests.autograder.grading import Limits
from tests.autograder.handout import files
from tests.autograder.handout.blanking import LEVELS, blanked
from tests.autograder.handout.making import write_handout
from tests.autograder.properties import CASE
from tests.autograder.references import file_of, load
from tests.autograder.session import Session, grade
from tests.conftest import ROOT
from tests.submission.layout import find
from tests.support.handouts import BLANKS, COURSES, STUDENTS, handout, made, solution
from tests.support.sharing import bare
from tests.support.waiting import LIMIT

__all__ = ["handout", "made", "solution"]


def graded(folder: Path, course: Course, **options: Any) -> Session:
    """By the staff's grader, with the full cases."""
    return grade(find(folder), course, load(course), Limits(60.0), **options)


@pytest.mark.slow
def test_every_file_is_on_the_list(made: Path) -> None:
    expected = {*files.TOOLS, *files.PLAIN, *files.MADE, *STUDENTS}
    expected |= {f"tests/library/{name}" for name in files.LIBRARY}
    for course in own_courses():
        expected |= {*dict(files.tools_of_course(course)), f"data/autograder/{course.name}.npz"}
        expected.add(f"tests/autograder/courses/{course.name}/course.toml")
    found = {
        str(p.relative_to(made)) for p in made.rglob("*") if p.is_file() and p.suffix != ".pyc"
    }
    assert found == expected


def test_the_tools_import_nothing_of_the_students(made: Path) -> None:
    tools = [
        p for p in made.rglob("*.py") if p.relative_to(made).parts[0] not in ("mytorch", "hw1")
    ]
    for path in tools:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [a.name for a in node.names] if isinstance(node, ast.Import) else []
            assert not [n for n in names if n.split(".")[0] in ("mytorch", "hw1")], path


@pytest.mark.slow
def test_nothing_that_can_be_imported_computes_a_blanked_result(made: Path, tmp_path: Path) -> None:
    """By running: every function, class and method is called; the staff's own are recognised."""
    script = str(ROOT / "tests" / "support" / "leaks.py")

    def look(*arguments: object) -> list[str]:
        result = subprocess.run(
            [sys.executable, script, *map(str, arguments)], cwd=tmp_path, capture_output=True,
            text=True, timeout=LIMIT, env=bare(), check=False, start_new_session=True,
        )  # fmt: skip
        return result.stdout.splitlines()

    assert look(made, tmp_path) == ["looked at everything"]
    staffs = look(ROOT, tmp_path, "tests.autograder.courses")
    assert staffs[-1] == "looked at everything"
    for known in (
        "cmu_s19_s20.formulas.slope",
        "cmu_s19_s20.model.Linear.backward",
        "cmu_s19_s20.standins.BatchNorm.forward",
        "cmu_f20.standins.unbroadcast",
    ):
        assert any(line.startswith(f"tests.autograder.courses.{known}: ") for line in staffs)


def test_a_filled_in_blank_is_found(handout: Path, solution: Path, tmp_path: Path) -> None:
    """The test above sees the student's files, too."""
    shutil.copy(solution / "mytorch" / "loss.py", handout / "mytorch" / "loss.py")
    result = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "support" / "leaks.py"), str(handout), str(tmp_path),
         "mytorch.loss"], capture_output=True, text=True, timeout=LIMIT, check=False,
        start_new_session=True,
    )  # fmt: skip
    assert "mytorch.loss.SoftmaxCrossEntropy.forward: cross-entropy" in result.stdout


def test_the_stored_cases_are_few_and_others_than_the_staffs(made: Path) -> None:
    for course in own_courses():
        full = load(course).cases
        with (
            np.load(made / file_of(course).relative_to(ROOT), allow_pickle=False) as own,
            np.load(file_of(course), allow_pickle=False) as staffs,
        ):
            kept = {tuple(name.split("|")[:2]) for name in own.files if name != "seed"}
            exercises = sorted(exercise for exercise, case in kept if case != CASE)
            assert exercises == sorted(full)  # one case each
            assert len(exercises) < 0.5 * sum(map(len, full.values()))
            same = [n for n in own.files if n in staffs.files and np.array_equal(own[n], staffs[n])]
            random = [n for n in same if own[n].dtype.kind == "f" and own[n].size > 4]
            assert not [n for n in random if len(np.unique(own[n])) > 2]


@pytest.mark.slow
def test_no_line_of_a_solution_is_in_it(made: Path, solution: Path) -> None:
    lines: set[str] = set()
    for _, file, name, _ in BLANKS:
        whole = (solution / file).read_text().splitlines()
        left = blanked((solution / file).read_text(), (name,)).splitlines()
        lines |= {line.strip() for line in whole if line not in left and len(line.strip()) > 25}
    code = {line for line in lines if re.search(r" [-+*/@] |np\.|apply\(", line)}
    code = {line for line in code if re.search(r"[=(]", line) and not line.endswith(".")}
    for path in made.rglob("*.py"):
        found = {line.strip() for line in path.read_text().splitlines()} & code
        assert not found - {"g = grad_output.data"}, path


# --- blanks and questions -----------------------------------------------------------------------


def test_bodies_go_and_docstrings_tell_as_much_as_is_asked_for() -> None:
    text = (
        'class A:\n    def f(self):\n        """Adds.\n\n        a + b\n        """\n'
        "        return 1\n\n    def g(self): return 2\n\n\ndef h(\n    a,\n):\n    return a\n"
    )
    rest = "\n    def g(self): return 2\n\n\ndef h(\n    a,\n):\n    raise NotImplementedError\n"
    head, body = "class A:\n    def f(self):\n", "        raise NotImplementedError\n"
    full = '        """Adds.\n\n        a + b\n        """\n'
    for level, told in zip(LEVELS, (full, '        """Adds."""\n', ""), strict=True):
        assert blanked(text, ("A.f", "h"), level) == head + told + body + rest
    with pytest.raises(ValueError, match=r"there is no A\.x"):
        blanked(text, ("A.x",))


def test_only_blanks_are_left_to_write_and_the_solution_only_fills_them_in(
    made: Path, solution: Path
) -> None:
    for name in STUDENTS:
        blanks = [n for _, file, n, _ in BLANKS if file == name]
        text = (made / name).read_text()
        assert text.count("raise NotImplementedError") == len(blanks), name
        assert blanked((solution / name).read_text(), blanks) == text


@pytest.mark.slow
def test_the_docstrings_of_a_handout(tmp_path: Path, solution: Path) -> None:
    lengths = []
    for level in LEVELS:
        write_handout(tmp_path / level, level)
        functions = [(f, n) for _, f, n, _ in BLANKS]
        told = [docstring(tmp_path / level / f, n) for f, n in functions]
        lengths.append(sum(map(len, told)))
        assert level == "signatures" or all(told)
        if level != "full":
            assert not [t for t in told if "exp(" in t or "dmean" in t or "\n\n" in t]
    assert lengths[0] > 2 * lengths[1] > lengths[2] == 0


def docstring(file: Path, name: str) -> str:
    body: Any = ast.parse(file.read_text())
    for part in name.split("."):
        body = next(n for n in body.body if getattr(n, "name", "") == part)
    return ast.get_docstring(body) or ""


def without(name: str, file: str, solution: Path, target: Path) -> Path:
    """The solution, with one function left unwritten."""
    shutil.copytree(solution, target)
    text = (target / file).read_text()
    (target / file).write_text(blanked(text, (name,)))
    return target


@pytest.mark.slow
def test_exactly_what_is_graded_is_blanked(solution: Path, tmp_path: Path, slow: bool) -> None:
    """Each blank, left unwritten alone, costs points in its question; each question has one."""
    lost: dict[str, set[str]] = {title: set() for title in COURSES}
    for number, (title, file, name, question) in enumerate(BLANKS[:: 1 if slow else 4]):
        course = COURSES[title]
        folder = without(name, file, solution, tmp_path / str(number))
        is_training = question == course.training.id
        session = graded(folder, course, with_training=is_training)
        if is_training:
            assert session.training is not None
            assert "NotImplementedError" in session.training.summary, name
            lost[title].add(question)
        else:
            missed = {r.question.id for r in session.results if r.score < r.question.points}
            assert question in missed, name
            assert not [d for r in session.results for d in r.diagnosis], name
            lost[title] |= missed
    for title, course in COURSES.items() if slow else ():
        assert lost[title] == {q.id for q in (*course.questions, course.training)}


@pytest.mark.slow
@pytest.mark.parametrize("title", COURSES)
def test_the_solution_has_full_points_with_the_staffs_cases(title: str, solution: Path) -> None:
    session = graded(solution, COURSES[title])
    assert session.score == session.max_score
    assert session.training is not None
    assert "did not run" not in session.training.summary

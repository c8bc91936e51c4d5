"""What a student sees first: of a new handout, and of half-written work."""

import ast
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.autograder import report
from tests.autograder.course import find_course, own_courses
from tests.autograder.grading import Limits
from tests.autograder.handout import files
from tests.autograder.places import is_idle
from tests.conftest import ROOT
from tests.support.grading import Grade, reports, tanh
from tests.support.handouts import made, solution
from tests.support.terminal import Paint, columns
from tests.support.unwritten import WAYS, unwritten
from tests.support.waiting import LIMIT

__all__ = ["made", "solution"]

pytestmark = pytest.mark.slow
ROWS = 24
RAISES = "raise NotImplementedError"


def run(folder: Path, *arguments: object) -> Any:
    return subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=folder, capture_output=True, text=True,
        timeout=LIMIT, check=False,
    )  # fmt: skip


@pytest.fixture
def half_written(made: Path, tmp_path: Path) -> Callable[[str, str, str], Path]:
    """A handout with an edit."""

    def make(file: str, old: str, new: str) -> Path:
        folder = tmp_path / "mine"
        shutil.copytree(made, folder)
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new))
        return folder

    return make


def shown(graded: Grade, *arguments: Any, full: bool = False, **options: Any) -> str:
    lines = list(report.table(graded(*arguments, **options), Paint(False), full, "./grade.sh 1"))
    assert max(map(columns, lines)) <= 80
    return "\n".join(lines)


@pytest.mark.parametrize("course", own_courses(), ids=lambda course: course.name)
def test_the_report_of_a_new_handout_is_one_screen(made: Path, course: Any) -> None:
    result = run(made, "-m", "tests.autograder", course.command)
    lines = result.stdout.splitlines()
    assert len(lines) < ROWS
    assert max(map(columns, lines)) <= 80
    (begin,) = (i for i, line in enumerate(lines) if line.startswith("Not written yet"))
    listed = [line.split()[0] for line in lines[begin + 1 : lines.index("", begin)]]
    assert listed == [*(q.id for q in course.questions), course.training.id]
    first = course.questions[0]
    write = next(line for line in lines if line.startswith("Write first: "))
    place = re.fullmatch(r"Write first: (\S+\.py): (\w+)\.(\w+), (00\d §[\d.]+)", write)
    assert place is not None
    assert place[4] == first.source
    source = (made / place[1]).read_text()
    assert f"class {place[2]}" in source
    assert f"def {place[3]}(" in source
    command = next(line for line in lines if line.startswith("Check it alone: "))
    assert command == f"Check it alone: ./grade.sh {course.command} --question {first.id}"
    alone = run(made, "-m", "tests.autograder", *command.split()[4:])
    assert f"0 of {first.points:g} points" in alone.stdout
    assert write in alone.stdout


@pytest.mark.parametrize("way", WAYS)
def test_a_homework_that_is_not_written_in_any_way_is_one_screen(
    made: Path, tmp_path: Path, way: str, slow: bool
) -> None:
    """No points, no accusation, and what to write first, by the handout's tools and the staff's.

    By the handout's for half of the ways; for all with --slow.
    """
    folder = shutil.copytree(made, tmp_path / "mine")
    for course in own_courses():
        for file, names in files.blanks(course).items():
            for name in names:
                text = (folder / file).read_text()
                (folder / file).write_text(unwritten(text, name, way))
    commands = [(course.command, str(folder)) for course in own_courses()]
    for tools in (folder, ROOT) if slow or way in [*WAYS][::2] else (ROOT,):
        for course, text in zip(own_courses(), reports(tools, commands), strict=True):
            blanks = [(f, n) for f, names in files.blanks(course).items() for n in names]
            lines = text.splitlines()
            assert len(lines) < ROWS
            assert f"0 of {100 if course.title == 'autograd' else 96} points" in lines
            assert "mistake" not in "".join(lines)
            begin = next(i for i, line in enumerate(lines) if line.startswith("Not written yet"))
            listed = [line.split()[0] for line in lines[begin + 1 : lines.index("", begin)]]
            assert listed == [*(q.id for q in course.questions), course.training.id]
            write = next(line for line in lines if line.startswith("Write first: "))
            assert write.startswith(f"Write first: {': '.join(blanks[0])}, 00")


def test_what_computes_nothing_is_known_by_its_source() -> None:
    def idle(body: str) -> bool:
        (function,) = ast.parse(f"def f(self, x):\n    'It.'\n    {body}").body
        assert isinstance(function, ast.FunctionDef)
        return is_idle(function)

    idles = ["pass", "...", "return", "return x", "return np.zeros((3, 2))", "y = x; return y"]
    for body in (*idles, "raise NotImplementedError('later')", "raise NotImplemented", "return 0"):
        assert idle(body), body
    operators = ["return -x", "return x + 1", "return x > 0", "x *= 2"]
    calls = ["return F.apply(x)", "return np.ones(3)", "raise ValueError('x')"]
    for body in (*operators, *calls, "self.x = x", "x[0] = 1"):
        assert not idle(body), body


def test_what_is_to_be_written_next_is_named_in_the_order_of_the_course(graded: Grade) -> None:
    text = shown(graded, "", "self.state = np.tanh(x)\n        return self.state", RAISES)
    assert "Write next: hw1.py: Tanh.forward, 000 §3.3\n" in text
    assert "Check it alone: ./grade.sh 1 --question 3.3b\n" in text
    assert "wrong:" not in text
    derivative = "return self.sm - self.labels"
    text = shown(graded, tanh(RAISES), derivative, "pass")
    assert "2.1     Softmax cross-entropy              3.00 of 5" in text
    assert re.search(
        r"  not written yet: hw1.py: SoftmaxCrossEntropy.derivative \(line \d+\)\n", text
    )
    assert "Write next: hw1.py: SoftmaxCrossEntropy.derivative, 000 §2.1\n" in text
    text = shown(graded, "", derivative, "self.sm - self.labels")  # it computes, and gives nothing
    assert "perhaps not written yet: backward/derivative is None" in text
    assert "Write" not in shown(graded)


def test_one_cause_is_said_once_with_the_line_of_the_student(graded: Grade) -> None:
    old, new = "x = x @ self.W[i] + self.b[i]", "x = x @ self.W[i].reshape(3, -1) + self.b[i]"
    text = shown(graded, "", old, new)
    assert text.count(new) == 1
    assert text.count("cannot reshape array") == 1
    assert f"          hw1.py, in MLP.forward: {new}\n" in text
    assert "wrong: one hidden layer: forward/out" in text
    assert "the same as in 3.2" in text
    assert text.count("has no attribute 'output'") == 1  # which follows from it


def test_a_check_in_another_file_is_shown_with_the_line_that_called_it(
    half_written: Callable[[str, str, str], Path],
) -> None:
    line = "import checking; return checking.same(x, 1)"
    folder = half_written("mytorch/activation.py", RAISES, line.replace("x", "self"))
    check = "raise ValueError('expected equal shapes')"
    (folder / "mytorch" / "checking.py").write_text(f"def same(a, b):\n    {check}\n")
    lines = run(folder, "-m", "tests.autograder", "1").stdout.splitlines()
    for name in ("Sigmoid", "Tanh", "ReLU"):
        begin = next(i for i, text in enumerate(lines) if text.startswith("          mytorch/")
                     and f"in {name}.forward:" in text)  # fmt: skip
        said = " ".join(" ".join(lines[begin : begin + 4]).split())
        assert said.startswith(
            f"mytorch/activation.py, in {name}.forward: {line.replace('x', 'self')} "
            f"mytorch/checking.py, in same: {check}"
        )


def test_a_syntax_error_is_said_once(graded: Grade) -> None:
    text = shown(graded, "", "return 1 - self.state**2", "return 1 - (self.state**2")
    assert text.count("SyntaxError") == 1
    assert text.count("          hw1.py: return 1 - (self.state**2\n") == 1
    assert text.count("missing: the same as in 2.1\n") == 8
    assert "Python runs no line of a file with a syntax error" in " ".join(text.split())


def test_a_class_that_is_not_there_is_said_with_the_file_that_should_have_it(graded: Grade) -> None:
    text = shown(graded, "", "class Tanh(", "class TanH(")
    assert "missing: there is no class Tanh in hw1.py\n" in text


def test_full_has_the_traceback_of_the_students_code(graded: Grade) -> None:
    code = tanh("return _inner(x)") + "\n\ndef _inner(x):\n    raise ValueError('here')\n"
    text = shown(graded, code, full=True)
    outer = re.search(r"hw1.py, line \d+, in Tanh.forward: return _inner\(x\)\n", text)
    inner = re.search(r"hw1.py, line \d+, in _inner: raise ValueError\('here'\)\n", text)
    assert outer is not None
    assert inner is not None
    assert outer.start() < inner.start()
    assert text.count(inner[0]) == 1
    assert "exam.py" not in text
    assert "return _inner" not in shown(graded, code)


def test_the_first_lines_that_are_printed_are_shown(graded: Grade) -> None:
    code = "import sys\n[print('a line', n) for n in range(30)]\nreturn np.tanh(x)"
    text = shown(graded, tanh(code) + "\nprint('at import'); print('error', file=sys.stderr)\n")
    begin = text.index("3.3b ")
    section = text[begin : text.index("3.3c ")]
    assert section.count("        | a line ") == 20
    assert "| a line 19\n        these are the first 20 lines of it\n" in section
    assert text.count("| at import") == 1
    assert text.index("| at import") < text.index("2.1 ")


def test_what_is_printed_is_not_lost_in_an_endless_loop(graded: Grade) -> None:
    text = shown(graded, tanh("print('before it')\nwhile True: pass"), limits=Limits(0.5))
    assert text.count("| before it") >= 1


def test_the_sandbox_of_a_handout_survives_the_students_code(
    half_written: Callable[[str, str, str], Path],
) -> None:
    folder = half_written("mytorch/linear.py", RAISES, "import os; os._exit(7)")
    result = run(folder, "sandbox.py", "--section", "2.1.1")
    assert result.returncode == 1
    assert "ended the process (exit code 7)" in " ".join(result.stderr.split())
    assert "mismatch" in result.stdout


def test_the_sandbox_of_a_handout_says_where_a_syntax_error_is(
    half_written: Callable[[str, str, str], Path],
) -> None:
    folder = half_written("mytorch/linear.py", RAISES, "x = = 1")
    result = run(folder, "sandbox.py", "--section", "2.1.1")
    assert result.returncode == 1
    assert "SyntaxError: invalid syntax (linear.py, line " in " ".join(result.stdout.split())
    assert "Traceback" not in result.stderr


def test_a_hand_in_says_its_score_first(made: Path, tmp_path: Path) -> None:
    handin = "-m", "tests.autograder.handing", "handin", made, "--without-plots"
    result = run(ROOT, *handin, "--name", "alice.b")
    assert result.returncode == 0, result.stderr
    *scores, wrote = result.stdout.splitlines()
    assert [line.partition(";")[0] for line in scores] == [
        "classic homework: 0 of 96 points",
        "autograd homework: 0 of 100 points",
    ]
    assert wrote.startswith(f"wrote {made / 'alice.b.tar'}, ")
    full = run(ROOT, *handin, "--full", "--output", tmp_path / "x.tar").stdout.splitlines()
    with tarfile.open(made / "alice.b.tar") as archive:
        assert archive.getnames() == full[2:-1]
    assert "expected a name" in run(ROOT, *handin, "--name", "../x").stderr


@pytest.mark.parametrize("grade", ["1", "a"])
def test_training_half_written_work_says_what_is_missing(made: Path, grade: str) -> None:
    part = {"1": "classic", "a": "autograd"}[grade]
    result = run(made, "-m", "tests.autograder.practice", part, "--data", "digits")
    assert result.returncode == 1
    assert re.fullmatch(
        rf"{part} hw1/\S+\.py, line \d+: [\w.]+ is not written yet; "
        rf"\./grade\.sh {grade} says what to write first",
        " ".join(result.stderr.split()),
    )
    assert max(map(columns, result.stderr.splitlines())) <= 80


def test_training_with_a_syntax_error_says_where(
    half_written: Callable[[str, str, str], Path],
) -> None:
    folder = half_written("mytorch/loss.py", RAISES, "x = = 1")
    result = run(folder, "-m", "tests.autograder.practice", "classic", "--data", "digits")
    assert result.returncode == 1
    said = " ".join(result.stderr.split())
    assert re.search(r"SyntaxError: invalid syntax \(loss.py, line \d+\)", said)
    assert "Traceback" not in said


def test_one_homework_alone_is_trained(made: Path, solution: Path, tmp_path: Path) -> None:
    """A student of the autograd homework has nothing of the classic one, and the other way."""
    course = find_course("autograd")
    folder = shutil.copytree(made, tmp_path / "mine")
    for name in files.blanks(course):
        shutil.copy(solution / name, folder / name)
    result = run(folder, "-m", "tests.autograder.practice", "--data", "digits")
    assert result.returncode == 0, result.stderr
    assert "autograd digits: validation accuracy 0." in result.stdout
    assert (folder / "hw1" / "validation_accuracy.png").is_file()
    assert "is not written yet" in " ".join(result.stderr.split())

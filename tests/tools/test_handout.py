"""What a handout gives away, which is nothing, and what its tools do with whatever is in it."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.autograder.course import Course, all_courses
from tests.autograder.grading import Limits
from tests.autograder.handout import files
from tests.autograder.handout.blanking import LEVELS, blanked
from tests.autograder.handout.making import write_handout, write_solution
from tests.autograder.references import file_of, load
from tests.autograder.session import Session, grade
from tests.conftest import ROOT
from tests.submission.layout import find
from tests.support.styles import STYLES, write
from tests.support.waiting import LIMIT

COURSES = {course.title: course for course in all_courses()}
BLANKS = [
    (title, file, name, question)
    for title, course in COURSES.items()
    for file, names in course.module("handout").BLANKS.items()
    for name, question in names.items()
]
STUDENTS = sorted({name for course in all_courses() for name, _ in files.of_course(course)})
COMMANDS = {
    "1": ("-m", "tests.autograder", "1", "--no-training"),
    "a": ("-m", "tests.autograder", "a", "--no-training"),
    "m": ("-m", "tests.autograder.practice", "--data", "digits", "--epochs", "2"),
    "handin": ("-m", "tests.autograder.handing", "handin", "--without-plots"),
    "sandbox": ("sandbox.py",),
}
Run = Callable[..., Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new") / "a handout"
    write_handout(folder)
    return folder


@pytest.fixture
def handout(made: Path, tmp_path: Path) -> Path:
    """A handout that a test may change."""
    return shutil.copytree(made, tmp_path / "handout")


@pytest.fixture(scope="module")
def solution(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("solution")
    for course in all_courses():
        write_solution(course, folder)
    return folder


def run(handout: Path, command: str, *options: str) -> Any:
    """A command as `grade.sh` runs it in a handout, but with this interpreter."""
    return subprocess.run(
        [sys.executable, *COMMANDS[command], *options], cwd=handout, capture_output=True,
        text=True, timeout=LIMIT, env={"PATH": "", "MPLBACKEND": "Agg"}, check=False,
    )  # fmt: skip


def graded(folder: Path, course: Course, **options: Any) -> Session:
    """By the staff's grader, with the full cases."""
    return grade(find(folder), course, load(course), Limits(60.0), **options)


# --- what is in it ------------------------------------------------------------------------------


def test_every_file_is_on_the_list(made: Path) -> None:
    expected = {*files.TOOLS, *files.PLAIN, *files.MADE, *STUDENTS}
    expected |= {f"tests/library/{name}" for name in files.LIBRARY}
    for course in all_courses():
        expected |= {*files.tools_of_course(course), f"data/autograder/{course.name}.npz"}
    found = {str(p.relative_to(made)) for p in made.rglob("*") if p.is_file()}
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
            text=True, timeout=LIMIT, env={"PATH": ""}, check=False, start_new_session=True,
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
    for course in all_courses():
        full, few = load(course), course.module("handout").CASES
        assert few.keys() == full.cases.keys()
        count = sum(len(cases) for cases in full.cases.values())
        assert len(few) < 0.5 * count
        with (
            np.load(made / file_of(course).relative_to(ROOT), allow_pickle=False) as own,
            np.load(file_of(course), allow_pickle=False) as staffs,
        ):
            same = [n for n in own.files if n in staffs.files and np.array_equal(own[n], staffs[n])]
            random = [n for n in same if own[n].dtype.kind == "f" and own[n].size > 4]
            assert not [n for n in random if len(np.unique(own[n])) > 2]


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
def test_exactly_what_is_graded_is_blanked(solution: Path, tmp_path: Path) -> None:
    """Each blank, left unwritten alone, costs points in its question; each question has one."""
    lost: dict[str, set[str]] = {title: set() for title in COURSES}
    for number, (title, file, name, question) in enumerate(BLANKS):
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
    for title, course in COURSES.items():
        assert lost[title] == {q.id for q in (*course.questions, course.training)}


@pytest.mark.parametrize("title", COURSES)
def test_the_solution_has_full_points_with_the_staffs_cases(title: str, solution: Path) -> None:
    session = graded(solution, COURSES[title])
    assert session.score == session.max_score
    assert session.training is not None
    assert "did not run" not in session.training.summary


# --- the tools of a handout ---------------------------------------------------------------------


@pytest.mark.slow
def test_a_fresh_handout_has_no_points_and_accuses_nobody(made: Path) -> None:
    for homework in ("1", "a"):
        result = run(made, homework)
        assert result.returncode == 1
        assert "\n0 of " in result.stdout
        assert "mistake" not in result.stdout
        assert "Traceback" not in result.stderr
    said = run(made, "1", "--question", "3.2").stdout
    assert "waits for Softmax cross-entropy (2.1), Linear layer (linear)" in said
    result = run(made, "m")
    assert result.returncode == 1
    first, second = result.stderr.splitlines()
    assert first.startswith("classic  not written yet: hw1.py, line ")
    assert second.startswith("autograd not written yet: mnist.py, line ")
    assert "mismatches" in run(made, "sandbox").stdout


@pytest.mark.slow
def test_the_solution_goes_in_step_by_step(handout: Path, solution: Path) -> None:
    """With every file that is filled in the local report gets better, until all is right."""
    for homework, last in (("classic", "96 of 96 points"), ("autograd", "100 of 100 points")):
        course, points = COURSES[homework], [0.0]
        for name in course.module("handout").BLANKS:
            shutil.copy(solution / name, handout / name)
            stdout = run(handout, course.command).stdout
            points.append(float(re.findall(r"^([\d.]+) of \d+ points$", stdout, re.M)[0]))
        assert points == sorted(points)
        assert last in stdout
    result = run(handout, "sandbox")
    assert result.returncode == 0, result.stdout
    assert "0 mismatches" in result.stdout
    result = run(handout, "m")
    assert result.returncode == 0, result.stderr
    assert "validation loss" in result.stdout
    assert run(handout, "handin").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", STUDENTS)
def test_a_syntax_error_breaks_no_tool(name: str, handout: Path, solution: Path) -> None:
    shutil.copytree(solution, handout, dirs_exist_ok=True)
    (handout / name).write_text("def f(:\n")
    for command in COMMANDS:
        result = run(handout, command)
        assert "Traceback" not in result.stdout + result.stderr
        assert result.returncode in ((0,) if command == "handin" else (0, 1))
    said = "".join(run(handout, command).stdout for command in ("1", "a"))
    if name.partition("/")[2] not in ("mnist.py", "__init__.py", "nn/sequential.py"):
        assert "SyntaxError" in said  # those are asked by the training alone, or hold nothing


WRONG = (
    ("mytorch/activation.py", "1 / (1 + np.exp(-x))", "1 / (1 + np.exp(x))", "3.3a"),
    ("mytorch/activation.py", "1 - self.state**2", "1 - self.state", "3.3b"),
    ("mytorch/activation.py", "(self.state > 0) * 1.0", "(self.state >= 0) * 1.0", "3.3c"),
    ("mytorch/linear.py", "delta / len(delta)", "delta", "linear"),
    ("mytorch/linear.py", "return delta @ self.W.T", "return delta @ self.W.T / 2", "linear"),
    ("mytorch/batchnorm.py", "x.var(axis=0, ", "x.var(axis=0, ddof=1, ", "3.5a"),
    ("mytorch/batchnorm.py", "/ std**3", "/ std**2", "3.5a"),
    ("mytorch/loss.py", "- self.labels", "+ self.labels", "2.1"),
    ("mytorch/loss.py", "x - x.max(axis=1, keepdims=True)", "x", "2.1"),
    ("hw1/hw1.py", "delta = delta * self.activations[i].derivative()", "pass", "3.4"),
    ("hw1/hw1.py", "self.momentum * layer.momentum_W - ", "-", "3.6"),
    ("mytorch/nn/functional.py", "-g * a.data / b.data**2", "g * a.data / b.data**2", "1.1c"),
    ("mytorch/nn/batchnorm.py", "m / max(m - 1, 1)", "1", "2.4"),
    ("mytorch/nn/loss.py", "/ float(-m)", "/ -1.0", "2.5"),
)  # fmt: skip


@pytest.mark.slow
def test_wrong_formulas_are_found_without_a_right_one(handout: Path, solution: Path) -> None:
    """Each is found by the properties alone, too, though no right answer is stored for those."""
    autograd = {(f, q) for title, f, _, q in BLANKS if title == "autograd"}
    for file, old, new, question in WRONG:
        shutil.copytree(solution, handout, dirs_exist_ok=True)
        text = (handout / file).read_text()
        assert old in text
        (handout / file).write_text(text.replace(old, new, 1))
        homework = "a" if (file, question) in autograd else "1"
        stdout = run(handout, homework, "--question", question, "--full").stdout
        assert re.search(r"wrong: properties: .*", stdout), (file, new, stdout)
        assert "mistake" not in stdout


@pytest.mark.slow
def test_right_solutions_in_other_styles_keep_their_properties(made: Path, tmp_path: Path) -> None:
    chosen = [*STYLES[::5], *(style for style in STYLES if style.name == "flat biases")]
    for number, style in enumerate(chosen):
        folder = tmp_path / str(number)
        write(style, folder)
        result = run(made, "a" if style.base == "autograd" else "1", str(folder))
        assert result.returncode == 0, (style.name, result.stdout)


def test_the_training_is_the_students_own(handout: Path, solution: Path) -> None:
    """It takes the loss that `forward` returns, and draws what `get_training_stats` returns."""
    shutil.copytree(solution, handout, dirs_exist_ok=True)
    for path in handout.rglob("*.py"):
        assert ".loss" not in path.read_text().replace("nn.loss", "").replace("mytorch.loss", "")
    hw1 = handout / "hw1" / "hw1.py"
    own = "\n\ndef get_training_stats(*arguments):\n    return [np.array([0.5, 0.25])] * 4\n"
    assert run(handout, "m", "classic").returncode == 0
    hw1.write_text(hw1.read_text() + own)
    result = run(handout, "m", "classic")
    assert "validation loss 0.2500, error 0.2500" in result.stdout
    assert (handout / "hw1" / "train_loss.png").exists()


def test_no_command_is_offered_that_cannot_work(made: Path) -> None:
    usage = subprocess.run(
        ["bash", "grade.sh"], cwd=made, capture_output=True, text=True, timeout=LIMIT, check=True
    ).stdout
    offered = set(re.findall(r"^  (\w+) ", usage, re.M))
    assert offered == {"m", "1", "a", "handin"}
    for word in ("handout", "mutants", "test", "bench", "lint"):
        refused = subprocess.run(
            ["bash", "grade.sh", word], cwd=made, capture_output=True, text=True, timeout=LIMIT,
            check=False,
        )  # fmt: skip
        assert refused.returncode == 2
        assert f"there is no command '{word}' in a handout" in refused.stderr
    for option in ("--platform", "--fresh", "--seed"):
        assert option not in run(made, "1", "--help").stdout
    for option in ("--errata", "--dot"):
        assert option not in run(made, "sandbox", "--help").stdout
    readme = (made / "README.md").read_text()
    numbers = set(re.findall(r"\b(00\d) ", "".join((made / n).read_text() for n in STUDENTS)))
    assert numbers == {"000", "001", "002"}
    assert all(f"| {number} | *" in readme for number in numbers)


def test_a_handout_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    with pytest.raises(FileExistsError, match="holds something already"):
        write_handout(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]

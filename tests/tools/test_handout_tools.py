"""What the tools of a handout say of whatever is in it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.autograder.handout import files
from tests.autograder.handout.making import write_handout
from tests.support.grading import reports
from tests.support.handouts import BLANKS, COMMANDS, COURSES, STUDENTS, handout, made, run, solution
from tests.support.quick import some
from tests.support.style import write
from tests.support.styles import STYLES
from tests.support.waiting import LIMIT

__all__ = ["handout", "made", "solution"]


@pytest.mark.slow
def test_a_fresh_handout_has_no_points_and_accuses_nobody(made: Path) -> None:
    for homework in ("1", "a"):
        result = run(made, homework)
        assert result.returncode == 1
        assert "\n0 of " in result.stdout
        assert "mistake" not in result.stdout
        assert "Traceback" not in result.stderr
    said = " ".join(run(made, "1", "--question", "3.2").stdout.split())
    assert "waits for Softmax cross-entropy (2.1), Linear layer (linear)" in said
    result = run(made, "m")
    assert result.returncode == 1
    said = " ".join(result.stderr.split())
    assert re.fullmatch(
        r"classic hw1/hw1\.py, line \d+: get_training_stats is not written yet; "
        r"\./grade\.sh 1 says what to write first "
        r"autograd hw1/mnist\.py, line \d+: mnist is not written yet; "
        r"\./grade\.sh a says what to write first",
        said,
    )
    assert "mismatches" in run(made, "sandbox").stdout


@pytest.mark.slow
def test_the_solution_goes_in_step_by_step(handout: Path, solution: Path) -> None:
    """With every file that is filled in the local report gets better, until all is right."""
    for homework, last in (("classic", "96 of 96 points"), ("autograd", "100 of 100 points")):
        course, points = COURSES[homework], [0.0]
        for name in files.blanks(course):
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
def test_a_syntax_error_breaks_no_tool(handout: Path, solution: Path, slow: bool) -> None:
    for name in some(STUDENTS, 2, slow):
        shutil.copytree(solution, handout, dirs_exist_ok=True)
        (handout / name).write_text("def f(:\n")
        found = {command: run(handout, command) for command in COMMANDS}
        for command, result in found.items():
            assert "Traceback" not in result.stdout + result.stderr, (name, command)
            assert result.returncode in ((0,) if command == "handin" else (0, 1)), (name, command)
        said = found["1"].stdout + found["a"].stdout
        if name.partition("/")[2] not in ("mnist.py", "__init__.py", "nn/sequential.py"):
            assert "SyntaxError" in said, name  # those are asked by the training alone, or empty


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
def test_wrong_formulas_are_found_without_a_right_one(
    made: Path, solution: Path, tmp_path: Path
) -> None:
    """Each is found by the properties alone, too, though no right answer is stored for those."""
    autograd = {(f, q) for title, f, _, q in BLANKS if title == "autograd"}
    commands = []
    for number, (file, old, new, question) in enumerate(WRONG):
        folder = shutil.copytree(solution, tmp_path / str(number))
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1))
        homework = "a" if (file, question) in autograd else "1"
        commands.append((homework, str(folder), "--question", question, "--full"))
    for (file, _, new, _), text in zip(WRONG, reports(made, commands), strict=True):
        assert re.search(r"wrong: properties: .*", text), (file, new, text)
        assert "mistake" not in text


@pytest.mark.slow
def test_right_solutions_in_other_styles_keep_their_properties(made: Path, tmp_path: Path) -> None:
    named = "flat biases", "float32"
    chosen = dict.fromkeys([*STYLES[::5], *(s for s in STYLES if s.name.startswith(named))])
    assert sum(style.name.startswith("float32") for style in chosen) >= 3
    commands = []
    for number, style in enumerate(chosen):
        write(style, tmp_path / str(number))
        homework = "a" if style.base == "autograd" else "1"
        commands.append((homework, str(tmp_path / str(number))))
    for style, text in zip(chosen, reports(made, commands), strict=True):
        assert re.search(r"^(\d+) of \1 points$", text, re.M), (style.name, text)


@pytest.mark.slow
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


@pytest.mark.slow
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

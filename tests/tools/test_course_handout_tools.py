"""What the tools of a course's handout say, and what is handed in from it."""

from __future__ import annotations

import re
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.autograder.course import Course, find_course
from tests.autograder.handout.making import write_handout, write_solution
from tests.conftest import ROOT
from tests.support.cifar10 import noise_folders
from tests.support.course_handouts import blanks, course, handout, made, run
from tests.support.grading import reports
from tests.support.terminal import columns
from tests.support.waiting import LIMIT

__all__ = ["course", "handout", "made"]
FIRST = {
    "cmu-s23": "mytorch/nn/linear.py: Linear.__init__",
    "cmu-s24": "mytorch/nn/linear.py: Linear.__init__",
    "cmu-s24-bonus": "mytorch/optim/adam.py: Adam.step",
    "uva-2019": "modules.py: LinearModule.__init__",
}
PACKED = {
    "cmu-s23": ("handin.tar", {"models/mlp.py", "mytorch/nn/linear.py", "mytorch/__init__.py"}),
    "cmu-s24": ("handin.tar", {"models/mlp.py", "mytorch/optim/sgd.py", "models/__init__.py"}),
    "cmu-s24-bonus": ("handin.tar", {"mytorch/optim/adamW.py", "mytorch/models/mlp.py"}),
    "uva-2019": ("lastname_assignment1.zip",
                 {"assignment_1/code/modules.py", "assignment_1/code/mlp_numpy.py"}),
}  # fmt: skip
ROWS = 24


@pytest.mark.slow
def test_a_fresh_handout_says_on_one_screen_what_to_write_first(
    handout: Path, course: Course
) -> None:
    for words in (("grade",), (course.command,)):
        done = run(handout, "-m", "tests.autograder", *words)
        lines = done.stdout.splitlines()
        assert done.returncode == 1, done.stderr
        assert len(lines) <= ROWS
        assert max(map(columns, lines)) <= 80
        first = next(line for line in lines if line.startswith("Write "))
        assert first.partition(": ")[2] == FIRST[course.command]
        assert "mistake" not in done.stdout
    given = sum(
        q.points for q in course.questions
        if q.needs[0] in course.description.given
    )  # fmt: skip
    assert lines[-2] == f"{given:g} of {sum(q.points for q in course.questions):g} points"
    assert "mismatch" in run(handout, "sandbox.py").stdout


def test_the_readme_names_every_blank_and_each_command_works(handout: Path, course: Course) -> None:
    readme = (handout / "README.md").read_text()
    assert all(f"`{name}`" in readme for _, name, _ in blanks(course))
    others = [q.id for q in course.questions if not q.graded]
    assert f"{', '.join(others)}. They need no other functions." in readme
    usage = subprocess.run(
        ["bash", "grade.sh"], cwd=handout, capture_output=True, text=True, timeout=LIMIT, check=True
    ).stdout
    offered = set(re.findall(r"^  ([\w-]+) ", usage, re.M))
    trains = course.training is not None
    assert offered == {course.command, "handin"} | ({"m"} if trains else set())
    assert set(re.findall(r"^ +\./grade\.sh ([\w-]+)", readme, re.M)) == offered
    assert max(map(len, usage.splitlines())) <= 80


@pytest.mark.slow
def test_with_the_solution_everything_is_right_and_is_handed_in(
    handout: Path, course: Course, tmp_path: Path
) -> None:
    write_solution(course, handout)
    done = run(handout, "-m", "tests.autograder", "grade")
    assert done.returncode == 0, done.stdout + done.stderr
    done = run(handout, "sandbox.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^(\d+) checks: \1 match, 0 errata", done.stdout, re.M)
    (handout / "notes.txt").write_text("mine")
    done = run(handout, "-m", "tests.autograder.handing", "handin")
    assert done.returncode == 0, done.stderr
    name, expected = PACKED[course.command]
    file = handout / name
    if name.endswith(".zip"):
        names = set(zipfile.ZipFile(file).namelist())
        assert "asks for a report" in done.stdout
    else:
        with tarfile.open(file) as archive:
            names = set(archive.getnames())
    assert expected <= names
    assert not [one for one in names if "tests" in one or one.endswith((".txt", "sandbox.py"))]
    assert run(ROOT, "-m", "tests.autograder", "grade", str(file)).returncode == 0


def test_what_is_missing_is_not_handed_in(handout: Path, course: Course) -> None:
    file = blanks(course)[0][0]
    (handout / file).unlink()
    done = run(handout, "-m", "tests.autograder.handing", "handin", "--course", course.command)
    assert done.returncode == 1
    assert f"these are missing:\n  {file}\n" in done.stderr


def test_a_report_and_a_name_go_into_the_archive(tmp_path: Path) -> None:
    course = find_course("uva-2019")
    write_solution(course, tmp_path)
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "convnet_pytorch.py").write_text("class ConvNet: pass\n")
    done = run(ROOT, "-m", "tests.autograder.handing", "handin", str(tmp_path), "--name", "jansen")
    assert done.returncode == 0, done.stderr
    assert "asks for a report" not in done.stdout
    names = zipfile.ZipFile(tmp_path / "jansen_assignment1.zip").namelist()
    assert set(names) == {
        "report.pdf", *(f"assignment_1/code/{n}.py" for n in
                        ("convnet_pytorch", "mlp_numpy", "modules", "train_mlp_numpy"))
    }  # fmt: skip


def test_a_course_without_students_files_has_no_handout(tmp_path: Path) -> None:
    done = run(ROOT, "-m", "tests.autograder.handing", "handout", str(tmp_path / "x"),
               "--course", "nowhere")  # fmt: skip
    assert done.returncode == 2
    assert "there is no course 'nowhere'" in done.stderr


WRONG = {
    "cmu-s23": (
        ("mytorch/nn/linear.py", "dLdZ.T @ self.A / self.N", "dLdZ.T @ self.A", "1"),
        ("mytorch/nn/linear.py", "self.Ones / self.N", "self.Ones", "1"),
        ("mytorch/nn/linear.py", "dLdA = dLdZ @ self.W", "dLdA = dLdZ @ self.W / self.N", "1"),
        ("mytorch/nn/activation.py", "1 / (1 + np.exp(-Z))", "1 / (1 + np.exp(Z))", "2b"),
        ("mytorch/nn/activation.py", "1 - self.A * self.A", "1 - self.A", "2c"),
        ("mytorch/nn/activation.py", "self.A > 0, 1.0", "self.A >= 0, 1.0", "2d"),
        ("mytorch/nn/loss.py", "(2 * self.N * self.C)", "(self.N * self.C)", "6a"),
        ("mytorch/nn/loss.py", "return self.softmax - self.Y",
         "return (self.softmax - self.Y) / self.N", "6b"),
        ("mytorch/optim/sgd.py", "self.mu * self.v_W[i] + ", "(1 - self.mu) * ", "7"),
        ("mytorch/optim/sgd.py", "self.lr * self.v_W[i]", "self.v_W[i]", "7"),
        ("mytorch/nn/batchnorm.py", "Z.var(axis=0, ", "Z.var(axis=0, ddof=1, ", "8"),
        ("mytorch/nn/batchnorm.py", "/ std**3", "/ std**2", "8"),
        ("models/mlp.py", "dLdZ0 = dLdA1 * dA1dZ0", "dLdZ0 = dLdA1", "3"),
    ),
    "cmu-s24": (
        ("mytorch/nn/linear.py", "dLdZ.T @ self.A", "dLdZ.T @ self.A / self.N", "1"),
        ("mytorch/nn/activation.py", "return dLdA * (self.A - self.A * self.A)",
         "return self.A - self.A * self.A", "2b"),
        ("mytorch/nn/activation.py", "share + self.Z * density", "share", "2e"),
        ("mytorch/nn/activation.py", "Z / 2 * (1 + erf(Z / np.sqrt(2)))",
         "Z / (1 + np.exp(-1.702 * Z))", "2e"),
        ("mytorch/nn/activation.py", "np.diag(a) - np.outer(a, a)", "np.diag(a * (1 - a))", "2f"),
        ("mytorch/nn/activation.py", "exponentials.sum(axis=1", "exponentials.sum(axis=0", "2f"),
        ("mytorch/nn/loss.py", "return 2 * (self.A", "return (self.A", "6a"),
        ("mytorch/nn/loss.py", "(self.softmax - self.Y) / self.N", "self.softmax - self.Y", "6b"),
    ),
    "cmu-s24-bonus": (
        ("mytorch/optim/adam.py", "self.m_W[i] / share_m", "self.m_W[i]", "1"),
        ("mytorch/optim/adam.py", "layer.b = layer.b - ", "layer.b = layer.b + ", "1"),
        ("mytorch/optim/adam.py", "self.t += 1", "self.t = 1", "1"),
        ("mytorch/optim/adamW.py", "self.lr * self.weight_decay * layer.W",
         "self.weight_decay * layer.W", "2"),
        ("mytorch/nn/dropout.py", "x * self.mask / (1 - self.p)", "x * self.mask", "3"),
        ("mytorch/nn/dropout.py", "return delta * self.mask", "return delta * self.mask / self.p",
         "3"),
        ("mytorch/nn/dropout.py", "if not train:", "if train is None:", "3+"),
    ),
    "uva-2019": (
        ("modules.py", "dout.T @ self.x", "dout.T @ self.x / len(dout)", "1.2a"),
        ("modules.py", "dout.sum(axis=0)", "dout.mean(axis=0)", "1.2a+"),
        ("modules.py", "dout, self.neg_slope * dout", "dout, 0 * dout", "1.2b+"),
        ("modules.py", "s * (dout - (dout * s).sum(axis=1, keepdims=True))", "s * (1 - s) * dout",
         "1.2c"),
        ("modules.py", "x - x.max(axis=1, keepdims=True)", "x", "1.2c+"),
        ("modules.py", "return -y / x / len(x)", "return -y / x", "1.2d"),
        ("modules.py", "* np.log(x)).sum() / len(x)", "* np.log(x)).sum()", "1.2d"),
        ("mlp_numpy.py", ", SoftMaxModule()]", "]", "1.2e"),
    ),
}  # fmt: skip


@pytest.mark.slow
def test_wrong_formulas_are_found_without_a_right_one(
    made: Path, course: Course, tmp_path: Path
) -> None:
    """Each is found by the properties alone, too, though no right answer is stored for those."""
    wrong, commands = WRONG[course.command], []
    for number, (file, old, new, question) in enumerate(wrong):
        folder = tmp_path / str(number)
        write_solution(course, folder)
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new))
        commands.append((course.command, str(folder), "--question", question, "--full"))
    for (file, _, new, _), text in zip(wrong, reports(made, commands), strict=True):
        assert re.search(r"wrong: properties: .*", text), (file, new, text)
        assert "mistake" not in text


@pytest.mark.slow
def test_other_right_solutions_keep_their_properties(made: Path, course: Course) -> None:
    other = ROOT / "tests" / "support" / "coursework" / course.command
    done = run(made, "-m", "tests.autograder", course.command, str(other))
    assert done.returncode == 0, done.stdout


def test_the_training_of_amsterdam_runs_on_the_students_modules(tmp_path: Path) -> None:
    course = find_course("uva-2019")
    folder = tmp_path / "handout"
    write_handout(folder, courses=[course])
    noise_folders(folder / "cifar10")
    options = ("train_mlp_numpy.py", "--max_steps", "4", "--batch_size", "7", "--eval_freq", "2")
    done = run(folder, *options)
    assert "NotImplementedError" in done.stderr
    write_solution(course, folder)
    done = run(folder, *options, "--no_such_flag", "1")
    assert done.returncode == 0, done.stderr
    assert "batch_size : 7" in done.stdout
    assert re.search(r"^step 4: loss 2\.3\d+, test accuracy 0\.\d+$", done.stdout, re.M)

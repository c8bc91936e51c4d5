"""`--watch`: what changed is graded again, and first."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.autograder.changes import Changes
from tests.autograder.course import find_course
from tests.conftest import ROOT
from tests.support.grading import HW1
from tests.support.signals import hear_signals
from tests.support.waiting import LIMIT, until

CLASSIC, AUTOGRAD = find_course("classic"), find_course("autograd")
RIGHT = HW1.read_text()
TANH = "self.state = np.tanh(x)"
MLP = ["3.2", "3.4", "3.5b", "3.6"]
"""The questions about the MLP."""


def rename(file: Path, text: str) -> None:
    """Saves as many editors do."""
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(text)
    beside.rename(file)


def rewrite(file: Path, text: str) -> None:
    file.write_text(text)


def delete_first(file: Path, text: str) -> None:
    file.unlink()
    file.write_text(text)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks more often; what is waited for has happened before."""
    monkeypatch.setattr("tests.autograder.changes.PAUSE", 0.01)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("save", [rename, rewrite, delete_first])
@pytest.mark.parametrize(
    ("old", "new", "questions"),
    [
        (TANH, f"{TANH} * 2", ["3.3b"]),
        ("return self.sm - self.labels", "return self.sm", ["2.1"]),
        ("self.vb[i] = self.momentum * self.vb[i]", "self.vb[i] = self.vb[i]", MLP),
        # the activations are derived from this one
        ("self.state = None", "self.state = 0", ["3.3a", "3.3b", "3.3c"]),
        ("import numpy as np", "import numpy as np  # a comment", []),
        (
            "import numpy as np",
            "import numpy as",
            [q.id for q in CLASSIC.questions if q.id != "linear"],
        ),
    ],
)
def test_a_saved_file_is_noticed_and_its_questions_are_known(
    tmp_path: Path, save: Callable[[Path, str], None], old: str, new: str, questions: list[str]
) -> None:
    file = tmp_path / "hw1.py"
    file.write_text(RIGHT)
    changes = Changes(tmp_path)
    assert RIGHT.count(old) == 1
    save(file, RIGHT.replace(old, new))
    changes.wait()
    assert changes.questions(CLASSIC) == questions


@pytest.mark.usefixtures("impatient")
def test_a_class_is_known_by_its_module_too(tmp_path: Path) -> None:
    files = {
        "mytorch/network.py": "class Network:\n    pass\n",
        "mytorch/mlp.py": "import network\n\n\nclass MLP(network.Network):\n    pass\n",
        "mytorch/linear.py": "class Linear:\n    pass\n",
        "mytorch/nn/linear.py": "class Linear:\n    pass\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for name, classic, autograd in (
        ("mytorch/network.py", MLP, []),
        ("mytorch/linear.py", ["linear"], []),
        ("mytorch/nn/linear.py", [], ["2.1"]),
    ):
        for course, questions in ((CLASSIC, classic), (AUTOGRAD, autograd)):
            changes = Changes(tmp_path)
            (tmp_path / name).write_text((tmp_path / name).read_text() + "    x = 1\n")
            changes.wait()
            assert changes.questions(course) == questions, name


class Watched:
    """A run of the grader that watches a folder, and what it printed."""

    def __init__(self, folder: Path) -> None:
        self.output = folder.with_name("output")
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.autograder", "1", str(folder), "--watch",
                 "--no-training"], cwd=ROOT, stdout=file, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=hear_signals,
            )  # fmt: skip

    def report(self, number: int) -> str:
        """The report of that number, when it is there."""
        end = "Ctrl-C ends it\n"
        until(lambda: self.output.read_text().count(end) > number or self.process.poll())
        return self.output.read_text().split(end)[number]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    (tmp_path / "homework").mkdir()
    (tmp_path / "homework" / "hw1.py").write_text(RIGHT)
    run = Watched(tmp_path / "homework")
    yield run
    with contextlib.suppress(ProcessLookupError):  # of a test that failed
        os.killpg(run.process.pid, signal.SIGKILL)
    run.process.wait(LIMIT)


@pytest.mark.slow
def test_what_changed_comes_first_whatever_happens_to_the_files(
    watched: Watched, tmp_path: Path
) -> None:
    file = tmp_path / "homework" / "hw1.py"
    assert "91 of 91 points" in watched.report(0)
    rename(file, RIGHT.replace(TANH, f"{TANH} * 2"))
    second = watched.report(1)
    assert second.index("3.3b ") < second.index("Tanh.forward, z") < second.index("2.1 ")
    assert "89 of 91 points" in second
    assert second.count("3.3b ") == 1
    rewrite(file, RIGHT.replace(TANH, TANH.rstrip(")")))
    third = watched.report(2)
    assert third.count("'(' was never closed") == 1
    assert "0 of 91 points" in third
    file.unlink()
    assert "the folder is empty" in " ".join(watched.report(3).split())
    shutil.rmtree(file.parent)
    assert "does not exist" in " ".join(watched.report(4).split())
    file.parent.mkdir()
    file.write_text(RIGHT)
    assert "91 of 91 points" in watched.report(5)
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(LIMIT) == -signal.SIGINT
    assert "Traceback" not in watched.output.read_text()


@pytest.mark.slow
def test_ctrl_c_while_it_grades(watched: Watched, tmp_path: Path) -> None:
    assert "91 of 91 points" in watched.report(0)
    reached = tmp_path / "reached"
    loop = f"open({str(reached)!r}, 'w'); exec('while True: pass')"
    rename(tmp_path / "homework" / "hw1.py", RIGHT.replace(TANH, loop))
    until(reached.exists)
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(LIMIT) == -signal.SIGINT
    assert watched.output.read_text().count("points") == 1


@pytest.mark.parametrize("other", [["--json", "x"], ["--autolab"], ["--plots", "x"]])
def test_results_are_not_watched(other: list[str]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tests.autograder", "1", "--watch", *other],
        cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False,
    )  # fmt: skip
    assert result.returncode == 2
    assert f"--watch and {other[0]} do not go together" in result.stderr

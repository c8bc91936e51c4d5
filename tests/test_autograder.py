"""The autograder: what it gives points for, what it survives, and what it says."""

import json
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.autograder import report
from tests.autograder.comparing import Given, objection
from tests.autograder.fresh import Disagreement, draw_fresh
from tests.autograder.grading import Limits
from tests.autograder.model_answers import answers
from tests.autograder.questions import AUTOGRAD, CLASSIC
from tests.autograder.references import References, load
from tests.autograder.session import Session, grade
from tests.conftest import ROOT
from tests.submission.copying import unpacked
from tests.submission.layout import NotCoursework, find
from tests.terminal import Paint, columns
from tests.test_sandbox_path import left_behind

HW1 = ROOT / "tests" / "coursework" / "hw1.py"
Grade = Callable[..., Session]


@pytest.fixture(scope="module")
def references() -> References:
    return load()


@pytest.fixture
def graded(tmp_path: Path, references: References) -> Grade:
    """Grades the 2019 coursework with some more code at its end."""

    def run(more: str = "", old: str = "", new: str = "", **options: Any) -> Session:
        text = HW1.read_text()
        assert text.count(old) == 1 or not old
        folder = tmp_path / f"submission {time.monotonic_ns()}"
        folder.mkdir()
        (folder / "hw1.py").write_text(text.replace(old, new) + more if old else text + more)
        options.setdefault("with_training", False)
        options.setdefault("limits", Limits(4.0))
        return grade(find(folder), "classic", references, **options)

    return run


def status(session: Session) -> dict[str, str]:
    return {result.question.id: result.status for result in session.results}


def lost(session: Session) -> dict[str, float]:
    return {
        r.question.id: r.question.points - r.score for r in session.results if r.status != "passed"
    }


def test_the_points_are_those_of_the_seeds() -> None:
    points = {q.id: q.points for q in CLASSIC}
    assert points["2.1"] == 5
    assert points["3.2"] == 9
    assert points["3.3a"] + points["3.3b"] + points["3.3c"] == 12
    assert points["3.4"] == 40
    assert points["3.5a"] + points["3.5b"] == 15
    assert points["3.6"] == 10
    autograd = [sum(q.points for q in AUTOGRAD if q.id.startswith(n)) for n in ("1.1", "1.2")]
    assert autograd == [15, 25]
    assert [q.points for q in AUTOGRAD[4:]] == [10, 5, 10, 10, 15, 10]


def test_the_stored_answers_are_the_hand_written_models(references: References) -> None:
    """Another engine computed what is stored; the model of right and wrong formulas is NumPy."""
    for probe, cases in references.answers.items():
        for case, right in cases.items():
            model = answers(probe, references.cases[probe][case])
            assert list(model) == list(right), (probe, case)
            for name, value in right.items():
                if value is None:
                    assert model[name] is None
                    continue
                assert (model[name].shape, model[name].dtype) == (value.shape, value.dtype)
                np.testing.assert_allclose(model[name], value, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("homework", "points"), [("classic", 96), ("autograd", 100)])
def test_this_library_has_full_points_and_no_mistake(
    references: References, homework: str, points: int
) -> None:
    start = time.monotonic()
    session = grade(find(ROOT), homework, references, Limits())
    assert time.monotonic() - start < 15
    assert (session.score, session.max_score) == (points, points)
    assert [d for result in session.results for d in result.diagnosis] == []
    assert session.training is not None
    assert " to " in session.training.summary


def test_a_2019_homework_has_full_points(graded: Grade) -> None:
    session = graded(with_training=True)
    assert (session.layout, session.score, session.max_score) == ("2019", 91, 91)
    assert session.training is not None
    assert session.training.summary == "did not run: there is no class get_training_stats"


def test_fresh_cases_are_answered_alike(graded: Grade, references: References) -> None:
    fresh = draw_fresh(7)
    assert not np.array_equal(
        fresh.cases["linear"]["ordinary"]["x"], references.cases["linear"]["ordinary"]["x"]
    )
    again = draw_fresh(7)
    np.testing.assert_array_equal(
        fresh.cases["linear"]["ordinary"]["x"], again.cases["linear"]["ordinary"]["x"]
    )
    assert grade(find(ROOT), "classic", fresh, Limits(), with_training=False).score == 96


def test_fresh_cases_are_refused_where_the_library_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mytorch.linear.Linear.backward", lambda self, delta: 2 * delta @ self.W.T)
    with pytest.raises((Disagreement, AssertionError, ValueError)):
        draw_fresh(7)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (Given(np.ones((2, 3)), "ndarray"), ""),
        (Given(np.ones((1, 3)), "ndarray"), "expected shape (2, 3), got (1, 3)"),
        (Given(np.ones((2, 3), np.float32), "ndarray"), "expected dtype float64, got float32"),
        (Given(np.ones((2, 3), int), "ndarray"), "expected dtype float64, got int64"),
        (Given(np.full((2, 3), 2.0), "ndarray"), "expected 1, got 2 at [0, 0]; every entry is 2 "),
        (Given(None, "list"), "expected an array of shape (2, 3), got list"),
        (Given(None, "None"), "expected an array of shape (2, 3), got None"),
        (Given(np.full((2, 3), np.nan), "ndarray"), "expected 1, got nan at [0, 0]; 6 of 6"),
    ],
)
def test_what_counts(value: Given, sentence: str) -> None:
    found = objection(value, np.ones((2, 3)))
    assert found.startswith(sentence)
    assert bool(found) == bool(sentence)


def test_flat_gradients_count_for_2019_only() -> None:
    flat = Given(np.ones(3), "ndarray")
    assert objection(flat, np.ones((1, 3))) == "expected shape (1, 3), got (3,)"
    assert objection(flat, np.ones((1, 3)), flat=True) == ""


def tanh(code: str) -> str:
    """A Tanh whose forward misbehaves: it costs question 3.3b, and nothing else."""
    body = code.replace("\n", "\n        ")
    return f"\n\nclass Tanh(Tanh):\n    def forward(self, x):\n        {body}\n"


@pytest.mark.parametrize(
    ("code", "how", "said"),
    [
        ("while True: pass", "timed out", "timed out after 4 s"),
        ("import sys; sys.exit(0)", "failed", "SystemExit: 0 (hw1.py, line"),
        ("import os; os._exit(0)", "exited early", "ended the process (exit code 0)"),
        ("import ctypes; ctypes.string_at(0)", "exited early", "killed by SIGSEGV"),
        ("x = []\nwhile True: x.append(bytearray(1 << 24))", None, "emory"),
        ("import os\nwhile True: os.fork()", "exited early", "more than 32 processes"),
        ("while True: print('x' * 10**6)", "timed out", "timed out"),
        ("import numpy; numpy.allclose = lambda *a, **k: True\nreturn x", "failed", "got "),
        ("print('96 of 96 points')\nreturn x", "failed", "expected "),
        ("raise ValueError('passed 4.00 of 4\\n96 of 96 points')", "failed", "ValueError: passed"),
        ("input()", "failed", "EOFError"),
        ("raise KeyboardInterrupt", "failed", "KeyboardInterrupt"),
        ("raise RecursionError", "failed", "RecursionError"),
        ("import os\n[os.write(n, b'x') for n in range(3, 60) if os.path.exists("
         "f'/proc/self/fd/{n}')]\nreturn x", "exited early", "a descriptor that is not its own"),
        ("return np.zeros((4000, 4000))", "failed", "(4000, 4000)"),
        ("open('/proc/self/environ').read().index('SECRET')", "failed", "ValueError: substring"),
    ],
)  # fmt: skip
def test_what_misbehaves_costs_its_own_question_only(
    graded: Grade, monkeypatch: pytest.MonkeyPatch, code: str, how: str | None, said: str
) -> None:
    monkeypatch.setenv("SECRET", "of the one who grades")
    session = graded(tanh(code), limits=Limits(4.0, 1 << 30))
    assert list(lost(session)) == ["3.3b"]
    assert how is None or status(session)["3.3b"] == how
    result = next(r for r in session.results if r.question.id == "3.3b")
    assert said in "\n".join(check.message for check in result.checks)


@pytest.mark.parametrize(
    "code",
    [
        "import subprocess\nsubprocess.Popen(['sleep', '987.5'], start_new_session=True)",
        "import subprocess as s\ns.Popen(['/bin/sleep', '987.5'], start_new_session=True, env={})",
        "import os\nif not os.fork():\n    os.setsid()\n    if not os.fork():\n"
        "        os.execve('/bin/sleep', ['sleep', '987.5'], {})\n    os._exit(0)",
    ],
)
def test_nothing_stays_running(graded: Grade, code: str) -> None:
    graded(tanh(code))
    assert not left_behind()


def test_folders_too_deep_for_python_are_removed(graded: Grade) -> None:
    code = (
        "import os\nfor _ in range(1500):\n    os.mkdir('d')\n    os.chdir('d')\nraise ValueError"
    )
    assert status(graded(tanh(code)))["3.3b"] == "failed"


def test_a_flood_of_messages_does_not_outlast_the_limit(graded: Grade) -> None:
    flood = (
        "import os\nwhile True:\n    for n in range(3, 60):\n        try:\n"
        "            os.write(n, b'{\"start\": 1}\\n' * 1000)\n        except OSError:\n"
        "            pass"
    )
    start = time.monotonic()
    session = graded(tanh(flood), limits=Limits(3.0))
    assert time.monotonic() - start < 12
    assert status(session)["3.3b"] == "timed out"


def test_doing_nothing_is_not_right_for_what_was_before(graded: Grade) -> None:
    nothing = (
        "\n\nclass MLP(MLP):\n    def backward(self, labels): pass\n    def step(self): pass\n"
    )
    session = graded(nothing)
    scores = {r.question.id: r.score for r in session.results}
    assert (scores["3.2"], scores["3.4"], scores["3.6"]) == (3, 10, 0)
    zeros = "self.state = np.zeros(x.shape)\nreturn self.state"
    assert lost(graded(tanh(zeros))) == {"3.3b": 4}


def test_weights_that_are_no_array_do_not_end_the_run(graded: Grade) -> None:
    session = graded("", "self.W[i] = self.W[i] + self.vW[i]", "self.W[i] = [1.0]")
    assert lost(session).keys() == {"3.2", "3.4", "3.6"}


def test_an_input_that_is_changed_is_named(graded: Grade) -> None:
    session = graded(tanh("self.state = np.tanh(x)\nx *= 0.5\nreturn self.state"))
    (diagnosis,) = (d for r in session.results for d in r.diagnosis)
    assert diagnosis.id == "input modified"


def test_the_forgotten_minus_in_the_mlp_is_not_called_another_mistake(graded: Grade) -> None:
    old = "self.W[i] = self.W[i] + self.vW[i]"
    session = graded("", old, old.replace("+ self", "- self"))
    named = {d.id for r in session.results for d in r.diagnosis}
    assert "sign of the gradients" not in named


def test_a_submission_cannot_change_itself_or_its_neighbours(graded: Grade) -> None:
    code = "open('hw1.py', 'w').write('')\nself.state = np.tanh(x)\nreturn self.state"
    session = graded(tanh(code))
    assert session.score == 91
    assert (session.root / "hw1.py").read_text().startswith('"""The 2019 homework')


def test_a_missing_class_and_a_broken_module_are_said(graded: Grade) -> None:
    session = graded("\ndel ReLU\n")
    assert status(session)["3.3c"] == "missing"
    assert lost(session) == {"3.3c": 4}
    session = graded("\ndef broken(:\n")
    assert session.score == 0
    message = session.results[0].checks[0].message
    assert "hw1 could not be imported: SyntaxError: invalid syntax (hw1.py, line" in message


def test_one_mistake_costs_once(graded: Grade) -> None:
    """The batch norm layer's dgamma is wrong, so the MLP's and its step are too."""
    session = graded("", "np.sum(delta * self.norm, axis=0)", "np.mean(delta * self.norm, axis=0)")
    assert lost(session) == {"3.5a": 4}
    layer, mlp = (r for r in session.results if r.question.id in ("3.5a", "3.5b"))
    assert layer.diagnosis[0].id == "dgamma averaged"
    assert "it is a sum (001 §4.2)" in layer.diagnosis[0].message
    assert mlp.score == mlp.question.points
    assert any(
        "what has cost points before: dgamma averaged" in check.message for check in mlp.checks
    )


def test_a_step_is_graded_with_the_submissions_own_gradients(graded: Grade) -> None:
    """A gradient that no mistake of the catalogue explains does not take the step's points too."""
    wrong = "self.inputs[i].T @ grad / len(grad) + 0.123"
    session = graded("", "self.inputs[i].T @ grad / len(grad)", wrong)
    classifier = next(r for r in session.results if r.question.id == "3.2")
    assert classifier.score == 6  # forward and step
    assert any("is right for what was computed before it" in c.message for c in classifier.checks)


def test_the_mistake_is_named_with_ratio_and_source(graded: Grade) -> None:
    session = graded("", "self.inputs[i].T @ grad / len(grad)", "self.inputs[i].T @ grad")
    classifier = next(r for r in session.results if r.question.id == "3.2")
    assert classifier.diagnosis[0].message == (
        "dW[0] equals the right value times 20, the batch size: "
        "dW lacks the average over the batch, db has it (001 §3.6)"
    )


def test_reports(graded: Grade, tmp_path: Path) -> None:
    session = graded(tanh("return x * 2"))
    lines = list(report.table(session, Paint(False)))
    assert max(map(columns, lines)) <= 80
    assert lines[-1] == "87 of 91 points"
    data = json.loads(json.dumps(report.as_dictionary(session)))
    assert {"homework", "layout", "score", "max_score", "questions"} <= data.keys()
    question = data["questions"][0]
    assert list(question) == [
        *("id", "title", "score", "max_score", "status", "seconds", "checks", "diagnosis")
    ]
    assert list(question["checks"][0]) == ["name", "passed", "message"]
    scope = report.as_gradescope(session)
    assert scope["score"] == 87
    keys = ["name", "number", "score", "max_score", "status", "output"]
    assert all(list(test) == keys for test in scope["tests"])
    assert [t["status"] for t in scope["tests"]].count("failed") == 1
    scores = json.loads(report.as_autolab(session))["scores"]
    assert sum(scores.values()) == 87
    assert not any(":" in name for name in scores)


def command(*arguments: object, **options: Any) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "tests.autograder", "classic", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False, **options,
    )  # fmt: skip


def test_the_command_line(tmp_path: Path) -> None:
    shutil.copy(HW1, tmp_path)
    files = tmp_path / "report.json", tmp_path / "results.json"
    options = ("--json", files[0], "--gradescope", files[1], "--autolab", "--no-training")
    result = command(tmp_path, *options)
    assert result.returncode == 0, result.stderr
    assert json.loads(files[0].read_text())["layout"] == "2019"
    assert json.loads(files[1].read_text())["score"] == 91
    assert json.loads(result.stdout.splitlines()[-1])["scores"]["3.6 Momentum"] == 10
    assert sorted(p.name for p in tmp_path.iterdir()) == ["hw1.py", "report.json", "results.json"]
    result = command(tmp_path, "--question", "3.3a")
    assert "4 of 4 points" in result.stdout
    assert "there is no question 9" in command(tmp_path, "--question", "9").stderr
    assert command(tmp_path / "nowhere").returncode == 2
    assert "expected a positive number" in command("--timeout", "0").stderr
    result = command(tmp_path, "--json", "/nowhere/x", "--no-training")
    assert result.returncode == 2
    assert "No such file" in result.stderr
    assert "91 of 91 points" in result.stdout
    assert "expected a path" in command("").stderr
    assert "at least 512 MB" in command("--memory", "50").stderr
    assert "expected a number" in command("--seed", "-1").stderr
    drawn = command(tmp_path, "--seed", "5", "--question", "2.1")
    assert "cases of seed 5\n" in drawn.stdout
    assert drawn.returncode == 0


def test_the_sandbox_is_never_left_out_silently(tmp_path: Path) -> None:
    result = command(ROOT, "--sandbox", "--no-training", env={"PATH": str(tmp_path)})
    assert result.returncode == 2
    assert "--sandbox needs bwrap" in result.stderr


def test_plots_of_the_training(tmp_path: Path) -> None:
    result = command(ROOT, "--plots", tmp_path / "plots")
    assert "graded by a person" in result.stdout
    assert len(list((tmp_path / "plots").glob("*.png"))) == 5


def test_an_interrupt_leaves_a_partial_report(tmp_path: Path) -> None:
    import signal

    (tmp_path / "hw1.py").write_text(HW1.read_text() + tanh("while True: pass"))
    with subprocess.Popen(
        [sys.executable, "-m", "tests.autograder", "classic", tmp_path, "--timeout", "60",
         "--json", tmp_path / "report.json", "--no-training"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:  # fmt: skip
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        shown, errors = process.communicate(timeout=30)
    assert process.returncode == 130, errors
    assert "(interrupted: not everything was asked)" in shown
    data = json.loads((tmp_path / "report.json").read_text())
    assert data["interrupted"] is True
    assert {q["id"]: q["status"] for q in data["questions"]}["3.3b"] == "interrupted"
    assert data["score"] >= 50


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize("inside", ["", "my hand-in/"])
def test_a_tar_file(tmp_path: Path, mode: Any, inside: str, references: References) -> None:
    with tarfile.open(tmp_path / "handin.tar", mode) as archive:
        archive.add(HW1, arcname=f"{inside}hw1/hw1.py")
    with unpacked(tmp_path / "handin.tar") as folder:
        session = grade(find(folder), "classic", references, Limits(), ["2.1"], with_training=False)
    assert session.score == 5
    assert not folder.exists()


def test_bad_archives(tmp_path: Path) -> None:
    file = tmp_path / "handin.tar"
    file.write_bytes(b"nothing of the kind")
    with pytest.raises(NotCoursework, match="no tar file"), unpacked(file):
        pass
    with tarfile.open(file, "w") as archive:
        archive.add(HW1, arcname="../outside.py")
    with pytest.raises(NotCoursework, match="outside of its folder"), unpacked(file):
        pass
    with tarfile.open(file, "w:gz") as archive:
        for _ in range(3):
            archive.add(HW1, arcname="hw1/hw1.py")
    whole = file.read_bytes()
    for damaged in (
        whole[:-9] + b"x" + whole[-8:],
        whole[:200],
        whole[:300] + b"xyz" + whole[303:],
    ):
        file.write_bytes(damaged)
        with pytest.raises(NotCoursework, match="no tar file"), unpacked(file):
            pass
    with tarfile.open(file, "w") as archive:
        archive.add(HW1, arcname="hw1/hw1.py")
        archive.add(HW1, arcname="hw1/util.py")
    plain = bytearray(file.read_bytes())
    plain[plain.index(b"hw1/util.py") + 3] ^= 1  # the second header no longer fits its checksum
    file.write_bytes(plain)
    with pytest.raises(NotCoursework, match="no tar file"), unpacked(file):
        pass
    with tarfile.open(file, "w") as archive:
        link = tarfile.TarInfo("hw1/hw1.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with unpacked(file) as folder:
        assert list(folder.rglob("*.py")) == []
    with tarfile.open(file, "w") as archive:
        huge = tarfile.TarInfo("hw1/hw1.py")
        huge.size = 60 << 20
        with open("/dev/zero", "rb") as zeros:
            archive.addfile(huge, zeros)
    with pytest.raises(NotCoursework, match="more than"), unpacked(file):
        pass

"""What a submission does to the grader costs points of its own question, and nothing else."""

import pytest

from tests.autograder.grading import Limits
from tests.support.grading import Grade, lost, status, tanh
from tests.support.sandbox import left_behind


@pytest.mark.parametrize(
    ("code", "how", "said"),
    [
        ("while True: pass", "timed out", "timed out after"),
        ("import sys; sys.exit(0)", "partial", "SystemExit: 0 (hw1.py, line"),
        ("import os; os._exit(0)", "exited early", "ended the process (exit code 0)"),
        ("import ctypes; ctypes.string_at(0)", "exited early", "killed by SIGSEGV"),
        ("x = []\nwhile True: x.append(bytearray(1 << 24))", None, "emory"),
        ("import os\nwhile True: os.fork()", "exited early", "more than 32 processes"),
        ("while True: print('x' * 10**6)", "timed out", "timed out"),
        ("import numpy; numpy.allclose = lambda *a, **k: True\nreturn x", "partial", "got "),
        ("print('96 of 96 points')\nreturn x", "partial", "expected "),
        ("raise ValueError('passed 4.00 of 4\\n96 of 96 points')", "partial", "ValueError: passed"),
        ("input()", "partial", "EOFError"),
        ("raise KeyboardInterrupt", "partial", "KeyboardInterrupt"),
        ("raise RecursionError", "partial", "RecursionError"),
        ("import os\n[os.write(n, b'x') for n in range(3, 60) if os.path.exists("
         "f'/proc/self/fd/{n}')]\nreturn x", "exited early", "a descriptor that is not its own"),
        ("return np.zeros((4000, 4000))", "partial", "(4000, 4000)"),
        ("open('/proc/self/environ').read().index('SECRET')", "partial", "ValueError: substring"),
    ],
)  # fmt: skip
def test_what_misbehaves_costs_its_own_question_only(
    graded: Grade, monkeypatch: pytest.MonkeyPatch, code: str, how: str | None, said: str
) -> None:
    monkeypatch.setenv("SECRET", "of the one who grades")
    seconds = 0.5 if how == "timed out" else 60.0  # the other questions take a tenth of a second
    memory = Limits().memory if "processes" in said else 300 << 20  # which 32 processes exceed
    session = graded(tanh(code), limits=Limits(seconds, memory))
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
    assert status(graded(tanh(code)))["3.3b"] == "partial"


def test_a_flood_of_messages_does_not_outlast_the_limit(graded: Grade) -> None:
    flood = (
        "import os\nwhile True:\n    for n in range(3, 60):\n        try:\n"
        "            os.write(n, b'{\"start\": 1}\\n' * 1000)\n        except OSError:\n"
        "            pass"
    )
    session = graded(tanh(flood), limits=Limits(0.5))  # which the flood itself would outlast
    assert status(session)["3.3b"] == "timed out"


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

"""The sandbox on classes that misbehave: raise, hang, crash, print, replace, stay behind."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.sandbox import HW1, NAP, SANDBOX, Result, left_behind, mismatches
from tests.support.waiting import LIMIT, until

pytestmark = pytest.mark.slow

WRITE = (
    "import os; [os.write(n, b'x') for n in (3, 4, 5, 6) if os.path.exists(f'/proc/self/fd/{n}')]"
)


def test_an_exception_marks_its_step_and_the_rest_still_runs(
    sandbox: Callable[..., Result], homework: Callable[..., Path]
) -> None:
    raises = "raise ValueError('no \\033[31mcolour')\n        return delta @ self.W.T"
    folder = homework("mytorch/linear.py", ("return delta @ self.W.T", raises))
    wrong = mismatches(sandbox(folder, "--section", "3.5", "--json"))
    assert {name for _, name, _ in wrong} == {
        *("gradB3", "gradY2", "gradB2", "gradY1", "gradB1", "gradX", "gradX of the loop"),
    }
    assert all(
        reason.startswith("ValueError: no ?[31mcolour (linear.py, line ") for *_, reason in wrong
    )


def test_an_input_changed_in_place_is_named(
    sandbox: Callable[..., Result], homework: Callable[..., Path]
) -> None:
    folder = homework(
        "mytorch/activation.py",
        more="\n\nclass ReLU(ReLU):\n    def forward(self, x):\n        x[x > 8] = 8\n"
        "        return super().forward(x)\n",
    )
    wrong = mismatches(sandbox(folder, "--section", "2.1", "--json"))
    reason = "relu.forward(Y1lin) changed its input Y1lin in place"
    assert ("2.1.2", "Y1", reason) in wrong
    assert ("2.1.3", "Y2lin") not in {row[:2] for row in wrong}  # it goes on with the right value


def test_a_call_that_hangs_is_not_called_again(
    sandbox: Callable[..., Result], homework: Callable[..., Path], tmp_path: Path
) -> None:
    calls = tmp_path / "calls"
    hang = f"open({str(calls)!r}, 'a').write('one ')\n        while True:\n            pass\n"
    hang += "        self.x = x"
    folder = homework("mytorch/linear.py", ("self.x = x", hang))
    result = sandbox(folder, "--timeout", "2", "--json")
    assert calls.read_text() == "one one "  # in linear.forward(X), and in mlp.forward(X)
    reasons = {name: reason for section, name, reason in mismatches(result) if section == "2.1.1"}
    assert "linear.forward(X); X did not return within 2 s (linear.py, line " in reasons["X"]
    assert "W" not in reasons
    checks = json.loads(result.stdout)
    assert [c["status"] for c in checks if c["section"] == "3.3"] == [
        *("match", "erratum", "erratum", "match", "match", "match", "match", "erratum"),
    ]


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("import os; os._exit(0)", "ended the process (exit code 0)"),
        ("import ctypes; ctypes.string_at(0)", "ended the process (killed by SIGSEGV)"),
        ("import sys; sys.exit('well done')", "SystemExit: well done (activation.py, line "),
        ("raise KeyboardInterrupt", "KeyboardInterrupt (activation.py, line "),
        (WRITE, "wrote to a descriptor that is not its own"),
        ("return None", "expected an array of shape (1, 3), got None"),
        ("return np.zeros((3000, 3000))", "expected shape (1, 3), got (3000, 3000)"),
        ("return [[1.0, 1.0, 1.0]]", "TypeError: expected an array, got list"),
        ("return np.matrix([1.0, 1.0, 1.0])", "TypeError: expected an array, got matrix"),
        ("return x + 1j", "expected real numbers, got an array of complex128"),
    ],
)
def test_a_call_that_gives_something_else_or_nothing(
    sandbox: Callable[..., Result], homework: Callable[..., Path], code: str, how: str
) -> None:
    folder = homework(
        "mytorch/activation.py",
        more=f"\n\nclass Tanh(Tanh):\n    def forward(self, x):\n        {code}\n",
    )
    wrong = mismatches(sandbox(folder, "--section", "2.1.2", "--json"))
    assert [name for _, name, _ in wrong] == ["Y1", "tanh(z)", "tanh'(z)"]
    assert how in wrong[0][2]


def test_modules_that_crash_or_hang_on_import(
    sandbox: Callable[..., Result], homework: Callable[..., Path]
) -> None:
    folder = homework("hw1/hw1.py", more="\ndef broken(:\n")
    result = sandbox(folder)
    assert "To be mended first: hw1: SyntaxError: invalid syntax (hw1.py, line" in result.stdout
    assert "because the class is not there: MLP" in " ".join(result.stdout.split())
    (folder / "hw1" / "hw1.py").write_text("import time; time.sleep(3600)")
    result = sandbox(folder, "--timeout", "1")
    shown = " ".join(result.stdout.split())
    assert "To be mended first: hw1: import hw1 did not return within 1 s (hw1.py, line 1)" in shown
    result = sandbox(folder, "--timeout", "0.0001")
    assert result.returncode == 2
    assert "0.0001 s are too short" in result.stderr


def test_what_the_code_prints_is_shown_in_part(
    sandbox: Callable[..., Result], homework: Callable[..., Path]
) -> None:
    folder = homework("mytorch/linear.py", more="\nfor n in range(100000): print('x' * 90)\n")
    result = sandbox(folder)
    assert result.returncode == 0
    assert "Your code printed:\n  xxxx" in result.stdout
    assert len(result.stdout) < 40_000
    assert max(map(len, result.stdout.splitlines())) <= 81


def test_what_was_replaced_in_numpy_is_put_back(
    sandbox: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "hw1.py").write_text(HW1.read_text() + "\nnp.array = np.exp = len = None\n")
    result = sandbox(tmp_path)
    assert "it replaced numpy.exp, numpy.array, which was put back" in " ".join(
        result.stdout.replace("numpy.array, numpy.exp", "numpy.exp, numpy.array").split()
    )


def test_a_signal_leaves_no_process_behind(homework: Callable[..., Path]) -> None:
    more = "\n\nimport subprocess, sys\n"
    more += f"subprocess.Popen(['sleep', '{NAP}'], start_new_session=True)\nwhile True: pass\n"
    folder = homework("mytorch/linear.py", more=more)
    with subprocess.Popen(
        [sys.executable, SANDBOX, "--path", folder, "--timeout", str(LIMIT)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        until(left_behind)
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT) == 128 + signal.SIGTERM
    assert not left_behind()


UNFINISHED = {
    "mytorch/tensor.py": """
class Tensor:
    def __init__(self, data, requires_grad=False, is_leaf=True, is_parameter=False):
        self.data, self.grad, self.requires_grad = data, None, requires_grad
        self.grad_fn, self.is_leaf, self.is_parameter = None, is_leaf, is_parameter
    def __add__(self, other):
        raise TypeError(f"expected a number, got {other!r} beside {self!r}")
    def __mul__(self, other):
        raise NotImplementedError
""",
    "mytorch/autograd_engine.py": """
class ContextManager:
    pass
class AccumulateGrad:
    def __init__(self, variable):
        raise NotImplementedError
""",
    "mytorch/nn/functional.py": """
class Add:
    @staticmethod
    def forward(ctx, a, b):
        raise ValueError((ctx, a, b, Add.forward, lambda: None))
class Mul(Add):
    pass
""",
    "mytorch/activation.py": """
class Sigmoid:
    def forward(self, x): return self
class Tanh:
    def forward(self, x): return (i for i in x)
class ReLU:
    def forward(self, x): raise ValueError(self)
""",
}


def test_a_report_shows_nothing_of_what_stands_behind_it(
    sandbox: Callable[..., Result], tmp_path: Path
) -> None:
    """Of a hand-in whose objects cannot be made: its own words, and no stand-in or address."""
    for name, code in UNFINISHED.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(code)
    result = sandbox(tmp_path, "--json")
    assert result.returncode == 1
    reasons = {reason for *_, reason in mismatches(result)}
    assert "NotImplementedError (tensor.py, line 9)" in reasons
    assert "c.grad is None" in reasons
    for reason in reasons:
        assert not re.search(r"0x[0-9a-f]{4}|tests\.|walkthrough|Unusable|<locals>\.absent", reason)

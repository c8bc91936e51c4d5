"""`python -m mytorch gradcheck` where no shape is asked for, and where the checked code raises."""

from pathlib import Path

import pytest

from mytorch.gradcheck.command import main

WINDOWS = """
import numpy as np
from mytorch import Layer


class Windows(Layer):
    parameters = ("w",)

    def __init__(self):
        self.w = np.array([[0.5, -1.0, 2.0]])

    def forward(self, x):
        self.x = x
        columns = [(x[:, i : i + 3] * self.w).sum(axis=1) for i in range(x.shape[1] - 2)]
        return np.stack(columns, axis=1)

    def backward(self, grad):
        dx, self.dw = np.zeros_like(self.x), np.zeros_like(self.w)
        for i in range(grad.shape[1]):
            dx[:, i : i + 3] += grad[:, i : i + 1] * self.w
            self.dw += (grad[:, i : i + 1] * self.x[:, i : i + 3]).sum(axis=0, keepdims=True)
        return dx
"""
IMAGES = """
from mytorch import Layer


class Halved(Layer):
    def forward(self, x):
        batch, channels, height, width = x.shape
        return x / 2

    def backward(self, grad):
        return grad / 2
"""

SCALED = """
import numpy as np
from mytorch import Layer


class Scaled(Layer):
    parameters = ("b", "W")

    def __init__(self):
        self.unit, self.scale, self.b = "cm", 2.0, np.zeros(2)
        self.W = np.arange(8.0).reshape(4, 2)

    def forward(self, x):
        self.x = x
        return self.scale * x @ self.W + self.b

    def backward(self, grad):
        self.dW, self.db = self.scale * self.x.T @ grad, grad.sum(axis=0)
        return self.scale * grad @ self.W.T
"""


def run(folder: Path, code: str, *options: str) -> int:
    (folder / "mine.py").write_text(code)
    name = code.partition("class ")[2].partition("(")[0]
    return main([f"{folder}/mine.py:{name}", "--effort", "0", *options])


@pytest.mark.parametrize(
    ("old", "new"),
    [("", ""), ("dx[:, i : i + 3] +=", "dx[:, i : i + 3] ="), ("self.dw +=", "self.dw =")],
)
def test_a_layer_of_windows_gets_several(old: str, new: str, tmp_path: Path) -> None:
    """With as many columns as a window has, what is added in a loop may as well be assigned."""
    assert run(tmp_path, WINDOWS.replace(old, new)) == int(old != new)
    assert run(tmp_path, WINDOWS.replace(old, new), "--shape", "5,3") == 0


def test_the_columns_are_the_rows_of_the_weights(tmp_path: Path) -> None:
    """Whatever other attributes come before them."""
    assert run(tmp_path, SCALED) == 0


def test_an_exception_is_shown_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = WINDOWS.replace("range(grad.shape[1])", "range(9)")
    assert run(tmp_path, wrong) == 2
    line = 1 + wrong[: wrong.index("dx[:")].count("\n")
    first, *_, last, advice = capsys.readouterr().err.splitlines()
    assert first.startswith(f"line {line} of mine.py, in backward: ValueError: operands could not")
    assert last == f"{line:5} |             dx[:, i : i + 3] += grad[:, i : i + 1] * self.w"
    assert advice.startswith("Its input was (5, 7)")


def test_another_shape_is_advised_and_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, IMAGES) == 2
    said = capsys.readouterr().err
    assert "line 7 of mine.py, in forward: ValueError: not enough values" in said
    assert "(5, 3)" in said
    assert "--shape 2,3,4,4" in said
    assert run(tmp_path, IMAGES, "--shape", "2,3,4,4") == 0
    assert "gradients agree" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--seed", "-1"), "--seed: expected a whole number from 0, got '-1'"),
        (("--effort", "nan"), "--effort: expected a number from 0, got 'nan'"),
        (("--sed", "1"), "unrecognized arguments: --sed 1; did you mean --seed?"),
    ],
)
def test_mistyped_options_are_named(
    options: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(tmp_path, IMAGES, *options)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_what_has_no_gradient_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "class Mine():\n    pass\n") == 2
    said = capsys.readouterr().err
    assert said.startswith("gradcheck: expected a layer, a criterion, a network or a function")

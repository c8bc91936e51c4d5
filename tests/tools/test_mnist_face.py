"""hw1/mnist.py: MNIST through automatic differentiation, as the 2020 homework asks."""

import importlib
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch.datasets import Dataset, load
from mytorch.nn.batchnorm import BatchNorm1d
from mytorch.nn.linear import Linear
from mytorch.nn.loss import CrossEntropyLoss
from mytorch.nn.sequential import Sequential
from mytorch.optim.sgd import SGD
from mytorch.tensor import Tensor
from tests.conftest import ROOT


@pytest.fixture
def face(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module, imported as a grader does: with hw1/ on the path."""
    monkeypatch.setattr(sys, "path", [str(ROOT / "hw1"), *sys.path])
    return importlib.import_module("mnist")


def integers(part: Any) -> tuple[Any, Any]:
    return part[0], part[1].argmax(axis=1)


def test_mnist_in_three_epochs(mnist: Dataset, face: Any) -> None:
    np.random.seed(0)
    accuracies = face.mnist(*integers(mnist[0]), *integers(mnist[1]))
    assert accuracies[-1] > 0.94
    assert len(accuracies) == 3 * 5  # after 100, 200, ... 500 of 550 batches


def test_the_same_call_learns_the_digits(face: Any) -> None:
    np.random.seed(0)
    train, val, _ = load("digits")
    x, y = integers(train)
    accuracies = face.mnist(np.tile(x, (10, 1)), np.tile(y, 10), *integers(val))
    assert len(accuracies) == 3  # after 100 of 120 batches
    assert accuracies[-1] > 0.9


def test_train_uses_all_samples_in_batches_of_100(face: Any) -> None:
    seen: list[Any] = []

    class Spy(Linear):
        def forward(self, x: Tensor) -> Tensor:
            if self.is_train:
                seen.append(x.data)
            return super().forward(x)

    x = np.arange(250.0)[:, None]
    model = Spy(1, 2)
    labels = np.zeros(250, int)
    optimizer = SGD(model.parameters(), lr=0.0)
    accuracies = face.train(
        model, optimizer, CrossEntropyLoss(), x, labels, x[:5], labels[:5], num_epochs=2
    )
    assert [len(batch) for batch in seen] == [100, 100, 50] * 2
    first, second = np.concatenate(seen[:3]), np.concatenate(seen[3:])
    assert sorted(first.ravel()) == sorted(second.ravel()) == list(range(250))
    assert not np.array_equal(first, second)
    assert len(accuracies) == 2


def test_validate_counts_in_evaluation_mode(face: Any) -> None:
    model = Sequential(Linear(2, 2), BatchNorm1d(2))
    model[0].weight.data, model[0].bias.data = np.eye(2), np.zeros(2)
    x = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    assert face.validate(model, x, np.array([0, 1, 1, 1])) == 0.75
    assert not model.is_train
    assert model[1].running_mean.data.tolist() == [0, 0]


def test_samples_without_labels_are_refused(face: Any) -> None:
    x = np.ones((5, 4))
    with pytest.raises(ValueError, match=r"a label for each training sample.* 5 samples and 4"):
        face.mnist(x, np.zeros(4, int), x, np.zeros(5, int))
    with pytest.raises(ValueError, match="validation sample, at least one, got 0"):
        face.mnist(x, np.zeros(5, int), x[:0], np.zeros(0, int))


@pytest.mark.slow
def test_the_script_leaves_its_plot(python: Callable[..., Any], tmp_path: Path) -> None:
    script = ROOT / "hw1" / "mnist.py"
    result = python(script, "--data", "digits", "--output", tmp_path)
    assert result.returncode == 0, result.stderr
    assert re.search(r"accuracy of each epoch: 0\.\d{4}, 0\.\d{4}, 0\.\d{4}\n", result.stdout)
    assert [path.name for path in tmp_path.iterdir()] == ["validation_accuracy.png"]
    assert max(map(len, result.stdout.splitlines())) <= 80 + len(str(tmp_path))
    wrong = python(script, "--data", "nothing")
    assert wrong.returncode == 2
    assert "invalid choice: 'nothing'" in wrong.stderr

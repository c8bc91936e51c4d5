"""Schedules of the learning rate in the checkpoints of both faces, with Adam and dropout."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch import Dropout, Linear, Network, ReLU, SoftmaxCrossEntropy, Tensor, nn
from mytorch.datasets import DataError
from mytorch.initializers import kaiming_normal, zeros_bias_init
from mytorch.optim import Adam
from mytorch.optim.schedule import CosineLR, Schedule, StepLR

X = np.random.default_rng(0).normal(size=(30, 4))
Y = np.arange(30) % 3


class Classic:
    """A network of layers."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)

        def weights(n: int, m: int) -> Any:
            return kaiming_normal(n, m, rng)

        layers = [
            Linear(4, 8, weights, zeros_bias_init), ReLU(), Dropout(0.4, seed),
            Linear(8, 3, weights, zeros_bias_init),
        ]  # fmt: skip
        self.optimizer = Adam(lr=0.05, weight_decay=0.1)
        self.model = Network(layers, SoftmaxCrossEntropy(), self.optimizer)

    def step(self) -> None:
        self.model.forward(X)
        self.model.backward(np.eye(3)[Y])
        self.model.step()

    def save(self, path: Path) -> None:
        self.model.save(path)

    def load(self, path: Path) -> None:
        self.model.load(path)


class Tensors:
    """A module and its optimizer."""

    def __init__(self, seed: int) -> None:
        np.random.seed(seed)
        self.model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.4), nn.Linear(8, 3))
        self.optimizer = Adam(self.model.parameters(), lr=0.05, weight_decay=0.1)

    def step(self) -> None:
        self.optimizer.zero_grad()
        nn.CrossEntropyLoss()(self.model(Tensor(X)), Tensor(Y)).backward()
        self.optimizer.step()

    def save(self, path: Path) -> None:
        self.model.save(path, self.optimizer)

    def load(self, path: Path) -> None:
        self.model.load(path, self.optimizer)


Face = Callable[[int], Classic | Tensors]
FACES = pytest.mark.parametrize("face", [Classic, Tensors])


def state(run: Classic | Tensors, schedule: Schedule) -> list[Any]:
    arrays = run.model.state_dict().values()
    weights = [np.asarray(getattr(a, "data", a)).tobytes() for a in arrays]
    moments = [a.tobytes() for a in (*run.optimizer.means, *run.optimizer.squares)]
    return [weights, moments, run.optimizer.lr, schedule.epoch, schedule.base]


@FACES
@pytest.mark.parametrize("kind", [CosineLR, StepLR])
def test_a_run_with_a_schedule_goes_on_bit_for_bit(face: Face, kind: Any, tmp_path: Path) -> None:
    """Each piece by other objects, which begin with other weights and another rate."""

    def started(seed: int) -> tuple[Any, Any]:
        run = face(seed)
        return run, kind(run.optimizer, 3)

    def one_epoch(run: Any, schedule: Any) -> None:
        run.step()
        run.step()
        schedule.step()

    whole, schedule = started(1)
    path = tmp_path / "it"
    whole.save(path)
    for _ in range(5):
        one_epoch(whole, schedule)
    for epoch in range(5):
        run, again = started(epoch + 2)
        run.optimizer.lr = 7.0
        run.load(path)
        assert again.epoch == epoch
        one_epoch(run, again)
        run.save(path)
    assert state(run, again) == state(whole, schedule)


@FACES
def test_a_checkpoint_without_its_schedule_is_refused(face: Face, tmp_path: Path) -> None:
    path = tmp_path / "it"
    run = face(0)
    CosineLR(run.optimizer, 20)
    run.save(path)
    with pytest.raises(DataError, match="saved with the schedule CosineLR; make such a one"):
        face(0).load(path)
    other = face(0)
    StepLR(other.optimizer, 4)
    with pytest.raises(DataError, match="expected the schedule StepLR, got CosineLR"):
        other.load(path)
    face(0).save(path)
    with pytest.raises(DataError, match="without a schedule; load it before you make StepLR"):
        other.load(path)

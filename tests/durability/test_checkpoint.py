"""Checkpoints of both faces: what continues from one is bit for bit what never stopped."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch import MLP, Identity, LeakyReLU, SoftmaxCrossEntropy, Tanh
from mytorch.checkpoint import save_checkpoint
from mytorch.datasets import DataError
from mytorch.initializers import zeros_bias_init
from mytorch.nn import batchnorm, linear, loss
from mytorch.nn.activations import LeakyReLU as LeakyReLUModule
from mytorch.nn.sequential import Sequential
from mytorch.optim import SGD, Optimizer
from mytorch.tensor import Tensor
from tests.support.layers import xavier
from tests.support.standins import visible

DTYPES = [np.float32, np.float64]


def mlp(seed: int, dtype: Any = np.float64, hidden: int = 5, **other: Any) -> MLP:
    settings: dict[str, Any] = {"lr": 0.1, "momentum": 0.9, "num_bn_layers": 1, **other}
    activations = [Tanh(), LeakyReLU(), Identity()]
    return MLP(
        4, 3, [hidden, 6], activations, xavier(seed), zeros_bias_init, SoftmaxCrossEntropy(),
        dtype=dtype, **settings,
    )  # fmt: skip


def module(seed: int, dtype: Any = np.float64, hidden: int = 5) -> Sequential:
    np.random.seed(seed)
    return Sequential(
        linear.Linear(4, hidden, dtype),
        Sequential(batchnorm.BatchNorm1d(hidden, dtype=dtype), LeakyReLUModule(0.1)),
        linear.Linear(hidden, 3, dtype),
    )


X = np.random.default_rng(5).normal(size=(40, 4))
LABELS = np.arange(40) % 3


def train_mlp(net: MLP, first: int, last: int) -> None:
    for step in range(first, last):
        rows = slice(step % 4 * 10, step % 4 * 10 + 10)
        net.forward(X[rows])
        net.backward(np.eye(3)[LABELS[rows]])
        net.step()
        net.lr *= 0.99


def train_module(net: Sequential, optimizer: SGD, first: int, last: int) -> None:
    for step in range(first, last):
        rows = slice(step % 4 * 10, step % 4 * 10 + 10)
        optimizer.zero_grad()
        x = Tensor(X[rows].astype(net[0].weight.dtype))
        loss.CrossEntropyLoss()(net(x), Tensor(LABELS[rows])).backward()
        optimizer.step()
        optimizer.lr *= 0.99


def everything(net: Any, optimizer: Any = None) -> dict[str, bytes]:
    """Every array and number of a network that a step may use, read attribute by attribute."""
    found: dict[str, bytes] = {}
    parts = [*net.linear_layers, *net.bn_layers, *net.activations] if isinstance(net, MLP) else []
    if parts:
        found["own"] = repr((net.lr, net.momentum, net.train_mode)).encode()
    else:
        parts = list(net.modules())
    for i, part in enumerate([*parts, *([optimizer] if optimizer else [])]):
        for name in (
            "W", "b", "momentum_W", "momentum_b", "gamma", "beta", "running_mean", "running_var",
            "weight", "bias", "alpha", "eps", "momentum", "negative_slope", "is_train", "lr",
            "momentums",
        ):  # fmt: skip
            if hasattr(part, name):
                value = getattr(part, name)
                arrays = value if isinstance(value, list) else [getattr(value, "data", value)]
                found[f"{i}.{name}"] = b"".join(np.asarray(a).tobytes() for a in arrays)
    return found


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("steps", [0, 1, 7])
def test_an_mlp_continues_bit_for_bit(dtype: Any, steps: int, tmp_path: Path) -> None:
    path = tmp_path / "it.npz"
    net, back = mlp(1, dtype), mlp(2, dtype, lr=0.5, momentum=0.1)
    net.bn_layers[0].eps, net.bn_layers[0].alpha = 0.01, 0.7
    net.activations[1].negative_slope = 0.25  # type: ignore[attr-defined]
    train_mlp(net, 0, steps)
    net.save(path)
    train_mlp(back, 0, 3)  # what it learned before is gone
    back.load(path)
    assert everything(net) == everything(back)
    for other in (net, back):
        train_mlp(other, steps, steps + 9)
    assert everything(net) == everything(back)
    assert back(X).tobytes() == net(X).tobytes()
    assert visible(tmp_path) == ["it.npz"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("steps", [0, 1, 7])
def test_a_module_and_its_optimizer_continue_bit_for_bit(
    dtype: Any, steps: int, tmp_path: Path
) -> None:
    path = tmp_path / "it.npz"
    net, back = module(1, dtype), module(2, dtype)
    net[1][0].eps, net[1][1].negative_slope = 0.01, 0.25
    optimizer, optimizer_back = SGD(net.parameters(), 0.1, 0.9), SGD(back.parameters(), 0.5)
    train_module(net, optimizer, 0, steps)
    net.save(path, optimizer)
    train_module(back, optimizer_back, 0, 3)
    back.load(path, optimizer_back)
    assert everything(net, optimizer) == everything(back, optimizer_back)
    assert all(parameter.grad is None for parameter in back.parameters())
    for other, its in ((net, optimizer), (back, optimizer_back)):
        train_module(other, its, steps, steps + 9)
    assert everything(net, optimizer) == everything(back, optimizer_back)


def test_the_mode_of_every_part_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "it"
    net, back = mlp(1), mlp(2)
    net.eval()
    net.save(path)
    back.load(path)
    assert not back.train_mode
    module_, module_back = module(1), module(2)
    module_[1].eval()  # frozen statistics in a network that trains
    module_.save(path)
    module_back.load(path)
    assert [part.is_train for part in module_back.modules()] == [True, True, False, False, False,
                                                                True]  # fmt: skip


def test_gradients_are_not_kept(tmp_path: Path) -> None:
    net = mlp(1, momentum=0.0)
    train_mlp(net, 0, 2)
    net.save(tmp_path / "it")
    before = net.state_dict()
    net.load(tmp_path / "it")
    net.step()
    assert all(np.array_equal(before[name], array) for name, array in net.state_dict().items())


def test_the_file_is_read_without_pickle_by_numpy_alone(tmp_path: Path) -> None:
    net = mlp(1)
    net.save(tmp_path / "it.npz")
    with np.load(tmp_path / "it.npz", allow_pickle=False) as archive:
        assert np.array_equal(archive["array.network.0.weight"], net.W[0].T)
        assert b'"version": 2' in archive["checkpoint.json"].tobytes()


def test_an_optimizer_of_ones_own_is_kept_or_refused(tmp_path: Path) -> None:
    class Counting(Optimizer):
        def __init__(self, params: Any) -> None:
            super().__init__(params)
            self._steps = 0
            self.squares = [np.zeros_like(p.data) for p in self.params]

    net = module(1)
    optimizer, back = Counting(net.parameters()), Counting(net.parameters())
    optimizer._steps, optimizer.squares[1][:] = 7, 3
    net.save(tmp_path / "it", optimizer)
    net.load(tmp_path / "it", back)
    assert back._steps == 7
    assert all(map(np.array_equal, back.squares, optimizer.squares))
    optimizer.rows = {}  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match=r"Counting: expected numbers, arrays .* got dict as rows"):
        net.save(tmp_path / "it", optimizer)
    with pytest.raises(ValueError, match=r"params\[0\] is none of them"):
        net.save(tmp_path / "it", SGD(module(2).parameters()))
    for wrong in (3, SGD):
        with pytest.raises(TypeError, match=r"expected an optimizer, e.g. SGD\(...\), got"):
            net.save(tmp_path / "it", wrong)
    with pytest.raises(DataError, match="expected the optimizer SGD, got Counting"):
        net.load(tmp_path / "it", SGD(net.parameters()))


def with_softmax() -> MLP:
    net = mlp(1)
    net.activations[0] = Identity()
    return net


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mlp(1, hidden=7), r"expected network.0.weight \(7, 4\) of float64, got \(5, 4\)"),
        (
            lambda: mlp(1, np.float32),
            r"expected network.0.weight \(5, 4\) of float32, got .* float64",
        ),
        (
            lambda: mlp(1, num_bn_layers=2),
            "expected 8 layers, Linear, BatchNorm, Tanh, Linear, BatchNorm, .* got 7, Linear, ",
        ),
        (with_softmax, "expected layer 2, Identity, got Tanh"),
        (lambda: module(1), "a checkpoint of a network, where one of a module was expected"),
    ],
)
def test_another_network_refuses_it_and_stays(
    make: Callable[[], Any], message: str, tmp_path: Path
) -> None:
    mlp(3).save(tmp_path / "it")
    net = make()
    before = everything(net)
    with pytest.raises(DataError, match=message) as info:
        net.load(tmp_path / "it")
    assert str(info.value).startswith(f"{tmp_path / 'it'}: ")
    assert everything(net) == before


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: module(1, hidden=7), r"expected .*\(7, 4\) of float64, got \(5, 4\)"),
        (lambda: module(1, np.float32), "of float32, got .* of float64"),
        (lambda: Sequential(linear.Linear(4, 3)), "expected the modules "),
        (lambda: mlp(1), "a checkpoint of a module, where one of a network was expected"),
    ],
)
def test_another_module_refuses_it_and_stays(
    make: Callable[[], Any], message: str, tmp_path: Path
) -> None:
    module(3).save(tmp_path / "it")
    net = make()
    before = everything(net)
    with pytest.raises(DataError, match=message):
        net.load(tmp_path / "it")
    assert everything(net) == before


def test_an_optimizer_that_was_not_saved_is_missed(tmp_path: Path) -> None:
    net = module(1)
    net.save(tmp_path / "it")
    with pytest.raises(DataError, match="saved without an optimizer; load it without one"):
        net.load(tmp_path / "it", SGD(net.parameters()))
    net.save(tmp_path / "it", SGD(net.parameters()))
    net.load(tmp_path / "it")


def test_what_json_cannot_hold_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    net = mlp(1)
    net.activations[1].temperature = float("nan")  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="save: expected finite settings"):
        net.save(tmp_path / "it")
    with pytest.raises(ValueError, match="save: expected finite settings"):
        save_checkpoint(tmp_path / "it", "a test", {}, {"rate": float("inf")})
    assert visible(tmp_path) == []


def test_a_link_stays_a_link_to_what_is_saved(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "it")
    mlp(1).save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    mlp(2).load(tmp_path / "folder" / "it")


def test_backward_after_a_load_is_refused(tmp_path: Path) -> None:
    net = mlp(1)
    net.save(tmp_path / "it")
    loads: tuple[tuple[Any, Any], ...] = (
        (net.load, tmp_path / "it"),
        (net.load_state_dict, net.state_dict()),
    )
    for load, what in loads:
        labels = np.full_like(net(X), 0.5)
        load(what)
        with pytest.raises(RuntimeError, match=r"the weights changed.* or a load"):
            net.backward(labels)

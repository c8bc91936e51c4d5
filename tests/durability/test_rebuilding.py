"""`mytorch.load`: a network or a module made anew from its file alone."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mytorch
from mytorch import (
    ELU,
    GELU,
    L2,
    MLP,
    AvgPool2d,
    BatchNorm,
    BatchNorm2d,
    Conv2d,
    Criterion,
    CrossEntropy,
    Dropout,
    Flatten,
    Identity,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Sigmoid,
    Softmax,
    SoftmaxCrossEntropy,
    Tanh,
    WeightedSoftmaxCrossEntropy,
    nn,
)  # fmt: skip
from mytorch.checkpoint.archive import load_checkpoint, save_checkpoint
from mytorch.initializers import xavier_normal, zeros_bias_init
from mytorch.optim import SGD, Adam, AdamW, RMSprop
from mytorch.system.errors import DataError
from mytorch.tensor import Tensor
from mytorch.training import Training

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(8, 5)), np.eye(3)[rng.integers(0, 3, 8)]


class PReLU(Layer):
    """Its `n` is in no file, so it is made without `__init__`."""

    parameters = ("slope",)

    def __init__(self, n: int) -> None:
        self.slope = np.full((1, n), 0.25)
        self.mask = np.ones((1, n))

    def forward(self, x: Any) -> Any:
        self.x = x * self.mask
        return np.where(self.x > 0, self.x, self.slope * self.x)

    def backward(self, grad: Any, /) -> Any:
        self.dslope = (grad * np.minimum(self.x, 0)).sum(axis=0, keepdims=True)
        return grad * np.where(self.x > 0, 1, self.slope) * self.mask


class Noise(Layer):
    """A setting, and a generator that goes on where it was."""

    def __init__(self, size: float, rng: Any = None) -> None:
        self.size = size
        self.rng = np.random.default_rng(rng)

    def forward(self, x: Any) -> Any:
        return x + self.size * self.rng.normal(size=x.shape)

    def backward(self, grad: Any, /) -> Any:
        return grad


class Weighted(Criterion):
    def __init__(self) -> None:
        super().__init__()
        self.weights = np.array([1.0, 2.0, 3.0])

    def forward(self, x: Any, y: Any) -> Any:
        self.difference = x - y
        self.loss = (self.weights * self.difference**2).sum(axis=1)
        return self.loss

    def derivative(self) -> Any:
        return 2 * self.weights * self.difference


class Net(nn.Module):
    """`hidden` is in no file."""

    def __init__(self, hidden: int) -> None:
        self.first = nn.Linear(5, hidden)
        self.scale = Tensor([2.0], requires_grad=True, is_parameter=True)
        self.rest = nn.ModuleList([nn.BatchNorm1d(hidden), nn.FromLayer(PReLU(hidden))])
        self.last = nn.Linear(hidden, 3, bias=False)
        self.count = Tensor([7])

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x) * self.scale
        for module in self.rest:
            y = module(y)
        return self.last(y)


def linear(n: int, m: int, dtype: Any = None) -> Linear:
    return Linear(n, m, xavier_normal, zeros_bias_init, dtype)


def mlp(bn: int, criterion: Any, last: Any, dtype: Any = None) -> MLP:
    return MLP(
        5, 3, [4, 6], [LeakyReLU(0.2), Tanh(), last], xavier_normal, zeros_bias_init, criterion,
        0.1, 0.9, bn, dtype,
    )  # fmt: skip


NETWORKS: dict[str, Any] = {
    "MLP": lambda: mlp(0, SoftmaxCrossEntropy(), Identity()),
    "MLP with batch norm": lambda: mlp(2, CrossEntropy(), Softmax()),
    "MLP in float32": lambda: mlp(1, L2(), Sigmoid(), np.float32),
    "Network": lambda: Network([linear(5, 3)], L2()),
    "Network with Adam": lambda: Network(
        [linear(5, 4), BatchNorm(4, 0.8, 1e-3), ReLU(), linear(4, 3)], SoftmaxCrossEntropy(),
        Adam(lr=0.02, betas=(0.8, 0.9)),
    ),
    "Network with AdamW": lambda: Network([linear(5, 3)], L2(), AdamW()),
    "Network with RMSprop": lambda: Network([linear(5, 3, np.float32)], L2(), RMSprop(alpha=0.5)),
    "own layers": lambda: Network(
        [linear(5, 4), Noise(0.1, 3), PReLU(4), linear(4, 3)], Weighted(), SGD(lr=0.01)
    ),
}  # fmt: skip


def steps(network: Any, count: int = 2) -> Any:
    for _ in range(count):
        network.forward(X)
        network.backward(Y)
        if network.optimizer is not None:
            network.step()
    return network.forward(X)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_goes_on_bit_for_bit(name: str, tmp_path: Path) -> None:
    net = NETWORKS[name]()
    steps(net)
    net.save(tmp_path / "net")
    again = mytorch.load(tmp_path / "net", PReLU, Noise, Weighted)
    assert type(again) is type(net)
    assert repr(again) == repr(net)
    assert again.dtype == net.dtype
    assert steps(again).tobytes() == steps(net).tobytes()
    net.eval()
    net.save(tmp_path / "net")
    assert not mytorch.load(str(tmp_path / "net"), PReLU, Noise, Weighted).train_mode


def test_the_network_of_a_training_run_is_in_its_file(tmp_path: Path) -> None:
    run = Training(mlp(1, SoftmaxCrossEntropy(), Identity()), ((X, Y),) * 2, 3, rng=0)
    list(run.epochs(2))
    run.save(tmp_path / "run")
    again = mytorch.load(tmp_path / "run")
    again.eval()
    run.mlp.eval()
    assert np.array_equal(again(X), run.mlp(X))


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4, 1e-3, 0.2), nn.LeakyReLU(0.3)),
        lambda: nn.Sequential(nn.Sequential(nn.Linear(5, 4, bias=False, dtype=np.float32))),
        lambda: nn.Sequential(nn.FromLayer(linear(5, 4)), nn.Softmax(), nn.Identity()),
        lambda: Net(4),
    ],
)
def test_a_module_goes_on_bit_for_bit(make: Any, tmp_path: Path) -> None:
    module = make()
    module(Tensor(X))
    module.eval()
    module.save(tmp_path / "module")
    again = mytorch.load(tmp_path / "module", Net, PReLU)
    assert repr(again) == repr(module)
    names = [name for name, _ in module.named_parameters()]
    assert [name for name, _ in again.named_parameters()] == names
    for mode in (False, True):
        outs = [one.train(mode)(Tensor(X)) for one in (module, again)]
        assert outs[0].data.tobytes() == outs[1].data.tobytes()
    outs[1].sum().backward()


def test_a_class_that_is_not_known_is_named(tmp_path: Path) -> None:
    for net, name in ((NETWORKS["own layers"](), "Noise"), (Net(4), "Net")):
        net.save(tmp_path / "it")
        with pytest.raises(DataError, match=rf"class {name}, which is none.*load\(path, {name}\)"):
            mytorch.load(tmp_path / "it")
    with pytest.raises(TypeError, match="expected classes after the path"):
        mytorch.load(tmp_path / "it", Net(4))
    with pytest.raises(DataError, match="No such file"):
        mytorch.load(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["system", "Exception", "os.system", "Layer", "load", "nn", ""])
def test_a_name_in_a_file_stands_for_a_known_class_or_nothing(name: str, tmp_path: Path) -> None:
    for net in (NETWORKS["Network with Adam"](), nn.Sequential(nn.Linear(5, 4))):
        net.save(tmp_path / "it")
        kind = "a module" if isinstance(net, nn.Module) else "a network"
        arrays, facts = load_checkpoint(tmp_path / "it", kind)
        stored = facts["modules"]["0"] if "modules" in facts else facts["network"]["layers"][0]
        stored[0] = name
        save_checkpoint(tmp_path / "it", kind, arrays, facts)
        with pytest.raises(DataError):
            mytorch.load(tmp_path / "it")


@pytest.mark.parametrize("wrong", [None, [], 3, "x", {}, [[]]])
def test_a_file_that_says_nonsense_is_refused(wrong: Any, tmp_path: Path) -> None:
    for net in (NETWORKS["MLP"](), nn.Sequential(nn.Linear(5, 4))):
        net.save(tmp_path / "it")
        kind = "a module" if isinstance(net, nn.Module) else "a network"
        arrays, facts = load_checkpoint(tmp_path / "it", kind)
        own = facts.get("network", facts)
        for name in [n for n in own if n not in ("optimizer", "parameters")]:
            changed = {**own, name: wrong}
            changed = {**facts, "network": changed} if "network" in facts else changed
            save_checkpoint(tmp_path / "it", kind, arrays, changed)
            with pytest.raises(DataError):
                mytorch.load(tmp_path / "it")


def test_a_file_holds_numbers_and_text_alone(tmp_path: Path) -> None:
    """So that nothing in it can be run."""
    path = tmp_path / "it"
    NETWORKS["MLP"]().save(path)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        header = np.load(io.BytesIO(archive.read("checkpoint.json.npy")), allow_pickle=False)
        facts = json.loads(header.tobytes())["facts"]
        for name in archive.namelist():
            assert np.load(io.BytesIO(archive.read(name)), allow_pickle=False).dtype.kind in "fiub"
    assert facts["class"] == "MLP"


PICTURES = rng.normal(size=(8, 2, 5, 4))


def test_a_network_of_pictures_goes_on_bit_for_bit(tmp_path: Path) -> None:
    layers = [
        Conv2d(2, 4, 1, bias=False), Conv2d(4, 3, (3, 2), stride=(2, 1), padding=1),
        BatchNorm2d(3), ELU(0.5), MaxPool2d(2, 1, 1), GELU(), AvgPool2d(2), Dropout(0.4, rng=5),
        Flatten(), linear(18, 3),
    ]  # fmt: skip
    net = Network(layers, WeightedSoftmaxCrossEntropy([1.0, 2.0, 0.5]), Adam(lr=0.01))

    def go_on(network: Network) -> bytes:
        for _ in range(2):
            network.forward(PICTURES)
            network.backward(Y)
            network.step()
        return network.forward(PICTURES).tobytes()

    go_on(net)
    net.save(tmp_path / "net")
    again = mytorch.load(tmp_path / "net")
    assert repr(again) == repr(net)
    assert go_on(again) == go_on(net)


def test_a_module_of_pictures_goes_on_bit_for_bit(tmp_path: Path) -> None:
    module = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1, bias=False), nn.BatchNorm2d(3), nn.GELU(), nn.MaxPool2d(2),
        nn.ELU(0.3), nn.AvgPool2d(2, padding=1), nn.Dropout(0.4), nn.Flatten(), nn.Linear(12, 3),
    )  # fmt: skip
    module(Tensor(PICTURES))
    module.save(tmp_path / "module")
    again = mytorch.load(tmp_path / "module")
    assert repr(again) == repr(module)
    for mode in (True, False):
        outs = [one.train(mode)(Tensor(PICTURES)).data for one in (module, again)]
        assert outs[0].tobytes() == outs[1].tobytes()

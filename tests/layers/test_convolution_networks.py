"""Networks of convolutions: another engine, learning, runs that go on, both sides."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mytorch import (
    ELU,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    SoftmaxCrossEntropy,
    Tensor,
    nn,
)
from mytorch.gradcheck import gradcheck
from mytorch.nn.classic import from_mlp
from mytorch.optim import Adam
from mytorch.training import evaluate, predict
from tests.conftest import Arrays
from tests.support.layers import xavier


def test_another_engine_trains_the_same_network(references: Callable[[str], Arrays]) -> None:
    """Weights come from and go to PyTorch's names; three steps of its Adam, on both sides."""
    stored = references("convnet")
    start = {k.removeprefix("start "): v for k, v in stored.items() if k.startswith("start ")}
    end = {k.removeprefix("end "): v for k, v in stored.items() if k.startswith("end ")}
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ELU(), nn.MaxPool2d(3, 2, 1),
        nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.GELU(), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(64, 3),
    )  # fmt: skip
    model.load_state_dict(start)
    optimizer = Adam(model.parameters(), lr=0.01)
    losses = []
    for x, labels in zip(stored["x"], stored["labels"], strict=True):
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(model(Tensor(x)), Tensor(labels))
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
    np.testing.assert_allclose(losses, stored["losses"], rtol=1e-10)
    for name, array in model.state_dict().items():
        np.testing.assert_allclose(array, end[name], rtol=1e-7, atol=1e-9, err_msg=name)
    model.eval()
    np.testing.assert_allclose(
        model(Tensor(stored["x"][0])).data, stored["evaluated"], rtol=1e-7, atol=1e-9
    )


def network(rng: int = 0) -> Network:
    layers = [
        Conv2d(1, 4, 3, padding=1, rng=rng), BatchNorm2d(4), ReLU(), MaxPool2d(2),
        Conv2d(4, 6, 3, stride=2, padding=1, rng=rng), ELU(), Flatten(), Dropout(0.3, rng=rng),
        Linear(24, 3, xavier(rng), lambda n: np.zeros((1, n))),
    ]  # fmt: skip
    return Network(layers, SoftmaxCrossEntropy(), Adam(lr=0.01))


def batches() -> Any:
    rng = np.random.default_rng(0)
    return rng.normal(size=(12, 1, 8, 8)), np.eye(3)[rng.integers(0, 3, 12)]


def steps(network: Network, count: int) -> float:
    x, y = batches()
    for _ in range(count):
        network.forward(x)
        network.backward(y)
        network.step()
    return float(network.criterion.loss.mean())


def test_a_network_of_convolutions_learns_its_batch() -> None:
    one = network()
    assert steps(one, 1) > 0.8
    assert steps(one, 60) < 0.1
    assert gradcheck(Network([*network().layers[:7], network().layers[8]], SoftmaxCrossEntropy()),
                     *batches(), sample=20)  # fmt: skip


def test_a_run_goes_on_bit_for_bit_with_its_masks(tmp_path: Any) -> None:
    one, other = network(), network(1)
    steps(one, 3)
    one.save(tmp_path / "network.npz")
    other.load(tmp_path / "network.npz")
    assert steps(one, 3) == steps(other, 3)
    for name, array in one.state_dict().items():
        np.testing.assert_array_equal(array, other.state_dict()[name], err_msg=name)


@pytest.mark.parametrize("channels", [1, 3, 16])
def test_pickled_weights_go_on_bit_for_bit(channels: int) -> None:
    """Pickle lays arrays down in the order of their axes; the last bit of a product shows it."""
    rng = np.random.default_rng(channels)
    first = Conv2d(2, channels, 1, rng=1), ELU(), Conv2d(channels, 16, 3, padding=1, rng=2)
    network = Network(
        [*first, ReLU(), Flatten(), Linear(480, 3, xavier(0), np.zeros)],
        SoftmaxCrossEntropy(),
        Adam(lr=0.01),
    )
    copied = pickle.loads(pickle.dumps(network))
    assert np.array_equal(copied.layers[2].W, network.layers[2].W)
    for _ in range(3):
        x, y = rng.normal(size=(7, 2, 5, 6)), np.eye(3)[rng.integers(3, size=7)]
        for one in (network, copied):
            one.forward(x)
            one.backward(y)
            one.step()
        assert [a.data.tobytes() for a in network.parameters()] == [
            a.data.tobytes() for a in copied.parameters()
        ]


def test_pictures_are_evaluated_and_predicted_in_small_parts() -> None:
    """A convolution makes many numbers of each: a thousand at once would take gigabytes."""
    seen = []

    class Noted(Flatten):
        def infer(self, x: Any) -> Any:
            seen.append(len(x))
            return self.forward(x)

    network = Network([Noted(), Linear(12, 3, xavier(0), np.zeros)], SoftmaxCrossEntropy())
    x, y = np.random.default_rng(0).normal(size=(250, 3, 2, 2)), np.eye(3)[np.arange(250) % 3]
    parts = [100, 100, 50]
    evaluate(network, x, y)
    assert np.array_equal(predict(network, x), network.forward(x).argmax(axis=1))
    assert seen == parts * 2
    assert network.train_mode


def test_a_stride_is_a_setting_that_is_stored(tmp_path: Any) -> None:
    def pool(stride: int) -> Network:
        linear = Linear(4 if stride == 2 else 9, 2, xavier(0), lambda n: np.zeros((1, n)))
        return Network([MaxPool2d(2, stride), Flatten(), linear], SoftmaxCrossEntropy())

    pool(2).save(tmp_path / "pool.npz")
    other = Network([MaxPool2d(2, 1), *pool(2).layers[1:]], SoftmaxCrossEntropy())
    other.load(tmp_path / "pool.npz")
    assert other.layers[0].stride == (2, 2)


def test_both_sides_have_the_same_output_and_names() -> None:
    one = network()
    steps(one, 2)
    one.eval()
    model = from_mlp(one)
    x, _ = batches()
    np.testing.assert_array_equal(model(Tensor(x)).data, one.forward(x))
    assert model.state_dict().keys() == one.state_dict().keys()
    one.load_state_dict(model.state_dict())


def test_one_module_may_run_twice_before_its_backward() -> None:
    """The calls share the weights, and nothing that their backward passes need."""
    for shape in ((2, 16, 4, 4), (2, 16, 2, 2), (2, 2, 5, 5)):
        module = nn.Conv2d(shape[1], 3, 3, padding=1, rng=0)
        weight: Any = dict(module.named_parameters())["weight"]
        gradients = []
        for together in (True, False):
            weight.grad = None
            inputs = [Tensor(x) for x in np.random.default_rng(1).normal(size=(2, *shape))]
            if together:
                (module(inputs[0]) ** 2 + module(inputs[1]) ** 2).sum().backward()
            else:
                for x in inputs:
                    (module(x) ** 2).sum().backward()
            gradients.append(weight.grad.data.copy())
        np.testing.assert_allclose(*gradients, rtol=1e-12, atol=1e-12)

"""Ctrl-C at every line of a step: nothing comes apart, and training goes on."""

import ast
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import mytorch
from mytorch import MLP, nn, optim, training
from mytorch.autograd_engine import no_grad
from mytorch.nn import functional as F
from mytorch.nn.classic import from_mlp
from mytorch.tensor import Tensor
from tests.support.undisturbed import (
    Array,
    assert_same,
    batch,
    check_a_step,
    everything,
    network,
    train,
)

LIBRARY = str(Path(mytorch.__file__).parent)


def interrupted(action: Callable[[], Any], at: int) -> bool:
    """Whether `action` was still going on when the library began its line number `at`.

    KeyboardInterrupt is raised there, as by Ctrl-C. Not in `finally` blocks of assignments: Python
    looks for signals where a function begins and a loop goes round, and there is neither.
    """
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.startswith(LIBRARY):
            return None
        if event == "line" and frame.f_lineno not in last_lines(frame.f_code.co_filename):
            count += 1
            if count == at:
                sys.settrace(None)
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


@cache
def last_lines(path: str) -> frozenset[int]:
    """The lines in `finally` blocks that only assign."""
    blocks = [n.finalbody for n in ast.walk(ast.parse(Path(path).read_text()))
              if isinstance(n, ast.Try)]  # fmt: skip
    return frozenset(s.lineno for block in blocks for s in block if isinstance(s, ast.Assign))


def moments(make: Callable[[], Any], action: Callable[[Any], Any], every: int = 1) -> Iterator[Any]:
    """What `make` makes, each time interrupted some lines later while `action` works on it."""
    for at in range(1, 100_000, every):
        made = make()
        if not interrupted(lambda: action(made), at):  # noqa: B023 - called at once
            assert at > 20
            return
        yield made


@pytest.fixture
def every(slow: bool) -> int:
    """Every line with --slow, else every seventh."""
    return 1 if slow else 7


def restored(mlp: MLP, saved: list[Array]) -> None:
    """Gives back what `everything` had found."""
    names = list(mlp.state_dict())
    mlp.load_state_dict(dict(zip(names, saved, strict=False)))
    for layer, i in zip(mlp.linear_layers, range(len(names), len(saved), 2), strict=True):
        layer.momentum_W, layer.momentum_b = saved[i], saved[i + 1]


def step(mlp: MLP, *others: MLP) -> None:
    train(mlp, 3)


def replaced_array(mlp: MLP, *others: MLP) -> None:
    """A step that joins the arrays of the same layers anew."""
    vars(mlp.linear_layers[1])["W"] = mlp.W[1].copy()
    train(mlp, 3)


def joined_anew(mlp: MLP, first: MLP, second: MLP) -> None:
    """A step before which a layer and its arrays are others, so that all are joined again."""
    mlp.linear_layers[0], mlp.bn_layers[0] = first.linear_layers[0], second.bn_layers[0]
    vars(mlp.linear_layers[1])["W"] = mlp.W[1].copy()
    train(mlp, 3)


@pytest.mark.slow
@pytest.mark.parametrize("action", [step, replaced_array, joined_anew])
def test_each_array_is_as_before_the_step_or_as_after_it(
    action: Callable[..., None], every: int
) -> None:
    def make() -> tuple[MLP, MLP, MLP]:
        return train(network(), 1, 2), network(seed=4), network(seed=4)

    before, (after, *others) = everything(train(network(), 1, 2)), make()
    action(after, *others)
    twin = train(network(), 1, 2)
    train(twin, 5, 6)
    other = everything(network(seed=4))
    for mlp, *_ in moments(make, lambda made: action(*made), every):
        states = zip(everything(mlp), before, everything(after), other, strict=True)
        for name, (now, *possible) in zip(mlp.state_dict(), states, strict=False):
            assert any(np.array_equal(now, array) for array in possible), name
        restored(mlp, before)
        assert_same(train(mlp, 5, 6), twin)  # the step reaches the layers' own arrays


def test_training_goes_on_without_restoring_anything(every: int) -> None:
    for mlp in moments(lambda: train(network(), 1), step, every):
        mlp.forward(batch(4)[0])
        mlp.backward(batch(4)[1])
        check_a_step(mlp)


def test_a_pass_cut_short_is_not_mistaken_for_a_whole_one() -> None:
    """Backward either is for the whole of the last forward, or refuses."""
    x, labels = batch(3)
    first, second = train(network(bn=0), 1), train(network(bn=0), 1)
    first.forward(batch(2)[0])
    first.backward(labels)
    second.forward(x)
    second.backward(labels)
    made = []

    def make() -> MLP:
        made.append(train(network(bn=0), 1))
        made[-1].forward(batch(2)[0])
        return made[-1]

    refused = 0
    for mlp in moments(make, lambda mlp: mlp.forward(x)):
        try:
            mlp.backward(labels)
        except RuntimeError as error:
            assert "call forward(x) again" in str(error)  # noqa: PT017 - it may also succeed
            refused += 1
            continue
        assert any(
            all(np.array_equal(a, b) for a, b in zip(mlp.dW, twin.dW, strict=True))
            for twin in (first, second)
        )
    assert refused > 5


Trained = tuple[nn.Module, optim.SGD]


def model(*seeds: int) -> Trained:
    module = from_mlp(network())
    pair = (module, optim.SGD(module.parameters(), 0.1, 0.9))
    for seed in seeds:
        tensor_step(pair, seed)
    return pair


def tensor_step(pair: Trained, seed: int = 3) -> None:
    module, optimizer = pair
    x, labels = batch(seed)
    optimizer.zero_grad()
    F.cross_entropy(module(Tensor(x)), Tensor(labels.argmax(1))).backward()
    optimizer.step()


def tensors(pair: Trained) -> list[Array]:
    return [*pair[0].state_dict().values(), *(v.copy() for v in pair[1].momentums)]


@pytest.mark.slow
def test_a_step_on_tensors(every: int) -> None:
    check_interrupted_tensors(lambda *seeds: model(1, *seeds), every)


@pytest.mark.slow
def test_the_first_step_on_tensors(every: int) -> None:
    check_interrupted_tensors(model, every)


def check_interrupted_tensors(make: Callable[..., Trained], every: int) -> None:
    before, after, twin = tensors(make()), tensors(make(3)), tensors(make(5, 6))
    for pair in moments(make, tensor_step, every):
        module, optimizer = pair
        names = list(module.state_dict())
        for now, *possible in zip(module.state_dict().values(), before, after, strict=False):
            assert any(np.array_equal(now, array) for array in possible)
        module.load_state_dict(dict(zip(names, before, strict=False)))
        optimizer.momentums = [v.copy() for v in before[len(names) :]]
        tensor_step(pair, 5)
        tensor_step(pair, 6)
        for now, expected in zip(tensors(pair), twin, strict=True):
            np.testing.assert_array_equal(now, expected)


@pytest.mark.slow
def test_graphs_are_built_again_after_a_block_without() -> None:
    def evaluate(pair: Trained) -> None:
        with no_grad():
            pair[0](Tensor(batch(1)[0]))

    for module, _ in moments(model, evaluate):
        assert module(Tensor(batch(1)[0])).requires_grad


def test_evaluation_returns_to_the_mode_that_was() -> None:
    for mlp in moments(network, lambda mlp: training.evaluate(mlp, *batch(1))):
        assert mlp.train_mode


@contextmanager
def alarm_after(seconds: float) -> Iterator[None]:
    """KeyboardInterrupt when that time is over, by a signal."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# Where the signal comes while threadpoolctl reads a file, that is closed by the garbage collector.
@pytest.mark.slow
@pytest.mark.usefixtures("two_threads")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_while_epochs_are_trained() -> None:
    threads = [library["num_threads"] for library in threadpool_info()]
    data = batch(1, 50)
    mlp, stopped = network(), 0
    before, twin = everything(mlp), network()
    training.get_training_stats(twin, (data, data), 1, 10, rng=1)  # type: ignore[arg-type]
    for seconds in np.random.default_rng(0).uniform(0.0001, 0.03, 60):
        try:
            with alarm_after(seconds):
                training.get_training_stats(mlp, (data, data), 1000, 10)  # type: ignore[arg-type]
        except KeyboardInterrupt:
            stopped += 1
        assert all(np.isfinite(array).all() for array in everything(mlp))
        restored(mlp, before)
        training.get_training_stats(mlp, (data, data), 1, 10, rng=1)  # type: ignore[arg-type]
        assert_same(mlp, twin)
        restored(mlp, before)
    assert stopped  # one in the garbage collector or a callback of C, Python prints and drops
    assert threads == [library["num_threads"] for library in threadpool_info()]

"""Training that is counted in steps: order, figures, and a run that stops and goes on."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch import Conv2d, Dropout, Flatten, Linear, MaxPool2d, Network, ReLU, SoftmaxCrossEntropy
from mytorch.initializers import kaiming_normal, zeros_bias_init
from mytorch.optim import Adam
from mytorch.optim.schedule import CosineLR, StepLR
from mytorch.training import StepTraining, evaluate

ROWS, BATCH = 43, 10  # four batches in a pass, and three pictures left out


def data() -> Any:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(ROWS, 1, 6, 5)), np.eye(3)[rng.integers(3, size=ROWS)]
    return (x, y), (x[:20] + 1, y[:20])


def network(seed: int) -> Network:
    rng = np.random.default_rng(seed)

    def weights(n: int, m: int) -> Any:
        return kaiming_normal(n, m, rng)

    layers = [
        Conv2d(1, 4, 3, padding=1, rng=rng), ReLU(), MaxPool2d(2), Flatten(), Dropout(0.3, seed),
        Linear(4 * 3 * 2, 3, weights, zeros_bias_init),
    ]  # fmt: skip
    return Network(layers, SoftmaxCrossEntropy(), Adam(lr=0.01, weight_decay=0.1))


def everything(net: Network) -> list[Any]:
    """Weights, Adam's moments, numbers of steps, learning rate, the state of dropout's numbers."""
    optimizer = net.optimizer
    arrays = [*net.state_dict().values(), *optimizer.means, *optimizer.squares]
    rng = net.layers[4].rng.bit_generator.state
    return [[a.tobytes() for a in arrays], optimizer.steps, optimizer.lr, rng]


def test_the_first_pass_is_in_order_and_others_are_mixed() -> None:
    """As the course's next_batch (uva-2019 §6): what is less than a batch is left out."""
    run = StepTraining(network(0), data(), BATCH, 1)
    batches: list[Any] = []
    original = run._train_batch

    def noted(rows: Any, place: str) -> Any:
        batches.append(rows.copy())
        return original(rows, place)

    run._train_batch = noted
    list(run.steps(12, 100))
    passes = np.array(batches).reshape(3, 40)
    assert np.array_equal(passes[0], np.arange(40))
    for one in passes[1:]:
        assert len(set(one)) == 40
        assert not np.array_equal(np.sort(one), one)
    assert not np.array_equal(passes[1], passes[2])


def test_figures_are_those_before_each_step_and_of_all_test_data() -> None:
    run = StepTraining(network(0), data(), BATCH, 1)
    twin = network(0)
    (x, y), test = data()
    measured = [tuple(e) for e in run.steps(7, 3)]
    assert [step for step, *_ in measured] == [3, 6, 7]
    for i in range(4):
        rows = slice(i * BATCH, (i + 1) * BATCH)
        out = twin.forward(x[rows])
        twin.backward(y[rows])
        shifted = out - out.max(axis=1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        assert run.losses[i] == pytest.approx(-(logs * y[rows]).sum() / BATCH, rel=1e-12)
        wrong = out.argmax(axis=1) != y[rows].argmax(axis=1)
        assert run.batch_errors[i] == wrong.mean()
        twin.step()
        if i == 2:
            assert measured[0] == (3, *evaluate(twin, *test))
    assert len(run.losses) == 7


SCHEDULES: dict[str, Any] = {
    "none": lambda optimizer: None,
    "cosine": lambda optimizer: CosineLR(optimizer, 20),
    "step": lambda optimizer: StepLR(optimizer, 4),
}


@pytest.mark.parametrize("kind", SCHEDULES)
def test_stopped_and_continued_it_is_the_run_that_never_stopped(kind: str, tmp_path: Path) -> None:
    """With Adam, weight decay, dropout's random numbers and a schedule."""

    class StopHereError(Exception):
        pass

    def started(seed: int) -> tuple[StepTraining, Any]:
        net = network(seed)
        return StepTraining(net, data(), BATCH, seed), SCHEDULES[kind](net.optimizer)

    def trained(run: StepTraining, schedule: Any, stop: int) -> None:
        def after_step(run: Any) -> None:
            if schedule is not None:
                schedule.step()
            if run.begun == stop:
                raise StopHereError

        list(run.steps(11, 4, after_step))

    whole, schedule = started(1)
    first = whole.mlp.optimizer.lr
    trained(whole, schedule, -1)
    assert (whole.mlp.optimizer.lr == first) == (kind == "none")
    path, stop = tmp_path / "it", 0
    started(1)[0].save(path)
    while True:
        run, schedule = started(stop + 5)
        run.load(path)
        stop += 1 + stop % 3
        try:
            trained(run, schedule, stop)
        except StopHereError:
            run.save(path)
            continue
        break
    assert stop > 11
    assert everything(run.mlp) == everything(whole.mlp)
    assert (run.losses, run.evaluations) == (whole.losses, whole.evaluations)
    assert run.batch_errors == whole.batch_errors

"""What automatic differentiation costs: against the classic face, and per operation.

    ./grade.sh bench

The contenders take turns in one process; medians over the rounds and their ratios are printed.
"""

import platform
import statistics
import time
from collections.abc import Callable

import numpy as np

from mytorch import MLP, Identity, ReLU, SoftmaxCrossEntropy
from mytorch.initializers import random_normal_weight_init, zeros_bias_init
from mytorch.nn import functional as F
from mytorch.nn.activations import ReLU as TensorReLU
from mytorch.nn.batchnorm import BatchNorm1d
from mytorch.nn.linear import Linear
from mytorch.nn.loss import CrossEntropyLoss
from mytorch.nn.sequential import Sequential
from mytorch.optim.sgd import SGD
from mytorch.tensor import Array, Tensor

ROUNDS = 15
STEPS = 100
CHAIN = 2000


def main() -> None:
    """Prints both tables."""
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, ",
        end="",
    )
    print(f"NumPy {np.__version__}, {ROUNDS} rounds\n")
    print("a training step of 784-20-BN-ReLU-10, batch 100, momentum 0.9, in microseconds")
    print(f"{'dtype':9} {'classic':>9} {'autograd':>9} {'ratio':>6}")
    for dtype in ("float32", "float64"):
        classic, autograd = training_steps(dtype)
        times = interleaved({"classic": classic, "autograd": autograd}, STEPS)
        medians = {name: statistics.median(values) for name, values in times.items()}
        print(
            f"{dtype:9} {medians['classic']:9.0f} {medians['autograd']:9.0f} "
            f"{medians['autograd'] / medians['classic']:6.2f}"
        )

    print("\nan operation on single numbers, forward and backward, in microseconds;")
    print("work: the same calls of NumPy, or of the classic layer, without the engine")
    print(f"{'operation':14} {'all':>6} {'work':>6} {'engine':>7}")
    for name, (operation, plain_work) in operations().items():
        times = interleaved(
            {"all": chain(operation, np.ones((1, 1) if "@" in name else 1)), "work": plain_work}, 1
        )
        total = statistics.median(times["all"]) / CHAIN
        work = statistics.median(times["work"]) / CHAIN
        print(f"{name:14} {total:6.2f} {work:6.2f} {total - work:7.2f}")


def interleaved(contenders: dict[str, Callable[[], object]], steps: int) -> dict[str, list[float]]:
    """Microseconds per call of each contender, one value per round, after a round to warm up."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for round_number in range(ROUNDS + 1):
        for name, contender in contenders.items():
            started = time.perf_counter()
            for _ in range(steps):
                contender()
            if round_number:
                times[name].append((time.perf_counter() - started) / steps * 1e6)
    return times


def training_steps(dtype: str) -> tuple[Callable[[], None], Callable[[], None]]:
    """One step of the same network in the classic face and through automatic differentiation."""
    rng = np.random.default_rng(0)
    x = rng.random((100, 784)).astype(dtype)
    labels = rng.integers(0, 10, 100)
    one_hot = np.eye(10, dtype=dtype)[labels]
    mlp = MLP(
        784, 10, [20], [ReLU(), Identity()], random_normal_weight_init, zeros_bias_init,
        SoftmaxCrossEntropy(), 0.1, 0.9, 1, dtype,
    )  # fmt: skip
    model = Sequential(
        Linear(784, 20, dtype), BatchNorm1d(20, dtype=dtype), TensorReLU(), Linear(20, 10, dtype)
    )
    criterion, optimizer = CrossEntropyLoss(), SGD(model.parameters(), 0.1, 0.9)

    def classic() -> None:
        mlp.zero_grads()
        mlp.forward(x)
        mlp.backward(one_hot)
        mlp.step()

    def autograd() -> None:
        optimizer.zero_grad()
        criterion(model(Tensor(x)), Tensor(labels)).backward()
        optimizer.step()

    return classic, autograd


def operations() -> dict[str, tuple[Callable[[Tensor], Tensor], Callable[[], None]]]:
    """Operations by name, each with the calls that a chain of them makes either way."""
    a, w = np.ones(1), Tensor(np.ones(1))
    leaf = Tensor(np.ones(1), requires_grad=True)
    row = np.ones((1, 1))
    one = Tensor(row)

    def classic_relu() -> None:
        layer = ReLU()
        layer.forward(a)
        layer.backward(a)

    def loop(work: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            for _ in range(CHAIN):
                work()

        return run

    return {
        "y + constant": (lambda y: y + w, loop(lambda: a + a)),
        "y + leaf": (lambda y: y + leaf, loop(lambda: (a + a, a + a))),
        "y * constant": (lambda y: y * w, loop(lambda: (a * a, a * a))),
        "-y": (lambda y: -y, loop(lambda: (-a, -a))),
        "y.reshape(1)": (lambda y: y.reshape(1), loop(lambda: (a.reshape(1), a.reshape(1)))),
        "y.mean()": (lambda y: y.mean(), loop(lambda: (a.mean(), np.broadcast_to(a, 1) / a))),
        "relu(y)": (F.relu, loop(classic_relu)),
        "y @ constant": (lambda y: y @ one, loop(lambda: (row @ row, row @ row.T))),
    }  # fmt: skip


def chain(operation: Callable[[Tensor], Tensor], start: Array) -> Callable[[], None]:
    """A long chain of one operation, forward and backward."""

    def run() -> None:
        y = Tensor(start, requires_grad=True)
        for _ in range(CHAIN):
            y = operation(y)
        y.backward()

    return run


if __name__ == "__main__":
    main()

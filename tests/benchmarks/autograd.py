"""What an operation on tensors costs beside the arithmetic that it does."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import numpy as np

from mytorch import ReLU
from mytorch.nn import functional as F
from mytorch.tensor import Array, Tensor
from tests.benchmarks.timing import interleaved

CHAIN = 2000  # operations after each other, forward and backward


def report(rounds: int = 9) -> list[dict[str, Any]]:
    """Microseconds per operation, printed as a table and returned."""
    print("an operation on single numbers, forward and backward, in microseconds;")
    print("work: the same calls of NumPy, or of the classic layer, without the engine")
    print(f"{'operation':14} {'all':>6} {'work':>6} {'engine':>7}")
    rows = []
    for name, (operation, plain_work) in operations().items():
        start = np.ones((1, 1) if "@" in name else 1)
        times = interleaved({"all": chain(operation, start), "work": plain_work}, rounds, 0.02)
        whole, work = (statistics.median(times[n]) / CHAIN * 1e6 for n in ("all", "work"))
        print(f"{name:14} {whole:6.2f} {work:6.2f} {whole - work:7.2f}", flush=True)
        rows.append({"operation": name, "microseconds": round(whole, 2), "work": round(work, 2)})
    return rows


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

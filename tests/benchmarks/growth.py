"""How a step's time and a network's memory grow: a line through each series of measurements."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from mytorch import MLP, Identity, ReLU, SoftmaxCrossEntropy
from mytorch.initializers import kaiming_normal, zeros_bias_init
from mytorch.system.threads import blas_threads
from mytorch.training import train_epochs
from tests.benchmarks.timing import interleaved

MANY_STEPS = 20_000


def network(layers: int, width: int, inputs: int = 256) -> MLP:
    """`layers` linear layers with ReLU between them, in float32."""
    return MLP(
        inputs, 10, [width] * (layers - 1), [*(ReLU() for _ in range(layers - 1)), Identity()],
        kaiming_normal, zeros_bias_init, SoftmaxCrossEntropy(), 0.01, 0.9, 0, "float32",
    )  # fmt: skip


def stepper(mlp: MLP, batch: int) -> Callable[[], None]:
    """A training step on one batch."""
    x, y = samples(batch, mlp.input_size)

    def step() -> None:
        mlp.forward(x)
        mlp.backward(y)
        mlp.step()

    return step


def samples(rows: int, features: int) -> tuple[Any, Any]:
    """Random pixels and one-hot labels in float32."""
    rng = np.random.default_rng(0)
    y = np.eye(10, dtype=np.float32)[rng.integers(0, 10, rows)]
    return rng.random((rows, features), np.float32), y


SERIES: dict[str, tuple[str, tuple[int, ...], Callable[[int], Callable[[], object]]]] = {
    "layers": ("layers of 256", (2, 4, 8, 16, 32), lambda n: stepper(network(n, 256), 100)),
    "weights": (
        "thousand weights, one hidden layer more or less wide",
        (128, 256, 512, 1024),
        lambda n: stepper(network(2, n, inputs=1000), 100),
    ),
    "batch": (
        "samples in a batch",
        (50, 100, 200, 400, 800),
        lambda n: stepper(network(3, 256), n),
    ),
    "data": (
        "samples in an epoch",
        (1000, 2000, 4000, 8000),
        lambda n: _epoch(network(2, 64), *samples(n, 256)),
    ),
}


def _epoch(mlp: MLP, x: Any, y: Any) -> Callable[[], object]:
    small = (x[:10], y[:10])
    return lambda: next(train_epochs(mlp, ((x, y), small, small), 1, 100, rng=0, threads=1))


def measure(rounds: int) -> list[dict[str, Any]]:
    """For each series a line `time = start + slope * size`, for time and for memory."""
    rows = []
    for name, (unit, sizes, make) in SERIES.items():
        calls, memory = {}, []
        for size in sizes:
            tracemalloc.start()
            call = make(size)
            call()
            memory.append(tracemalloc.get_traced_memory()[1] / 1e6)
            tracemalloc.stop()
            calls[str(size)] = call
        with blas_threads(1):
            times = interleaved(calls, rounds, 0.03, what=name)
        milliseconds = [statistics.median(times[str(size)]) * 1e3 for size in sizes]
        x = [size * 1.01 for size in sizes] if name == "weights" else list(sizes)
        rows.append(
            {
                "against": name,
                "unit": unit,
                "sizes": x,
                "milliseconds": [round(t, 4) for t in milliseconds],
                "megabytes": [round(m, 3) for m in memory],
                "time_line": _line(x, milliseconds),
                "memory_line": _line(x, memory),
            }
        )
    rows.append(_many_steps())
    return rows


def _many_steps() -> dict[str, Any]:
    """Blocks of steps one after the other: the time of a step must not grow with their number."""
    step = stepper(network(3, 32, inputs=64), 32)
    blocks, size = 20, MANY_STEPS // 20
    milliseconds = []
    with blas_threads(1):
        for _ in range(blocks):
            started = time.perf_counter()
            for _ in range(size):
                step()
            milliseconds.append((time.perf_counter() - started) / size * 1e3)
    done = [(i + 0.5) * size for i in range(blocks)]
    return {
        "against": "steps done",
        "unit": "steps done before",
        "sizes": done,
        "milliseconds": [round(t, 4) for t in milliseconds],
        "time_line": _line(done, milliseconds),
    }


def _line(x: list[float], y: list[float]) -> dict[str, float]:
    """The least-squares line through the points, and how much of the variation it explains."""
    slope, start = np.polyfit(x, y, 1)
    rest = np.asarray(y) - (start + slope * np.asarray(x))
    share = 1 - float(rest @ rest) / (float(np.var(y)) * len(y) or 1.0)
    return {"start": float(start), "slope": float(slope), "r2": share}


def table(rows: list[dict[str, Any]]) -> str:
    """The lines of the fits, at most 80 columns."""
    lines = [
        "growth: a line through the medians (r2: share of the variation it explains)",
        f"{'against':12} {'from':>7} {'to':>7} {'time, ms':>22} {'r2':>6}"
        f" {'memory, MB':>16} {'r2':>5}",
    ]
    for row in rows:
        time_line, memory = row["time_line"], row.get("memory_line")
        text = f"{row['against']:12} {row['sizes'][0]:7,.0f} {row['sizes'][-1]:7,.0f} "
        text += f"{time_line['start']:8.3f} + {time_line['slope']:9.2e} n {time_line['r2']:6.3f}"
        if memory:
            text += f" {memory['start']:6.2f} + {memory['slope']:7.1e} {memory['r2']:5.3f}"
        lines.append(text)
    last = rows[-1]["milliseconds"]
    first, later = statistics.median(last[:5]), statistics.median(last[-5:])
    lines.append(
        f"the last of {MANY_STEPS:,} steps take {later / first:.3f} of the time of the first"
    )
    return "\n".join(lines)

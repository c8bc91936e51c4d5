"""The ConvNet of W6 in a process of its own: pictures a second in evaluation, and peak memory."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from mytorch.system.progress import progress_bar
from tests.benchmarks.contenders import Step, with_torch
from tests.benchmarks.programs import ROOT, launched
from tests.benchmarks.workloads import CHANNELS, SIDE, WORKLOADS, Data, make_data

NAMES = ("classic", "torch", "torch NHWC")
WORKLOAD = WORKLOADS[-1]
STEPS = 10
"""Steps of training before, as a run has them; most of the memory is theirs."""
BATCH, BATCHES = 200, 10
"""Pictures in a batch of the evaluation, and how many batches."""


def measure(rounds: int) -> list[dict[str, Any]]:
    """Each contender in a new process, in turn, over a third of the rounds; medians."""
    turns = max(1, rounds // 3)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in NAMES}
    failures: dict[str, str] = {}
    with progress_bar(turns * len(NAMES), "pictures", "run") as bar:
        for _ in range(turns):
            for name in NAMES:
                command = [sys.executable, "-m", "tests.benchmarks.pictures", name]
                try:
                    text, _, megabytes = launched(command, ROOT)
                    found[name].append((float(text.split()[-1]), megabytes))
                except subprocess.CalledProcessError as error:
                    failures[name] = (error.stderr or "failed").strip().splitlines()[-1]
                bar.update(1)
    rows: list[dict[str, Any]] = []
    for name, runs in found.items():
        if runs:
            rate, megabytes = (statistics.median(column) for column in zip(*runs, strict=True))
            rows.append({"contender": name, "pictures": round(rate, 1), "megabytes": megabytes})
        else:
            rows.append({"contender": name, "skipped": failures[name]})
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as lines of at most 80 columns."""
    lines = [
        f"the ConvNet of W6, float32, medians: {STEPS} steps of {WORKLOAD.batch} pictures, then",
        f"evaluation in batches of {BATCH}; each in a process of its own",
        f"{'contender':12} {'pictures/s':>10} {'peak, MB':>9}",
    ]
    for row in rows:
        if "skipped" in row:
            lines.append(f"{row['contender']:12} {row['skipped'][:60]}")
        else:
            lines.append(f"{row['contender']:12} {row['pictures']:10.0f} {row['megabytes']:9.0f}")
    return "\n".join(lines)


def main(name: str) -> None:
    """Trains a few steps, evaluates, and prints pictures a second."""
    data = make_data(WORKLOAD, "float32", batches=4)
    order = data.order
    step, evaluate = (_ours if name == "classic" else partial(_torch, name))(data)
    for i in range(STEPS):
        step(order[i % 4 * WORKLOAD.batch :][: WORKLOAD.batch])
    x = np.random.default_rng(0).random((BATCH, CHANNELS, SIDE, SIDE), np.float32)
    evaluate(x)
    started = time.perf_counter()
    for _ in range(BATCHES):
        evaluate(x)
    print(BATCH * BATCHES / (time.perf_counter() - started))


def _ours(data: Data) -> tuple[Step, Callable[[Any], Any]]:
    from tests.benchmarks.contenders import ours  # not for PyTorch, whose memory is measured

    network = ours.network(WORKLOAD, "float32")

    def evaluate(x: Any) -> Any:
        network.eval()
        return network.forward(x)

    return ours.step_of(network, WORKLOAD, "float32", data), evaluate


def _torch(name: str, data: Data) -> tuple[Step, Callable[[Any], Any]]:
    torch, channels_last = with_torch.torch_module(), name == "torch NHWC"
    memory = torch.channels_last if channels_last else torch.contiguous_format
    model = with_torch.network(WORKLOAD, "float32")

    def evaluate(x: Any) -> Any:
        model.eval()
        with torch.no_grad():
            return model(torch.from_numpy(x).contiguous(memory_format=memory))

    return with_torch.step_of(model, WORKLOAD, data, channels_last=channels_last), evaluate


if __name__ == "__main__":
    main(sys.argv[1])

"""A training step of every contender on every workload."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import numpy as np

from mytorch.system.threads import blas_threads, threads_for
from tests.benchmarks.contenders import (
    Contender,
    Unavailable,
    ours,
    plain,
    with_sklearn,
    with_torch,
)
from tests.benchmarks.timing import interleaved, repeating
from tests.benchmarks.workloads import WORKLOADS, Workload, make_data

CONTENDERS: dict[str, Contender] = {
    "classic": ours.classic,
    "autograd": ours.autograd,
    "torch": with_torch.eager,
    "torch NHWC": with_torch.channels_last,
    "torch fused": with_torch.fused,
    "torch compiled": with_torch.compiled,
    "sklearn": with_sklearn.sklearn,
    "textbook": plain.textbook,
    "matmul": plain.floor,
}
OURS = ("classic", "autograd", "matmul")  # those that use the threads that the library chooses

AT_MOST = {  # what the classic face is meant to take, as a share of PyTorch eager's time
    "float32": {"W1": 0.48, "W2": 0.33, "W3": 0.38, "W4": 0.75, "W5": 0.90, "W6": 0.90},
    "float64": {"W1": 0.62, "W2": 0.46, "W3": 0.50, "W4": 1.00, "W5": 1.05, "W6": 0.90},
}

SAME_STEPS = 3  # whose losses are compared before the contenders are timed
SAME = 0.01  # by how much they may differ

Row = dict[str, Any]


def measure(
    names: Iterable[str],
    dtypes: Iterable[str],
    rounds: int,
    seconds: float,
    contenders: Iterable[str],
    threads: int | None = None,
    busy: bool = False,
) -> list[Row]:
    """One row for each workload and dtype: microseconds per step, medians over the rounds.

    With `busy`, another process computes on one core all the while.
    """
    with busy_core() if busy else nullcontext():
        return [
            _measure(workload, dtype, rounds, seconds, contenders, threads)
            for workload in WORKLOADS
            if workload.name in names
            for dtype in dtypes
        ]


@contextmanager
def busy_core() -> Iterator[None]:
    """Another process that does nothing else than to need a core."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _measure(
    workload: Workload,
    dtype: str,
    rounds: int,
    seconds: float,
    contenders: Iterable[str],
    threads: int | None,
) -> Row:
    data = make_data(workload, dtype)
    starts = range(0, len(data.order), workload.batch)
    batches: list[object] = [data.order[i : i + workload.batch] for i in starts]
    threads = threads or threads_for(ours.network(workload, dtype), workload.batch)
    steps: dict[str, Callable[[], object]] = {}
    skipped: dict[str, str] = {}
    losses: dict[str, list[float | None]] = {}
    # SGD's steps of gamma differ: a sum in the classic face, a mean in PyTorch
    same = SAME_STEPS if workload.convolutions else 1
    around: dict[str, Callable[[], AbstractContextManager[object]]] = {}
    for name in contenders:
        try:
            step = CONTENDERS[name](workload, dtype, data)
            losses[name] = [_mean(step(rows)) for rows in batches[:same]]
            steps[name] = repeating(step, batches)
        except Unavailable as reason:
            skipped[name] = str(reason)
        if name in OURS:
            around[name] = partial(blas_threads, threads)
    times = interleaved(steps, rounds, seconds, around, f"{workload.name} {dtype}")
    return {
        "workload": workload.name,
        "network": str(workload),
        "dtype": dtype,
        "threads": threads or "all",
        "microseconds": {n: round(statistics.median(t) * 1e6, 1) for n, t in times.items()},
        "spread": {n: [round(f(t) * 1e6, 1) for f in (min, max)] for n, t in times.items()},
        "skipped": skipped,
        "losses": losses,
        "at_most": AT_MOST[dtype][workload.name],
    }


def _mean(loss: Any) -> float | None:
    """The mean loss of a step, where the contender has one."""
    return None if loss is None else float(getattr(loss, "detach", lambda: loss)().mean())


def differing(row: Row) -> list[str]:
    """The contenders whose losses in the first steps are not those of the classic face."""
    losses = row.get("losses", {})
    own = losses.get("classic")
    return [
        name
        for name, theirs in losses.items()
        if own and None not in theirs and not np.allclose(own, theirs, rtol=SAME, atol=0)
    ]


def table(rows: list[Row], against: str = "torch") -> str:
    """The rows as lines of at most 80 columns: microseconds, then the share of `against`."""
    names = [
        n for n in CONTENDERS if any(n in r["microseconds"] or n in r["skipped"] for r in rows)
    ]
    heads = [name.replace("torch ", "") for name in names]
    lines = ["microseconds per step, medians" + f"{'':8}" + "(in front: BLAS threads of our own)"]
    lines.append("         " + "".join(f"{head:>9}" for head in heads))
    for row in rows:
        label = f"{row['workload']} f{row['dtype'][-2:]} {str(row['threads'])[:1]}"
        lines.append(f"{label:9}" + "".join(f"{_cell(row, n):>9}" for n in names))
    if all(against in row["microseconds"] for row in rows):
        lines += ["", f"share of {against}'s time" + f"{'':12}" + "(last: what classic may take)"]
        for row in rows:
            times = row["microseconds"]
            label = f"{row['workload']} f{row['dtype'][-2:]}"
            shares = [f"{times[n] / times[against]:.2f}" if n in times else "-" for n in names]
            lines.append(f"{label:9}" + "".join(f"{s:>9}" for s in shares))
            verdict = "" if times["classic"] / times[against] <= row["at_most"] else " missed"
            lines[-1] = f"{lines[-1]} {row['at_most']:.2f}{verdict}"
    lines += [
        f"not the same work: the first losses of {name} on {row['workload']} {row['dtype']} differ"
        for row in rows
        for name in differing(row)
    ]
    skipped = {reason: name for row in rows for name, reason in row["skipped"].items()}
    for reason, name in skipped.items():
        lines += [f"no figure for {name.split()[0]} at some places:", f"  {reason}"]
    return "\n".join(lines)


def markdown(rows: list[Row]) -> str:
    """The shares of PyTorch eager's time as a table for the README; a line for each row.

    PyTorch's time is followed by its fastest and its slowest round.
    """
    names = [n for n in CONTENDERS if n != "torch" and any(n in r["microseconds"] for r in rows)]
    lines = [
        "| workload | PyTorch, µs | " + " | ".join(names).replace("torch ", "") + " |",
        "|---" * (len(names) + 2) + "|",
    ]
    for row in rows:
        times = row["microseconds"]
        torch = times["torch"]
        shares = [f"{times[name] / torch:.2f}" if name in times else "-" for name in names]
        low, high = row["spread"]["torch"]
        lines.append(
            f"| {row['workload']} {row['dtype']} | {torch:,.0f} ({low:,.0f} to {high:,.0f}) | "
            + " | ".join(shares)
            + " |"
        )
    return "\n".join(lines)


def _cell(row: Row, name: str) -> str:
    return f"{row['microseconds'][name]:,.0f}" if name in row["microseconds"] else "-"

"""Whole programs: what a user waits for, and the memory that it takes."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from mytorch.system.progress import progress_bar

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(__file__).resolve().parent / "scripts"
EPOCHS = 4


LAUNCHER = """
import os, sys, time
started = time.perf_counter()
process = os.spawnv(os.P_NOWAIT, sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(process, 0)
with open(sys.argv[1], "w") as file:
    print(time.perf_counter() - started, usage.ru_maxrss, file=file)
code = os.waitstatus_to_exitcode(status)
os._exit(code if code >= 0 else 128 - code)
"""
"""Starts a program, and writes down its seconds and its peak memory.

A process of its own does this because the kernel counts into a program's peak what the process
that started it had in memory: a bare interpreter has little, this one may have more than the
program.
"""


class Run(NamedTuple):
    """One run of a program."""

    seconds: float  # from the start of the process to its end
    epoch: float  # an epoch after the first, with its validation; NaN where there is none
    megabytes: float  # at the peak


def programs(output: str) -> dict[str, list[str]]:
    """Command lines by name; the first one is this library's."""
    train = [str(ROOT / "hw1" / "train.py"), "--data", "mnist", "--output", output]
    return {
        "hw1/train.py": [*train, "--epochs", str(EPOCHS)],
        "torch, DataLoader": [str(SCRIPTS / "with_torch.py"), "loader", str(EPOCHS)],
        "torch, manual batches": [str(SCRIPTS / "with_torch.py"), "batches", str(EPOCHS)],
        "sklearn MLPClassifier": [str(SCRIPTS / "with_sklearn.py"), str(EPOCHS)],
        "hw1/train.py --help": [train[0], "--help"],
        "import numpy": ["-c", "import numpy"],
        "import torch": ["-c", "import torch"],
    }


def measure(rounds: int) -> list[dict[str, Any]]:
    """Every program in turn, over a third of the rounds; medians."""
    if not os.environ.get("MYTORCH_DATA"):
        raise SystemExit("bench programs: set MYTORCH_DATA to a folder with MNIST in mnist/")
    os.environ["MYTORCH_DATA"] = os.path.abspath(os.environ["MYTORCH_DATA"])
    turns = max(1, rounds // 3)
    runs: dict[str, list[Run]] = {}
    failures: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as output:
        commands = programs(output)
        with progress_bar(turns * len(commands), "programs", "run") as bar:
            for _ in range(turns):
                for name, command in commands.items():
                    try:
                        runs.setdefault(name, []).append(_run([sys.executable, *command]))
                    except subprocess.CalledProcessError as error:
                        failures[name] = (error.stderr or "failed").strip().splitlines()[-1]
                    bar.update(1)
    rows = []
    for name in commands:
        columns = [statistics.median(column) for column in zip(*runs.get(name, []), strict=True)]
        row: dict[str, Any] = {"program": name}
        if columns:
            row |= dict(zip(Run._fields, (round(number, 4) for number in columns), strict=True))
        else:
            row["skipped"] = failures[name]
        rows.append(row)
    return rows


def _run(command: list[str]) -> Run:
    """One process: its time, its epochs, its peak memory."""
    text, seconds, megabytes = launched(command)
    # the seconds of an epoch stand last in its line, in our table and in the scripts'
    epochs = re.findall(r"^(?:epoch)? +\d+ .*?([\d.]+)$", text, re.MULTILINE)[1:]
    epoch = statistics.median(map(float, epochs)) if epochs else float("nan")
    return Run(seconds, epoch, megabytes)


def launched(command: list[str], folder: Path | None = None) -> tuple[str, float, float]:
    """What a process prints that runs in `folder`, its seconds, and megabytes at its peak.

    Raises CalledProcessError where it fails.
    """
    with tempfile.TemporaryDirectory() as place:
        figures = Path(place, "figures")
        launcher = [sys.executable, "-S", "-c", LAUNCHER, str(figures), *command]
        ran = subprocess.run(launcher, capture_output=True, text=True, check=False, cwd=folder)
        if ran.returncode:
            raise subprocess.CalledProcessError(ran.returncode, command, ran.stdout, ran.stderr)
        seconds, peak = map(float, figures.read_text().split())
    return ran.stdout, seconds, peak * (1 if sys.platform == "darwin" else 1024) / 1e6


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as lines of at most 80 columns."""
    lines = [
        f"whole programs, medians: {EPOCHS} epochs of 784-64-64-32-10 on MNIST, batch 100;",
        "an epoch is one after the first, with its validation",
        f"{'program':24} {'all, s':>8} {'epoch, s':>9} {'peak, MB':>9}",
    ]
    for row in rows:
        if "skipped" in row:
            lines.append(f"{row['program']:24} {row['skipped'][:54]}")
            continue
        epoch = f"{row['epoch']:9.3f}" if row["epoch"] == row["epoch"] else f"{'-':>9}"
        lines.append(f"{row['program']:24} {row['seconds']:8.2f} {epoch} {row['megabytes']:9.0f}")
    return "\n".join(lines)

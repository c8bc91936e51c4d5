"""Real training processes that are killed, interrupted and ended, and what they leave.

The oracle is a process that nobody stops: weights, statistics and the last checkpoint, which has
momentum and random numbers too, must have the same bytes.
"""

import json
import random
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mytorch.checkpoint import load_checkpoint
from tests.conftest import ROOT
from tests.support.training import RUNS, WITHOUT_PLOTS
from tests.support.waiting import LIMIT

pytestmark = pytest.mark.slow

SCRIPT = str(ROOT / "hw1" / "train.py")
OPTIONS = (
    "--data", "digits", "--recipe", "strong", "--hiddens", "16", "12", "--epochs", "3",
    "--batch-size", "10", "--lr-decay", "0.9",
)  # fmt: skip

KILLED_SOON_AFTER = """
calls, original = [0], os.replace

def replace(*arguments):
    original(*arguments)
    calls[0] += 1
    if calls[0] == {call}:
        signal.setitimer(signal.ITIMER_REAL, {seconds})  # whose signal ends the process at once

os.replace = replace
"""

KILLS_ITSELF = """
calls, original = [0], os.{function}

def {function}(*arguments):
    calls[0] += 1
    if calls[0] == {call} and {moment!r} == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = original(*arguments)
    if calls[0] == {call}:
        os.kill(os.getpid(), signal.SIGKILL)
    return result

os.{function} = {function}
"""


def start(
    folder: Path, *options: str, code: str = "", ignoring: bool = False
) -> "subprocess.Popen[str]":
    """train.py in a process of its own, which keeps and writes everything in `folder`."""
    program = ["-c", WITHOUT_PLOTS + code + RUNS]
    interrupts = signal.SIG_IGN if ignoring else signal.default_int_handler
    files = ["--output", str(folder), "--checkpoint", str(folder / "run.npz")]
    return subprocess.Popen(
        [sys.executable, *program, *OPTIONS, *files, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell's background job ignores interrupts, and would hand that on
        preexec_fn=lambda: signal.signal(signal.SIGINT, interrupts),
    )


def finish(folder: Path, *options: str) -> str:
    """Goes on until the end; what was printed."""
    with start(folder, "--resume", *options) as process:
        out, errors = process.communicate(timeout=LIMIT)
    assert (process.returncode, errors) == (0, "")
    stats = json.loads((folder / "stats.json").read_text())
    assert "seconds" not in stats  # those of the processes before are not known
    return out


def results(folder: Path) -> dict[str, Any]:
    """What a run leaves, but not how long it took."""
    stats = json.loads((folder / "stats.json").read_text())
    stats.pop("seconds", None)
    return {
        "stats": stats,
        "weights": (folder / "weights.npz").read_bytes(),
        "checkpoint": (folder / "run.npz").read_bytes(),
    }


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nobody stopped."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    finish(folder)
    return folder


@pytest.fixture(scope="module")
def uninterrupted(finished: Path) -> dict[str, Any]:
    return results(finished)


def test_killed_at_twenty_random_moments(tmp_path: Path, uninterrupted: dict[str, Any]) -> None:
    """With a save after every batch, many of these moments are inside a save.

    Each process is killed within some batches of a save that is chosen at random: however busy the
    machine is, each has gone on when it is killed, and none comes to the end.
    """
    moments, came_to = random.Random(2019), []
    for kill in range(20):
        code = KILLED_SOON_AFTER.format(
            call=moments.randint(1, 15), seconds=moments.uniform(1e-6, 3e-3)
        )
        with start(tmp_path, "--resume", "--every", "1", code=code) as process:
            process.communicate(timeout=LIMIT)
        assert process.returncode == -signal.SIGALRM, kill
        _, facts = load_checkpoint(tmp_path / "run.npz", "a network")
        came_to.append((len(facts["run"]["finished"]), facts["run"]["batch"]))
    assert came_to == sorted(set(came_to))
    out = finish(tmp_path)
    assert re.search(r"^going on after epoch \d( and batch \d+ of epoch \d)?, from ", out, re.M)
    assert results(tmp_path) == uninterrupted
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".part"]


@pytest.mark.parametrize(
    ("function", "moment"), [("fsync", "before"), ("fsync", "after"), ("replace", "after")]
)
@pytest.mark.parametrize("call", [1, 45])
def test_killed_inside_a_save(
    function: str, moment: str, call: int, tmp_path: Path, uninterrupted: dict[str, Any]
) -> None:
    """The first save, and one in the middle of the second epoch."""
    code = KILLS_ITSELF.format(function=function, call=call, moment=moment)
    with start(tmp_path, "--every", "3", code=code) as process:
        process.communicate(timeout=LIMIT)
    assert process.returncode == -signal.SIGKILL
    saved = (tmp_path / "run.npz").exists()
    assert saved == (call > 1 or (function, moment) == ("replace", "after"))
    unfinished = [path for path in tmp_path.iterdir() if path.suffix == ".part"]
    assert len(unfinished) == ((function, moment) != ("replace", "after"))
    out = finish(tmp_path)
    assert ("run.npz is not there yet: a new run" in out) == (not saved)
    assert results(tmp_path) == uninterrupted
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".part"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_saves_and_says_how_to_go_on(
    number: signal.Signals, code: int, tmp_path: Path, uninterrupted: dict[str, Any]
) -> None:
    stopped = 0
    for after in ("epoch ", "    1 ", "    2 "):
        with start(tmp_path, "--resume") as process:
            assert process.stdout is not None
            assert process.stderr is not None
            for line in process.stdout:
                if line.startswith(after):
                    break
            else:
                continue
            process.send_signal(number)
            process.send_signal(number)  # the impatient press twice
            process.stdout.read()
            errors = process.stderr.read()
        assert process.returncode == code
        assert re.fullmatch(
            r"train.py: stopped after epoch \d( and batch \d+ of epoch \d)?; "
            r"to go on, add --resume to the same command\n",
            errors,
        )
        stopped += 1
    assert stopped >= 1
    finish(tmp_path)
    assert results(tmp_path) == uninterrupted


def test_with_adam_dropout_weight_decay_and_a_schedule(tmp_path: Path) -> None:
    """What these keep is in the file, too: moments, random numbers, the place in the schedule."""
    options = (
        "--optimizer", "adam", "--momentum", "0", "--lr", "0.01", "--dropout", "0.3",
        "--weight-decay", "0.01", "--lr-schedule", "cosine", "--lr-decay", "1", "--every", "20",
    )  # fmt: skip
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    finish(whole, *options)
    facts = json.loads((whole / "stats.json").read_text())
    assert (facts["optimizer"], facts["dropout"], facts["lr_schedule"]) == ("adam", 0.3, "cosine")
    for call in (5, 9):  # each in another epoch
        code = KILLED_SOON_AFTER.format(call=call, seconds=1e-3)
        with start(broken, "--resume", *options, code=code) as process:
            process.communicate(timeout=LIMIT)
        assert process.returncode == -signal.SIGALRM
    finish(broken, *options)
    assert results(broken) == results(whole)


def test_more_epochs_than_before(tmp_path: Path, uninterrupted: dict[str, Any]) -> None:
    finish(tmp_path, "--epochs", "1")
    out = finish(tmp_path, "--epochs", "2")
    assert f"going on after epoch 1, from {tmp_path / 'run.npz'}" in out
    finish(tmp_path)
    assert results(tmp_path) == uninterrupted
    again = finish(tmp_path)  # of a run that is over, the results are written again
    assert "going on after epoch 3, from" in again
    assert results(tmp_path) == uninterrupted


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ((), 1, "run.npz: exists already; continue it with --resume, or choose another name"),
        (("--resume", "--epochs", "2"), 1, "is after epoch 3 already; ask for at least 3 epochs"),
        (("--resume", "--seed", "4", "--lr", "0.5"), 1, "another run, with seed 0, not 4; lr 0.05"),
        (("--resume", "--dtype", "float64"), 1, "another run, with .*dtype 'float32', not 'float6"),
        (("--resume", "--hiddens", "16"), 1, r"with hiddens \[16, 12\], not \[16\]"),
        (("--resume", "--checkpoint", "/nowhere/it"), 1, "/nowhere/it: No such file or directory"),
        (("--resume", "--checkpoint", SCRIPT), 1, "no checkpoint; expected a file that save wrote"),
        (("--checkpoint", "."), 2, "is a folder; name a file"),
        (
            ("--checkpoint", "{output}/weights.npz"),
            2,
            "writes its own weights.npz there",
        ),
        (("--every", "0"), 2, "argument --every: expected a whole number from 1, got '0'"),
    ],
)
def test_what_cannot_go_on_ends_in_a_sentence(
    options: tuple[str, ...], code: int, message: str, finished: Path
) -> None:
    before = results(finished)
    with start(finished, *(option.format(output=finished) for option in options)) as process:
        _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == code
    assert re.search(message, errors)
    assert "Traceback" not in errors
    assert results(finished) == before


@pytest.mark.parametrize("option", [["--resume"], ["--every", "3"]])
def test_options_that_need_a_file(option: list[str], python: Callable[..., Any]) -> None:
    result = python(SCRIPT, *option)
    assert result.returncode == 2
    assert "--every and --resume need --checkpoint FILE" in result.stderr


def test_an_ignored_interrupt_stays_ignored(tmp_path: Path, uninterrupted: dict[str, Any]) -> None:
    """A run under nohup, or in a shell's background, is not to be stopped by Ctrl-C."""
    with start(tmp_path, ignoring=True) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if line.startswith("epoch "))
        process.send_signal(signal.SIGINT)
        process.stdout.read()
    assert process.returncode == 0
    assert results(tmp_path) == uninterrupted

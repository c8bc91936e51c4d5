"""Ctrl-C while a hand-in is graded: no result, nothing left behind, and a shell's loop ends."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.submission import copying, family
from tests.submission.copying import scratch
from tests.support.grading import HW1, tanh
from tests.support.signals import hear_signals
from tests.support.waiting import LIMIT, until

pytestmark = pytest.mark.slow
LOOP = 'for name in 1 2 3; do "$@"; echo "went on after $?"; done'
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Grades a hand-in that loops for ever; returns once it does."""
    (tmp_path / "hw1.py").write_text(
        HW1.read_text() + tanh(f"open({str(tmp_path / 'reached')!r}, 'w')\nwhile True: pass")
    )
    (tmp_path / "temporary").mkdir()

    def run(*wrapper: str) -> "subprocess.Popen[str]":
        results = [f"--{kind}={tmp_path / kind}" for kind in ("json", "gradescope")]
        process = subprocess.Popen(
            [*wrapper, sys.executable, "-m", "tests.autograder", "1", str(tmp_path),
             f"--timeout={LIMIT}", "--autolab", "--no-training", *results],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
            start_new_session=True,
            preexec_fn=hear_signals,
        )  # fmt: skip
        processes.append(process)
        until((tmp_path / "reached").exists)
        return process

    processes: list[subprocess.Popen[str]] = []
    yield run
    for process in processes:  # a test that failed
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def left(tmp_path: Path) -> list[str]:
    """What is there that was not there before."""
    names = {path.name for path in tmp_path.iterdir()} | set(os.listdir(tmp_path / "temporary"))
    return sorted(names - {"hw1.py", "reached", "temporary"})


@pytest.mark.parametrize("times", [1, 3])
def test_ctrl_c_ends_a_loop_of_the_shell(start: Start, tmp_path: Path, times: int) -> None:
    """The shell gets the signal, too, and goes on if the command ended by itself."""
    process = start("bash", "-c", LOOP, "loop")
    for _ in range(times):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.1)
    shown, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == -signal.SIGINT
    assert "went on" not in shown
    assert "(interrupted: not everything was asked)" in shown
    assert "scores" not in shown
    assert errors == ""
    assert left(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_process_dies_of_the_signal(start: Start, tmp_path: Path, number: int) -> None:
    process = start()
    process.send_signal(number)
    _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == -number
    assert errors == ""
    assert left(tmp_path) == []


def test_a_result_of_before_stays(start: Start, tmp_path: Path) -> None:
    (tmp_path / "json").write_text("{}")
    process = start()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT)
    assert (tmp_path / "json").read_text() == "{}"
    assert left(tmp_path) == ["json"]


def test_ctrl_c_waits_until_a_folder_is_removed() -> None:
    def interrupted() -> None:
        with scratch() as folder:
            (folder / "x").touch()
            monkey.setattr(copying, "start", interrupting)
        raise AssertionError("it went on")

    def interrupting(*arguments: Any, **options: Any) -> Any:
        places.append(Path(arguments[0][-1]))
        os.kill(os.getpid(), signal.SIGINT)
        return family.start(*arguments, **options)

    places: list[Path] = []
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.MonkeyPatch.context() as monkey, pytest.raises(KeyboardInterrupt):
            interrupted()
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(places) == 1
    assert not places[0].exists()


def test_a_removal_that_a_signal_ended_is_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C reaches `rm` itself until it has a session of its own."""

    def killed_at_first(command: Sequence[Any], **options: Any) -> Any:
        ended.append(command)
        if len(ended) < 3:
            command = ["sh", "-c", "kill -INT $$"]
        return family.start(command, **options)

    ended: list[Sequence[Any]] = []
    monkeypatch.setattr(copying, "start", killed_at_first)
    with scratch() as folder:
        (folder / "x").touch()
    assert len(ended) == 3
    assert not folder.exists()

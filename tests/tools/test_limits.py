"""The limits of somebody else's code: time, which a busy machine does not shorten, and files."""

import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tests.autograder.child import in_a_fork
from tests.autograder.grading import Limits
from tests.submission import clock, disk
from tests.submission import process as process_module
from tests.submission.process import Child, Ended, TimedOut
from tests.support.grading import Grade, lost, status, tanh
from tests.support.waiting import LIMIT, until

SAY = "os.write(out, b'{\"n\": 1}\\n')\n"
END = "os.write(out, b'{\"end\": true}\\n')\n"


def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, **options: object) -> Child:
    (tmp_path / "their_module.py").write_text(
        f"import json, os, sys, time\nout = int(sys.argv[1])\n{code}"
    )
    monkeypatch.setattr(process_module, "ROOT", tmp_path)
    return Child("their_module", "{}", **options)  # type: ignore[arg-type]


def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock's limit is out of reach, however busy the machine is."""
    monkeypatch.setattr(process_module, "PATIENCE", LIMIT)


def test_the_processors_time_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patient(monkeypatch)
    with child(tmp_path, monkeypatch, SAY + "while True: pass") as process:
        assert next(process.messages(LIMIT)) == {"n": 1}
        before = process.used
        with pytest.raises(TimedOut, match=r"0\.5 s"):
            next(process.messages(0.5))
        assert process.used - before > 0.5


def test_the_time_of_what_it_starts_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    patient(monkeypatch)
    loop = "import subprocess\nsubprocess.run([sys.executable, '-c', 'while True: pass'])"
    with child(tmp_path, monkeypatch, SAY + loop) as process:
        assert next(process.messages(LIMIT)) == {"n": 1}
        with pytest.raises(TimedOut, match=r"0\.5 s"):
            next(process.messages(0.5))


@pytest.mark.slow
def test_a_process_that_others_keep_from_working_loses_no_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped for twice its limit, as on a machine that is busy with others, it says all."""
    patient(monkeypatch)
    go = tmp_path / "go"
    wait = f"while not os.path.exists({str(go)!r}): time.sleep(0.01)\n"
    with child(tmp_path, monkeypatch, SAY + wait + SAY + END) as process:
        messages = process.messages(1.0)
        assert next(messages) == {"n": 1}
        os.kill(process._process.pid, signal.SIGSTOP)
        go.touch()
        wake = threading.Timer(2.0, os.kill, (process._process.pid, signal.SIGCONT))
        wake.start()
        assert list(messages) == [{"n": 1}]
        wake.join()


@pytest.mark.parametrize(
    ("clock_time", "processor", "said"),
    [(9.9, 9.9, ""), (59.0, 9.9, ""), (11.0, 10.1, "10 s"), (60.1, 0.0, "60 s by the clock")],
)
def test_which_limit_is_over(
    monkeypatch: pytest.MonkeyPatch, clock_time: float, processor: float, said: str
) -> None:
    process = Child.__new__(Child)
    process.used = 5.0 + processor
    monkeypatch.setattr(time, "monotonic", lambda: 100.0 + clock_time)
    if not said:
        process._check_time((100.0, 5.0), 10.0)
        return
    with pytest.raises(TimedOut, match=said):
        process._check_time((100.0, 5.0), 10.0)


@pytest.mark.slow
def test_a_fork_that_takes_long_is_ended() -> None:
    def loop() -> None:
        while True:
            try:
                while True:
                    pass
            except BaseException:
                continue

    assert not in_a_fork(loop, 0.3)
    assert not in_a_fork(lambda: time.sleep(LIMIT), 0.1)
    assert not in_a_fork(lambda: os._exit(0), 60.0)
    assert in_a_fork(lambda: None, 60.0)


@pytest.mark.slow
def test_a_process_that_ignores_the_signal_is_ended(tmp_path: Path) -> None:
    number = os.fork()
    if number == 0:
        clock.limit_processor(0.2)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)
        signal.signal(signal.SIGXCPU, signal.SIG_IGN)
        while True:
            pass
    _, status = os.waitpid(number, 0)
    assert os.WIFSIGNALED(status)


def test_a_sleep_is_stopped_later(graded: Grade) -> None:
    code = tanh("import time\ntime.sleep(99999)")
    (result,) = graded(code, limits=Limits(0.3), only=["3.3b"]).results
    assert result.status == "timed out"
    assert "timed out after 1.8 s by the clock (hw1.py, line" in result.checks[0].message
    assert result.seconds < 0.3


def test_the_line_of_the_loop_that_hangs_is_named(graded: Grade) -> None:
    """Not one that was running before: the last of several traces counts."""
    body = "for n in range(10**5): np.sqrt(n)\nwhile True:\n    self.n = 1"
    session = graded(tanh(body), limits=Limits(0.5))
    text = (session.root / "hw1.py").read_text().splitlines()
    number = max(n for n, line in enumerate(text, 1) if line.strip() == "while True:")
    result = next(r for r in session.results if r.question.id == "3.3b")
    said = result.checks[0].message
    assert "timed out after" in said
    assert any(f"(hw1.py, line {n})" in said for n in (number, number + 1))


FILES = "for n in range({}):\n    with open(f'big{{n}}', 'wb') as f: f.write(bytes({}))"


@pytest.mark.parametrize(
    ("files", "size", "said"),
    [(3, 1000, ""), (20, 1 << 20, "wrote more than 10 MB"), (2000, 1, "made more than 1000")],
)
def test_what_is_written_is_limited(
    graded: Grade, monkeypatch: pytest.MonkeyPatch, files: int, size: int, said: str
) -> None:
    """Without a sandbox: what is in the folder is counted."""
    monkeypatch.setattr(disk, "MOST_BYTES", 10 << 20)
    monkeypatch.setattr(disk, "MOST_FILES", 1000)
    wait = "\nimport time\ntime.sleep(5)" if said else ""  # to be looked at, before it ends
    code = FILES.format(files, size) + wait + "\nself.state = np.tanh(x)\nreturn self.state"
    session = graded(tanh(code), limits=Limits(60.0))
    if not said:
        assert lost(session) == {}
        return
    assert list(lost(session)) == ["3.3b"]
    assert status(session)["3.3b"] == "exited early"
    result = next(r for r in session.results if r.question.id == "3.3b")
    assert said in result.checks[0].message


def test_what_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (disk.MOST_BYTES, disk.MOST_FILES) == (100 << 20, 10_000)  # as the README says
    monkeypatch.setattr(disk, "MOST_BYTES", 1 << 20)
    monkeypatch.setattr(disk, "MOST_FILES", 20)
    assert disk.overuse(tmp_path, (), False) == ""
    (tmp_path / "a").write_bytes(np.random.default_rng(0).bytes(1 << 19))
    os.symlink("/", tmp_path / "link")  # what it leads to is no file of the folder
    assert disk.overuse(tmp_path, (), False) == ""
    (tmp_path / "b").write_bytes(bytes(1 << 20))
    assert disk.overuse(tmp_path, (), False) == "wrote more than 1 MB"
    (tmp_path / "b").unlink()
    for n in range(20):
        (tmp_path / f"{n}").mkdir()
    assert disk.overuse(tmp_path, (), False) == "made more than 20 files"
    assert disk.overuse(tmp_path / "nowhere", (), False) == ""


def test_a_child_that_writes_too_much_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "MOST_BYTES", 1 << 20)
    own = tmp_path / "own"
    own.mkdir()
    code = f"open({str(own / 'big')!r}, 'wb').write(b'x' * (1 << 22))\ntime.sleep(3600)"
    with (
        child(tmp_path, monkeypatch, code, disk=own) as process,
        pytest.raises(Ended, match="wrote more than 1 MB"),
    ):
        next(process.messages(LIMIT))
    until(lambda: process._process.poll() is not None)

"""Somebody else's code: the messages from its process, and how that process may end."""

import platform
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.submission import process as process_module
from tests.submission.family import kill_family, processes
from tests.submission.layout import NotCoursework, find
from tests.submission.loading import described, find_class, printable
from tests.submission.process import Child, Ended, TimedOut
from tests.submission.wire import pack, unpack
from tests.support.waiting import LIMIT, until
from tests.tools.test_fairness import accused, graded, lost, put

NUMBERS = st.sampled_from(["<f8", "<f4", "<i8", "|u1", "|b1"])


@given(arrays.arrays(NUMBERS, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0)))
def test_an_array_arrives_bit_by_bit(array: np.ndarray) -> None:
    back = unpack(pack({"value": array, "text": "ü\n"}))
    assert back["text"] == "ü\n"
    assert (back["value"].dtype, back["value"].shape) == (array.dtype, array.shape)
    assert back["value"].tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[1, 2]",
        b"not json",
        b"[" * 100_000,
        b'{"v": {"dtype": "|O8", "shape": [1], "data": "AAAAAAAAAAA="}}',
        b'{"v": {"dtype": "<f8", "shape": [2], "data": "AAAAAAAAAAA="}}',
        b'{"v": {"dtype": "<f8", "shape": [-1], "data": "AAAAAAAAAAA="}}',
        b'{"v": {"dtype": "<f8", "shape": [true], "data": "AAAAAAAAAAA="}}',
        b'{"v": {"dtype": "<f8", "shape": [1], "data": "!"}}',
    ],
)
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpack(line)


def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> Child:
    (tmp_path / "their_module.py").write_text(
        f"import json, os, sys, time\nout = int(sys.argv[1])\n{code}"
    )
    monkeypatch.setattr(process_module, "ROOT", tmp_path)
    return Child("their_module", "{}")


SAY = "os.write(out, b'{\"n\": 1}\\n')\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("os._exit(3)", "exit code 3"),
        ("os.kill(os.getpid(), 9)", "killed by SIGKILL"),
        ("os.write(out, b'nonsense\\n')", "descriptor that is not its own"),
        ("while True: os.write(out, b'x' * 65536)", "without end"),
        ("os.close(out); time.sleep(3600)", "closed a descriptor"),
    ],
)
def test_how_a_child_may_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, how: str
) -> None:
    heard: list[object] = []
    with (
        child(tmp_path, monkeypatch, SAY + code) as process,
        pytest.raises(Ended, match=how),
    ):
        heard.extend(process.messages(LIMIT))
    assert heard == [] or heard == [{"n": 1}]


@pytest.mark.slow
def test_a_child_that_says_nothing_times_out_and_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork = "import subprocess; subprocess.Popen(['sleep', '3600'])\nprint('hello', flush=True)\n"
    with child(tmp_path, monkeypatch, fork + SAY + "time.sleep(3600)") as process:
        assert next(process.messages(LIMIT)) == {"n": 1}
        with pytest.raises(TimedOut):
            next(process.messages(0.5))
    assert process.printed == b"hello\n"


def test_a_child_that_says_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with child(tmp_path, monkeypatch, SAY + "os.write(out, b'{\"end\": true}\\n')") as process:
        assert list(process.messages(LIMIT)) == [{"n": 1}]


def test_layouts(tmp_path: Path) -> None:
    def layout(*files: str) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for file in files:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).touch()
        return find(folder).layout

    assert layout("mytorch/linear.py", "hw1/hw1.py") == "2020"
    assert layout("mytorch/tensor.py") == "autograd"
    assert layout("mytorch/loss.py", "mytorch/autograd_engine.py") == "2020 and autograd"
    assert layout("hw1.py") == layout("hw1/hw1.py") == "2019"
    with pytest.raises(NotCoursework, match=r"found a, b, c, d, e and 1 more"):
        layout("a", "b", "c", "d", "e", "f")


def test_only_their_own_classes_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "theirs.py").write_text("class Linear: pass\n")
    module = SimpleNamespace(__file__=str(tmp_path / "theirs.py"))
    linear = type("Linear", (), {"__module__": "theirs"})
    monkeypatch.setitem(sys.modules, "theirs", module)
    module.Linear, module.Path, module.number = linear, Path, 3
    assert find_class("Linear", [module], tmp_path) is linear
    assert find_class("Linear", [module], tmp_path / "other") is None
    assert find_class("Path", [module], tmp_path) is None
    assert find_class("number", [module], tmp_path) is None


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def test_an_exception_in_one_line_without_control_characters() -> None:
    assert described(Unspeakable(), Path("/")) == "Unspeakable: (its text could not be made)"
    assert described(ValueError("a\nb\x1b[2J" + "x" * 1000), Path("/")).startswith(
        "ValueError: a b?[2Jxxx"
    )
    assert printable("ok é\r\b") == "ok é??"


EXIT = {"x86_64": 60, "aarch64": 93}
"""The number of the system call that ends a thread, by processor."""

HALF_DEAD = """
import ctypes, subprocess, sys, threading, time
print(subprocess.Popen(["sleep", "3600"], start_new_session=True).pid, flush=True)
threading.Thread(target=time.sleep, args=(3600,)).start()
ctypes.CDLL(None).syscall(int(sys.argv[1]), 0)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in EXIT, reason="needs Linux's /proc"
)
def test_the_children_of_a_child_that_is_half_dead_are_killed() -> None:
    """Its main thread has ended, so it looks dead, but another one has not."""
    number = str(EXIT[platform.machine()])
    with subprocess.Popen(
        [sys.executable, "-c", HALF_DEAD, number], stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout is not None
            grandchild = int(child.stdout.readline())
            until(lambda: child.pid not in processes())
            assert processes()[grandchild].parent == child.pid  # no longer in the table itself
            kill_family(child.pid, "no token", set(processes()))
            assert grandchild not in processes()
        finally:
            child.kill()


@pytest.mark.parametrize(
    "change",
    ["sys.path = ['/home/ana/hw1']", "sys.path = ('/home/ana/hw1',) + tuple(sys.path)",
     "sys.path = None", "sys.path = 'mytorch'", "sys.path.clear()", "del sys.path[:]"],
)  # fmt: skip
def test_what_is_done_to_the_path_hides_no_file(tmp_path: Path, change: str) -> None:
    head = f"import sys\n{change}\nimport numpy as np\n"
    put("classic2020", tmp_path / "it", [("mytorch/loss.py", "import numpy as np\n", head)])
    session = graded(tmp_path / "it", "classic2020")
    assert (lost(session), accused(session), session.notes) == ({}, [], [])

"""Several processes at work on the same files: they write, read, download, and are killed."""

import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from mytorch.datasets import load
from mytorch.datasets.mnist import read
from mytorch.system.atomic import replacing
from mytorch.system.errors import DataError
from tests.support import mirrors as answer
from tests.support.mirrors import Mirror, Request
from tests.support.standins import ARRAYS, FILES, NAMES, PACKED, child, put, put_all, visible
from tests.support.waiting import LIMIT

pytestmark = pytest.mark.usefixtures("folders")

WRITER = """
import sys
with open(sys.argv[1], "wb") as file:
    content = bytes.fromhex(sys.argv[2])
    for part in (content[:len(content) // 2], content[len(content) // 2 : -1], content[-1:]):
        file.write(part)
        file.flush()
        print("written", flush=True)
        input()
"""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_a_file_that_another_process_is_writing(
    name: str, packed: bool, folders: dict[str, Path]
) -> None:
    """A real process, held in the middle of its work: half the file, all but a byte, all."""
    put_all(folders["chosen"], packed)
    path = put(folders["chosen"], name, packed)
    content = path.read_bytes().hex()
    with subprocess.Popen(
        [sys.executable, "-S", "-c", WRITER, str(path), content],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as writer:  # fmt: skip
        assert writer.stdin is not None
        assert writer.stdout is not None
        for step in range(3):
            assert writer.stdout.readline() == "written\n"
            if step < 2:
                with pytest.raises(DataError, match="cut short") as info:
                    load("mnist")
                assert str(info.value).startswith(f"{path}: ")
                assert "If another program is still writing it" in str(info.value)
            writer.stdin.write("\n")
            writer.stdin.flush()
        assert np.array_equal(read(FILES[name]), ARRAYS[name])


WRITE_UNTIL_TOLD = """
import threading
told = threading.Thread(target=sys.stdin.read)
told.start()
while told.is_alive():
    for name in standins.NAMES:
        mnist_files.SET.keep(standins.FILES[name], standins.PACKED[name])
    print(flush=True)
"""


@pytest.mark.slow
def test_reading_while_another_process_replaces_the_files(folders: dict[str, Path]) -> None:
    """Files that the library writes are whole at every moment."""
    cache = folders["cache"].parents[1]
    put_all(folders["cache"])
    process = child(WRITE_UNTIL_TOLD, cache)
    assert process.stdout is not None
    for _ in range(30):
        process.stdout.readline()  # it has written all four once more, and goes on
        for name in NAMES:
            assert np.array_equal(read(FILES[name]), ARRAYS[name])
    assert process.poll() is None
    _, errors = process.communicate(timeout=LIMIT)
    assert (process.returncode, errors) == (0, "")
    assert visible(folders["cache"]) == sorted(f"{name}.gz" for name in NAMES)


READ = "print(sum(int(part[0].sum() * 255 + 0.5) for part in load('mnist')))"
SUM = sum(int(ARRAYS[name].sum(dtype=int)) for name in NAMES if "images" in name)


def test_two_processes_that_download_at_once_both_get_it(tmp_path: Path, mirror: Mirror) -> None:
    """The server answers the first question when both have asked it."""
    both = threading.Barrier(2)

    def together(request: Request) -> None:
        both.wait(LIMIT)
        answer.good(request)

    asked = mirror(together)
    for process in [child(READ, tmp_path) for _ in range(2)]:
        out, errors = process.communicate(timeout=LIMIT)
        assert (out, errors) == (f"{SUM}\n", "")
    assert len(asked) == 8
    assert visible(tmp_path / "mytorch" / "mnist") == sorted(f"{name}.gz" for name in NAMES)
    assert all(
        (tmp_path / "mytorch" / "mnist" / f"{name}.gz").read_bytes() == PACKED[name]
        for name in NAMES
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_download_that_is_killed_leaves_nothing(
    number: signal.Signals, tmp_path: Path, mirror: Mirror
) -> None:
    half_way, killed = threading.Event(), threading.Event()

    def interrupted(request: Request) -> None:
        answer.half(request)
        request.wfile.flush()
        half_way.set()
        killed.wait(LIMIT)

    mirror(interrupted)
    process = child(READ, tmp_path)
    assert half_way.wait(LIMIT)
    process.send_signal(number)
    out, errors = process.communicate(timeout=LIMIT)
    killed.set()
    assert out == ""
    assert process.returncode == -number
    assert ("KeyboardInterrupt" in errors) == (number == signal.SIGINT)
    assert visible(tmp_path / "mytorch" / "mnist") == []
    mirror(answer.good)
    assert child(READ, tmp_path).communicate(timeout=LIMIT) == (f"{SUM}\n", "")


def test_a_process_that_is_killed_while_it_writes_leaves_the_old_file(tmp_path: Path) -> None:
    """What it was writing stays under a hidden name, which nothing reads."""
    path = tmp_path / "mytorch" / "mnist" / f"{NAMES[0]}.gz"
    path.parent.mkdir(parents=True)
    for old in (None, PACKED[NAMES[0]]):
        if old is not None:
            path.write_bytes(old)
        process = child(
            "from mytorch.system.atomic import replacing\n"
            f"with replacing({str(path)!r}) as file:\n"
            "    file.write(b'half'); file.flush(); print(flush=True); input()\n",
            tmp_path,
        )
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
        process.communicate(timeout=LIMIT)
        assert process.returncode == -signal.SIGKILL
        assert path.exists() == (old is not None)
        assert old is None or path.read_bytes() == old
        others = [name for name in visible(path.parent) if name != path.name]
        assert all(re.fullmatch(rf"\.{path.name}\.[0-9a-f]{{8}}\.part", name) for name in others)


WRITE_HALF = """
from mytorch.system.atomic import replacing
with replacing({path!r}) as file:
    file.write(b"half"); file.flush(); print(flush=True); input()
"""


def test_what_killed_processes_left_goes_with_the_next_write(tmp_path: Path) -> None:
    """But not what another process is still writing, nor files of other names."""
    folder = tmp_path / "results"
    folder.mkdir()
    path = folder / "weights.npz"
    others = [".weights.npz.part", ".weights.npz.12.part", ".other.npz.01234567.part", "notes.part"]
    for name in others:
        (folder / name).write_bytes(b"")
    code = WRITE_HALF.format(path=str(path))
    processes = [child(code, tmp_path) for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    assert len(visible(folder)) == len(others) + 3
    for process in processes[:2]:
        process.kill()
        process.communicate(timeout=LIMIT)
    with replacing(path) as file:
        file.write(b"whole")
    (unfinished,) = set(visible(folder)) - {*others, path.name}
    assert path.read_bytes() == b"whole"
    assert (folder / unfinished).read_bytes() == b"half"
    processes[2].communicate("\n", timeout=LIMIT)  # and the one that was at work ends well
    assert processes[2].returncode == 0
    assert visible(folder) == sorted([*others, path.name])
    assert path.read_bytes() == b"half"

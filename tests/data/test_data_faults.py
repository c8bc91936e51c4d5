"""Every way in which each of MNIST's four files can be wrong or unreadable.

The outcome is always the right array, as the test knows it, or a sentence that names the file and
says what to do; never another array, and nothing is changed on disk.
"""

import gzip
import os
import re
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch.datasets import load
from mytorch.datasets.mnist import read
from mytorch.system.errors import DataError, DataMissing
from tests.support.standins import ARRAYS, CONTENT, FILES, NAMES, PACKED, idx, put, put_all, visible

pytestmark = pytest.mark.usefixtures("folders")
REMEDY = (
    "Put the original beside it, under any of its names, or set MYTORCH_DATA to a folder that has "
    "it in its subfolder mnist. If another program is still writing it (it changed within the last "
    "minute), only wait and run again."
)


def other(name: str) -> str:
    """The next file: images for labels, and labels for images."""
    return NAMES[(NAMES.index(name) + 1) % len(NAMES)]


def flipped(content: bytes, place: int, bit: int = 0) -> bytes:
    return content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]


Fault = tuple[Callable[[str], bytes], str]
"""The wrong content for a file of a name, and what has to be said of it."""

CUT = r"it is cut short, \d+ of \d+ bytes"
LONGER = r"it is longer than the \d+ bytes expected"

FAULTS: dict[str, Fault] = {
    "no data": (lambda n: CONTENT[n][: len(CONTENT[n]) - ARRAYS[n].size], CUT),
    "half": (lambda n: CONTENT[n][: len(CONTENT[n]) // 2 + 1], CUT),
    "three bytes": (lambda n: CONTENT[n][:3], CUT),
    "last byte gone": (lambda n: CONTENT[n][:-1], CUT),
    "one byte more": (lambda n: CONTENT[n] + b"?", LONGER),
    "far more": (lambda n: CONTENT[n] * 1000, LONGER),
    "a bit of the data": (
        lambda n: flipped(CONTENT[n], len(CONTENT[n]) - 1),
        "its SHA-256 is [0-9a-f]{12}..., not [0-9a-f]{12}..., so it is damaged, or from another",
    ),
    "wrong magic": (lambda n: b"\x01" + CONTENT[n][1:], "begins with the bytes 01 00 08 0"),
    "floats, by the magic": (lambda n: flipped(CONTENT[n], 2, 2), "begins with the bytes 00 00 0c"),
    "wrong count": (
        lambda n: flipped(CONTENT[n], 7, 1),
        r"its header says (19|15)( x 3 x 3)?, not",
    ),
    "absurd count": (lambda n: flipped(CONTENT[n], 4, 7), r"its header says 2,147,483,66\d"),
    "fewer images": (lambda n: idx(ARRAYS[n][:-1]), r"says 1[62]( x 3 x 3)?, not 1[73]( x 3 x 3)?"),
    "another file": (
        lambda n: CONTENT[other(n)],
        "it begins as (train|t10k)-(images-idx3|labels-idx1)-ubyte does and may be that file",
    ),
    "zeros": (
        lambda n: bytes(len(CONTENT[n])),
        "it begins with the bytes 00 00 00 00, not 00 00 0",
    ),
    "a web page": (lambda n: b"\n <!DOCTYPE html><title>404</title>", "it is a web page"),
}

GZIP_FAULTS: dict[str, Fault] = {
    "half of the gzip": (lambda n: PACKED[n][: len(PACKED[n]) // 2], CUT),
    "head of the gzip": (lambda n: PACKED[n][:5], r"it is cut short, 0 of \d+ bytes"),
    "checksum cut": (lambda n: PACKED[n][:-1], "the gzip file is cut short"),
    "checksum gone": (lambda n: PACKED[n][:-8], "the gzip file is cut short"),
    "checksum wrong": (
        lambda n: flipped(PACKED[n], len(PACKED[n]) - 6),
        r"the gzip file is damaged \(incorrect data check\)\. ",
    ),
    "not the gzip method": (lambda n: flipped(PACKED[n], 2), "the gzip file is damaged"),
    "not gzip by a bit": (lambda n: flipped(PACKED[n], 0), "it begins with the bytes 1e 8b 08 00"),
    "packed twice": (
        lambda n: gzip.compress(PACKED[n], mtime=0),
        "it begins with the bytes 1f 8b 08 00",
    ),
}


def cases() -> Iterator[Any]:
    empty = (lambda _: b"", r": it is empty\. ")
    for what, (fault, message) in {"empty": empty, **FAULTS}.items():
        yield pytest.param(fault, False, message, id=f"{what}, plain")
        yield pytest.param(fault, True, message, id=f"{what}, named .gz")
        if what != "empty":
            yield pytest.param(
                lambda n, f=fault: gzip.compress(f(n), mtime=0),
                True,
                message,
                id=f"{what}, gzipped",
            )
    for what, (fault, message) in GZIP_FAULTS.items():
        yield pytest.param(fault, True, message, id=what)


@pytest.mark.parametrize(("fault", "packed", "message"), cases())
def test_a_fault_of_one_file_is_named_with_the_remedy(
    fault: Callable[[str], bytes], packed: bool, message: str, folders: dict[str, Path]
) -> None:
    """Of each of the four in turn. The other three are right: nothing comes but the sentence."""
    put_all(folders["checkout"], packed)
    before = visible(folders["checkout"])
    for name in NAMES:
        path = put(folders["checkout"], name, packed, fault(name))
        with pytest.raises(DataError, match=message) as info:
            load("mnist")
        assert type(info.value) is DataError  # DataMissing would send train.py to the digits
        text = str(info.value)
        assert text.startswith(f"{path}: ")
        assert text.endswith(f". {REMEDY}")
        assert "\n" not in text
        assert path.read_bytes() == fault(name)  # nothing is deleted behind the user's back
        put(folders["checkout"], name, packed)
    assert visible(folders["checkout"]) == before


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
def test_no_flipped_bit_and_no_length_gives_another_array(
    name: str, packed: bool, folders: dict[str, Path]
) -> None:
    """A bit of every byte, and many lengths. In a gzip header some bytes mean nothing."""
    content = (PACKED if packed else CONTENT)[name]
    path = put(folders["chosen"], name, packed)
    right = 0
    flips = [flipped(content, at, at % 8) for at in range(len(content))]
    ends = [*range(0, len(content), 7), *range(len(content) - 9, len(content))]
    for variant in [*flips, *(content[:end] for end in ends)]:
        path.unlink()  # some disks are waited for where a file is overwritten
        path.write_bytes(variant)
        try:
            array = read(FILES[name])
        except DataError as error:
            text = str(error)
        else:
            assert np.array_equal(array, ARRAYS[name])
            assert len(variant) == len(content)
            right += 1
            continue
        assert text.startswith(f"{path}: ")
        assert text.endswith(REMEDY)
    assert right <= (7 if packed else 0)  # time, system and level


def test_an_old_file_is_not_said_to_be_still_written(folders: dict[str, Path]) -> None:
    path = put(folders["chosen"], NAMES[0], content=b"old")
    os.utime(path, (time.time() - 100,) * 2)
    with pytest.raises(DataError, match=r"that has it in its subfolder mnist\.$"):
        read(FILES[NAMES[0]])


@pytest.fixture
def alarm() -> Iterator[None]:
    """Whoever waits for ever is woken up, and the test fails."""

    def wake(*_: object) -> None:
        raise AssertionError("it waits for ever")

    old = signal.signal(signal.SIGALRM, wake)
    signal.alarm(10)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, old)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_what_is_no_file_is_named(
    name: str, suffix: str, folders: dict[str, Path], alarm: None
) -> None:
    """A pipe that nobody writes into would never end, and /dev/zero never either."""
    for other in set(NAMES) - {name}:
        put(folders["checkout"], other)
    path = folders["chosen"] / f"{name}{suffix}"
    path.mkdir(parents=True)
    with pytest.raises(DataMissing, match=f"MNIST's {name} is not on this machine"):
        load("mnist")  # nothing is wrong with a folder of that name
    path.rmdir()

    def pipe() -> None:
        os.mkfifo(path)

    makers: list[tuple[Callable[[], None], str]] = [
        (pipe, "this is a pipe or a device, not a file"),
        (lambda: path.symlink_to("/dev/zero"), "this is a pipe or a device, not a file"),
        (lambda: path.symlink_to(path.name), "Too many levels of symbolic links"),
    ]
    for make, what in makers:
        make()
        with pytest.raises(DataError, match=re.escape(f"{path}: {what}. Put the original")):
            load("mnist")
        put(folders["checkout"], name)
        load("mnist")  # the right one elsewhere will do
        (folders["checkout"] / f"{name}.gz").unlink()
        path.unlink()


def test_no_more_is_read_than_a_file_can_have(folders: dict[str, Path]) -> None:
    """A file of a terabyte, of which the disk holds nothing."""
    path = put(folders["chosen"], NAMES[0], False)
    os.truncate(path, 1 << 40)
    with pytest.raises(DataError, match="it is longer than the 169 bytes expected"):
        read(FILES[NAMES[0]])


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder that everybody may enter, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def nobody() -> Iterator[None]:
    """Root may read everything; whoever runs the tests as root becomes somebody else meanwhile."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("what", ["file", "folder"])
def test_an_unreadable_file_is_named_with_the_remedy(
    name: str,
    suffix: str,
    what: str,
    folders: dict[str, Path],
) -> None:
    for other in set(NAMES) - {name}:
        put(folders["checkout"], other)
    path = put(folders["chosen"], name, bool(suffix))
    locked = path if what == "file" else path.parent
    mode = locked.stat().st_mode
    locked.chmod(0)
    try:
        with nobody(), pytest.raises(DataError) as info:
            load("mnist")
    finally:
        locked.chmod(mode)
    first = path if what == "file" else path.with_name(name)  # the first that is looked for
    assert str(info.value) == (
        f"{first}: Permission denied. Make this file readable (chmod a+r) and its folder too "
        f"(chmod a+rx), or set MYTORCH_DATA to a folder with files that you may read."
    )
    assert not isinstance(info.value, DataMissing)


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), PermissionError(13, "Denied")])
def test_a_file_that_the_disk_no_longer_gives(
    error: OSError, folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(folders["chosen"], NAMES[0])

    def broken(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(Path, "open", broken)
    with pytest.raises(DataError, match=re.escape(f"{path}: {error.strerror}. ")) as info:
        read(FILES[NAMES[0]])
    assert re.search("Put the original|Make this file readable", str(info.value))

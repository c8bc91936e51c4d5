"""Archives that are damaged, too large or no archives: each has a reason, and nothing is left."""

import bz2
import gzip
import lzma
import struct
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.submission.archives import SCANNED
from tests.submission.copying import handed_in
from tests.submission.selecting import LARGEST, MOST
from tests.submission.source import NotCoursework
from tests.support.packing import CODE, PACK, content, special, tar, zipped


def encrypted() -> bytes:
    data = bytearray(zipped(("hw1.py", CODE)))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    return bytes(data)


def damaged_zip() -> bytes:
    data = bytearray(zipped(("hw1.py", CODE), method=0))
    data[data.index(b"class") + 1] ^= 1
    return bytes(data)


def of_unknown_method() -> bytes:
    data = bytearray(zipped(("hw1.py", CODE)))
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", data, data.index(signature) + offset, 99)
    return bytes(data)


def damaged_header() -> bytes:
    data = bytearray(tar(("hw1/hw1.py", CODE), ("hw1/util.py", CODE)))
    data[data.index(b"hw1/util.py") + 3] ^= 1
    return bytes(data)


GZIPPED = gzip.compress(tar(("hw1.py", CODE)))


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.zip", b"", "a.zip is empty"),
        ("a.zip", b"nothing of the kind", "no archive that can be read"),
        ("a.zip", zipped(("hw1.py", CODE))[:-30], "no archive that can be read"),
        ("a.zip", zipped(), "but the folder is empty"),
        ("a.zip", encrypted(), "is encrypted; pack it without a password"),
        ("a.zip", damaged_zip(), "Bad CRC-32"),
        ("a.zip", of_unknown_method(), "compression method"),
        ("a.zip", zipped(("../evil.py", b"evil")), "evil.py"),
        ("a.tar", damaged_header(), "a header in the middle is damaged"),
        ("a.tar", tar(("hw1.py", CODE))[:2000], "unexpected end of data"),
        ("a.tar", bytes(10240), "but the folder is empty"),
        ("a.tar.gz", GZIPPED[:200], "no archive that can be read"),
        ("a.tar.gz", GZIPPED[:-8] + bytes([GZIPPED[-8] ^ 1]) + GZIPPED[-7:], "CRC check failed"),
        ("hw1.py.gz", gzip.compress(CODE), "no archive that can be read"),
        ("a.tar.xz", lzma.compress(tar(("hw1.py", CODE)))[:400], "no archive that can be read"),
        ("a.rar", b"Rar!\x1a\x07\x00" + bytes(99), "is a RAR archive; expected a folder"),
        ("report.pdf", b"%PDF-1.7", "is a PDF; expected"),
        ("homework", b"see my repository", "is another file; expected"),
        ("work.ipynb", b'{"cells": []}', "is a notebook, which is not graded"),
        ("a.zip", zipped(("x/work.ipynb", b"{}")), "found x/work.ipynb, a notebook"),
        ("hw1.py", b"", "hw1.py is empty"),
        ("a.zip", zipped(("hw1.py", b" \n")), "its Python files are empty"),
    ],
)
def test_what_cannot_be_graded_has_a_reason(
    files: Any, name: str, data: bytes, reason: str
) -> None:
    with pytest.raises(NotCoursework, match=reason) as caught:
        files(data, name)
    assert str(caught.value).startswith(name)  # the student's file, and no temporary folder
    assert "temporary" not in str(caught.value)


@pytest.mark.slow
def test_sizes(files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    large = bytes(LARGEST)
    for data in (
        zipped(("hw1.py", CODE), ("x.bin", large)),
        PACK["tar.gz"](tar(("hw1.py", CODE), ("x.bin", large))),
        zipped(("hw1.py", CODE), *((f"hw1/{n}.py", b"") for n in range(MOST))),
    ):
        with pytest.raises(NotCoursework, match="more than 2000 files or 50 MB"):
            files(data)
    left_out = zipped(("alice/hw1.py", CODE), ("alice/data/train.bin", large + large))
    assert files(left_out) == {"hw1.py": CODE, "left out": b"data/"}
    monkeypatch.setattr("tests.submission.archives.SCANNED", 1 << 20)
    with pytest.raises(NotCoursework, match="more than 1 MB"):
        files(gzip.compress(tar(("hw1.py", CODE), ("data/x", bytes(2 << 20)))), "a.tar.gz")
    assert SCANNED == 8 * LARGEST


def test_a_zip_file_that_lies_about_a_size(files: Any) -> None:
    """The declared size is small, the content is not; its checksum cannot be right."""
    data = bytearray(zipped(("hw1.py", CODE), ("x.py", bytes(60 << 20))))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.rindex(signature) + offset, 10)
    with pytest.raises(NotCoursework, match="Bad CRC-32"):
        files(bytes(data))


WHOLE = {
    "zip": zipped(("a/hw1.py", CODE[:500]), ("a/b.py", b"x")),
    "tar": tar(("a/hw1.py", CODE[:500]), ("a/b", special(tarfile.SYMTYPE, "hw1.py"))),
    "tar.gz": gzip.compress(tar(("a/hw1.py", CODE[:500]))),
    "tar.bz2": bz2.compress(tar(("a/hw1.py", CODE[:500]))),
    "tar.xz": lzma.compress(tar(("a/hw1.py", CODE[:500]))),
}


@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_damaged_bytes_end_in_a_reason_or_a_folder(kind: str, data: st.DataObject) -> None:
    whole = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    reason = ""
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"a.{kind}"
        file.write_bytes(whole)
        try:
            with handed_in(file) as handin:
                content(handin)
        except NotCoursework as error:
            reason = str(error)
    assert reason.startswith(f"a.{kind}") or not reason

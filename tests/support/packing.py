"""Archives of hand-ins, made for tests."""

import bz2
import gzip
import io
import lzma
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.submission.copying import Handin, handed_in
from tests.support.grading import HW1

CODE = HW1.read_bytes()
PACK: dict[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "tar.gz": gzip.compress,
    "tgz": gzip.compress,
    "tar.bz2": bz2.compress,
    "tar.xz": lzma.compress,
}


def tar(*members: tuple[str, bytes | tarfile.TarInfo]) -> bytes:
    """A tar file of names with their content, or with what else a member is."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members:
            if isinstance(content, tarfile.TarInfo):
                content.name = name
                archive.addfile(content)
            else:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def special(kind: bytes, target: str = "") -> tarfile.TarInfo:
    """A member that is no file: a link, a device, a pipe."""
    info = tarfile.TarInfo()
    info.type, info.linkname = kind, target
    return info


def zipped(*members: tuple[str, bytes], mode: int = 0, method: int = 8) -> bytes:
    """A zip file of names with their content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the same name twice
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.compress_type, info.external_attr = method, mode << 16
            archive.writestr(info, content)
    return buffer.getvalue()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Temporary files have a folder of their own, which is empty after each test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []
    assert sorted(p.name for p in tmp_path.iterdir() if "evil" in p.name) == []


@pytest.fixture
def files(tmp_path: Path, temporary: Path) -> Callable[..., dict[str, bytes]]:
    """Takes a hand-in of some bytes, and returns what is graded of it."""

    def read(data: bytes, name: str = "alice.zip") -> dict[str, bytes]:
        (tmp_path / name).write_bytes(data)
        with handed_in(tmp_path / name) as handin:
            return content(handin)

    return read


def content(handin: Handin) -> dict[str, bytes]:
    root = handin.submission.root
    paths = [path for path in root.rglob("*") if not path.is_dir()]
    assert not any(path.is_symlink() for path in paths)
    found = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    return found | {"left out": "\n".join(handin.left_out).encode()}

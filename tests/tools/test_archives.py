"""Hand-ins as archives: each kind is read, and none can write or link beyond its folder."""

import gzip
import io
import os
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.submission.source import NotCoursework
from tests.support.packing import CODE, PACK, special, tar, zipped


@pytest.mark.parametrize("inside", ["", "alice/", "./alice smith/handin/hw1p1/"])
@pytest.mark.parametrize("kind", ["zip", *PACK])
def test_every_kind_at_every_depth(files: Any, kind: str, inside: str) -> None:
    members = [(f"{inside}hw1/hw1.py", CODE), (f"{inside}hw1/data/more.py", b"x = 1")]
    data = zipped(*members) if kind == "zip" else PACK[kind](tar(*members))
    assert files(data, f"alice.{kind}") == {
        "hw1/hw1.py": CODE, "hw1/data/more.py": b"x = 1", "left out": b"",
    }  # fmt: skip
    assert files(data, "named_by_nobody")["hw1/hw1.py"] == CODE


def test_an_archive_in_an_archive(files: Any) -> None:
    inner = gzip.compress(tar(("hw1.py", CODE)))
    twice = zipped(("Alice/handin.tar.gz", inner), ("Alice/report.pdf", b"%PDF"))
    assert files(twice) == {"hw1.py": CODE, "left out": b"Alice/report.pdf"}
    both = zipped(("a/handin.tar.gz", inner), ("b/handin.tar.gz", inner))
    with pytest.raises(
        NotCoursework, match=r"more than one archive: a/handin\.tar\.gz, b/handin\.tar"
    ):
        files(both)


def test_what_macos_and_windows_add_is_left_out(files: Any) -> None:
    junk = [(f"{n}/{name}", b"\0") for n in ("__MACOSX", "alice") for name in ("._hw1.py",)]
    found = files(zipped(("alice/hw1.py", CODE), ("alice/.DS_Store", b"\0"), *junk))
    assert found == {"hw1.py": CODE, "left out": b".DS_Store\n._* files\n__MACOSX"}
    data = zipped(("alice\\", b""), ("alice\\hw1\\hw1.py", CODE), ("alice\\hw1\\a\\b.py", b""))
    assert files(data) == {"hw1/hw1.py": CODE, "hw1/a/b.py": b"", "left out": b""}


@pytest.mark.parametrize("name", ["../evil.py", "hw1/../../evil.py", "..\\evil.py"])
def test_names_that_lie_outside_are_left_out(files: Any, name: str) -> None:
    for make, suffix in ((zipped, "zip"), (tar, "tar")):
        found = files(make((name, b"evil"), ("hw1.py", CODE)), f"alice.{suffix}")
        assert found.pop("left out").decode().endswith("evil.py (outside of its folder)")
        assert found == {"hw1.py": CODE}


@pytest.mark.parametrize(
    "above", ["/tmp/evil/alice/", "C:\\Users\\alice\\", "//share/alice/", "c:/"]
)
def test_absolute_names_are_taken_as_relative_ones(files: Any, above: str) -> None:
    for make, suffix in ((zipped, "zip"), (tar, "tar")):
        data = make((f"{above}hw1.py", CODE), (f"{above}hw1/a.py", b"evil"))
        found = files(data, f"alice.{suffix}")
        assert found == {"hw1.py": CODE, "hw1/a.py": b"evil", "left out": b""}
    assert not Path("/tmp/evil").exists()


def test_names_with_escape_codes_and_bytes_that_are_no_text(files: Any) -> None:
    names = ["hw1/\x1b[2J.py", os.fsdecode(b"hw1/\xff\xfe.py"), "hw1/ü.py"]
    found = files(tar(("hw1/hw1.py", CODE), *((name, b"x = 1") for name in names)), "a.tar")
    assert {names[0], names[1], names[2]} <= found.keys()
    found = files(tar(("hw1.py", CODE), ("\x1b[2J/evil", special(tarfile.FIFOTYPE))), "a.tar")
    assert found["left out"] == b"?[2J/evil (neither a file nor a folder)"
    found = files(zipped(("hw1.py", CODE), ("x" * 300 + ".py", b"")))
    assert b"a name that is too long" in found["left out"]
    found = files(tar(("hw1.py", CODE), ("/".join("d" * 900) + "/x.py", b"")), "a.tar")
    assert b"a name that is too long" in found["left out"]


def test_links_in_a_tar_file(files: Any) -> None:
    symbolic, hard = tarfile.SYMTYPE, tarfile.LNKTYPE
    found = files(
        tar(
            ("alice/hw1.py", special(symbolic, "src/final.py")),
            ("alice/src/final.py", CODE),
            ("alice/again.py", special(hard, "alice/src/final.py")),
            ("alice/lib", special(symbolic, "../alice/src")),
            ("alice/round", special(symbolic, "../alice")),
            ("alice/circle.py", special(symbolic, "circle.py")),
            ("alice/nowhere.py", special(symbolic, "no.py")),
            ("alice/out.py", special(symbolic, "/etc/passwd")),
            ("alice/out2.py", special(symbolic, "../../etc/passwd")),
            ("alice/out3.py", special(hard, "../etc/passwd")),
            ("alice/out4.py", special(symbolic, "../../alice/src/final.py")),
            ("alice/out", special(symbolic, "/etc")),
            ("alice/device", special(tarfile.CHRTYPE)),
        ),
        "alice.tar",
    )
    left_out = found.pop("left out").decode().splitlines()
    assert found == dict.fromkeys(("hw1.py", "src/final.py", "again.py", "lib/final.py"), CODE)
    names = [
        "circle.py",
        "device",
        "nowhere.py",
        "out",
        "out.py",
        "out2.py",
        "out3.py",
        "out4.py",
        "round",
    ]
    assert [line.split(" (")[0] for line in left_out] == names
    assert all("leads out" in line for line in left_out if line.startswith("out"))


def test_a_file_behind_a_link_that_was_replaced_by_a_folder(files: Any) -> None:
    evil = tar(("hw1.py", CODE), ("x", special(tarfile.SYMTYPE, "/tmp")), ("x/evil.py", b"evil"))
    assert files(evil, "a.tar") == {"hw1.py": CODE, "x/evil.py": b"evil", "left out": b""}
    assert not Path("/tmp/evil.py").exists()


def test_links_in_a_zip_file(files: Any, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("src/final.py", CODE)
        for name, target in (("hw1.py", "src/final.py"), ("out.py", "/etc/passwd")):
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o120777 << 16
            archive.writestr(info, target)
    found = files(buffer.getvalue())
    assert found["hw1.py"] == CODE
    assert found["left out"].startswith(b"out.py (a link that leads out")
    assert "out.py" not in found


def test_a_name_of_a_file_and_of_a_folder_is_the_folders(files: Any) -> None:
    for members in ((("x", b""), ("x/y.py", b"1")), (("x/y.py", b"1"), ("x", b""))):
        found = files(tar(("hw1.py", CODE), *members), "a.tar")
        left_out = found.pop("left out")
        assert found == {"hw1.py": CODE, "x/y.py": b"1"}
    assert left_out == b"x (a folder, too)"


def test_of_two_members_of_one_name_the_later_one_counts(files: Any) -> None:
    assert files(zipped(("hw1.py", b"old"), ("hw1.py", CODE)))["hw1.py"] == CODE
    assert files(tar(("hw1.py", b"old"), ("hw1.py", CODE)), "a.tar")["hw1.py"] == CODE

"""The autograder's command line, interrupts, and the archives that it takes."""

import json
import shutil
import signal
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.course import find_course
from tests.autograder.grading import Limits
from tests.autograder.references import References
from tests.autograder.session import grade
from tests.conftest import ROOT
from tests.submission.copying import unpacked
from tests.submission.layout import NotCoursework, find
from tests.support.grading import HW1, tanh
from tests.support.waiting import LIMIT, until


def command(*arguments: object, **options: Any) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "tests.autograder", "1", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False, **options,
    )  # fmt: skip


@pytest.mark.slow
def test_the_command_line(tmp_path: Path) -> None:
    shutil.copy(HW1, tmp_path)
    files = tmp_path / "report.json", tmp_path / "results.json"
    options = ("--json", files[0], "--gradescope", files[1], "--autolab", "--no-training")
    result = command(tmp_path, *options)
    assert result.returncode == 0, result.stderr
    assert json.loads(files[0].read_text())["layout"] == "2019"
    assert json.loads(files[1].read_text())["score"] == 91
    assert json.loads(result.stdout.splitlines()[-1])["scores"]["3.6 Momentum"] == 10
    assert sorted(p.name for p in tmp_path.iterdir()) == ["hw1.py", "report.json", "results.json"]
    result = command(tmp_path, "--question", "3.3a")
    assert "4 of 4 points" in result.stdout
    assert "there is no question 9" in command(tmp_path, "--question", "9").stderr
    assert command(tmp_path / "nowhere").returncode == 2
    assert "expected a positive number" in command("--timeout", "0").stderr
    result = command(tmp_path, "--json", "/nowhere/x", "--no-training")
    assert result.returncode == 2
    assert "No such file" in result.stderr
    assert "91 of 91 points" in result.stdout
    assert "expected a path" in command("").stderr
    assert "at least 512 MB" in command("--memory", "50").stderr
    assert "expected a number" in command("--seed", "-1").stderr
    drawn = command(tmp_path, "--seed", "5", "--question", "2.1")
    assert "cases of seed 5\n" in drawn.stdout
    assert drawn.returncode == 0


def test_the_sandbox_is_never_left_out_silently(tmp_path: Path) -> None:
    result = command(ROOT, "--sandbox", "--no-training", env={"PATH": str(tmp_path)})
    assert result.returncode == 2
    assert "--sandbox needs bwrap" in result.stderr


@pytest.mark.slow
def test_plots_of_the_training(tmp_path: Path) -> None:
    result = command(ROOT, "--plots", tmp_path / "plots")
    assert "graded by a person" in result.stdout
    assert len(list((tmp_path / "plots").glob("*.png"))) == 5


def children(pid: int) -> int:
    """How many processes it has started that still run."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return len(found.stdout.split())


@pytest.mark.slow
def test_an_interrupt_leaves_a_partial_report(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    hang = tanh(f"open({str(begun)!r}, 'w')\nwhile True: pass")
    (tmp_path / "hw1.py").write_text(HW1.read_text() + hang)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.autograder", "1", tmp_path, "--timeout", str(LIMIT),
         "--json", tmp_path / "report.json", "--no-training"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:  # fmt: skip
        # one question hangs, and of those that were asked with it none is being asked any more
        until(lambda: begun.exists() and children(process.pid) == 1)
        process.send_signal(signal.SIGINT)
        shown, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 130, errors
    assert "(interrupted: not everything was asked)" in shown
    data = json.loads((tmp_path / "report.json").read_text())
    assert data["interrupted"] is True
    assert {q["id"]: q["status"] for q in data["questions"]}["3.3b"] == "interrupted"
    assert data["score"] > 0


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize("inside", ["", "my hand-in/"])
def test_a_tar_file(tmp_path: Path, mode: Any, inside: str, stored: References) -> None:
    with tarfile.open(tmp_path / "handin.tar", mode) as archive:
        archive.add(HW1, arcname=f"{inside}hw1/hw1.py")
    with unpacked(tmp_path / "handin.tar") as folder:
        session = grade(
            find(folder), find_course("1"), stored, Limits(), ["2.1"], with_training=False
        )
    assert session.score == 5
    assert not folder.exists()


def test_bad_archives(tmp_path: Path) -> None:
    file = tmp_path / "handin.tar"
    file.write_bytes(b"nothing of the kind")
    with pytest.raises(NotCoursework, match="no tar file"), unpacked(file):
        pass
    with tarfile.open(file, "w") as archive:
        archive.add(HW1, arcname="../outside.py")
    with pytest.raises(NotCoursework, match="outside of its folder"), unpacked(file):
        pass
    with tarfile.open(file, "w:gz") as archive:
        for _ in range(3):
            archive.add(HW1, arcname="hw1/hw1.py")
    whole = file.read_bytes()
    for damaged in (
        whole[:-8] + bytes([whole[-8] ^ 1]) + whole[-7:],  # the checksum at the end
        whole[:200],
        whole[:300] + bytes(byte ^ 0xFF for byte in whole[300:303]) + whole[303:],
    ):
        file.write_bytes(damaged)
        with pytest.raises(NotCoursework, match="no tar file"), unpacked(file):
            pass
    with tarfile.open(file, "w") as archive:
        archive.add(HW1, arcname="hw1/hw1.py")
        archive.add(HW1, arcname="hw1/util.py")
    plain = bytearray(file.read_bytes())
    plain[plain.index(b"hw1/util.py") + 3] ^= 1  # the second header no longer fits its checksum
    file.write_bytes(plain)
    with pytest.raises(NotCoursework, match="no tar file"), unpacked(file):
        pass
    with tarfile.open(file, "w") as archive:
        link = tarfile.TarInfo("hw1/hw1.py")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with unpacked(file) as folder:
        assert list(folder.rglob("*.py")) == []
    with tarfile.open(file, "w") as archive:
        huge = tarfile.TarInfo("hw1/hw1.py")
        huge.size = 60 << 20
        with open("/dev/zero", "rb") as zeros:
            archive.addfile(huge, zeros)
    with pytest.raises(NotCoursework, match="more than"), unpacked(file):
        pass

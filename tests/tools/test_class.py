"""`./grade.sh class`: every hand-in has its points, and what was graded is not graded again."""

import base64
import contextlib
import csv
import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.autograder.classes import station
from tests.autograder.classes.command import main
from tests.autograder.classes.executing import grade_class
from tests.autograder.classes.task import Task
from tests.support.classroom import classroom, command, graded
from tests.support.grading import ROOT, tanh
from tests.support.signals import hear_signals
from tests.support.waiting import LIMIT, until

pytestmark = pytest.mark.slow
PLAIN = ("--no-sandbox", "--timeout", "60", "--effort", "0")


def points(out: Path) -> dict[str, float]:
    """The gradebook's points by name."""
    with open(out / "gradebook.csv", newline="") as file:
        return {row["student"]: float(row["score"]) for row in csv.DictReader(file)}


def results(out: Path) -> dict[str, float]:
    """The points in the results' files, each of which has to be whole."""
    found = [json.loads(file.read_text()) for file in (out / "results").iterdir()]
    return {outcome["name"]: outcome["record"]["score"] for outcome in found}


def test_every_hand_in_has_its_points(tmp_path: Path) -> None:
    expected = classroom(tmp_path / "in")
    result = graded(tmp_path / "in", "--out", tmp_path / "out", *PLAIN)
    assert points(tmp_path / "out") == results(tmp_path / "out") == expected
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0] == "classic homework: 8 hand-ins, graded without a sandbox"
    named = {line.split()[0] for line in lines}
    assert set(expected) & named == {name for name, score in expected.items() if score < 91}
    assert all(len(line) <= 80 for line in lines if str(tmp_path) not in line)


def test_what_is_unchanged_is_not_graded_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def noted(self: station.Station, task: Task) -> station.Outcome:
        asked.append(task.name)
        return grade(self, task)

    grade = station.Station.grade
    monkeypatch.setattr(station.Station, "grade", noted)
    folder, out = tmp_path / "in", tmp_path / "out"
    classroom(folder, "right", "wrong", "empty")

    def again(*options: str) -> list[str]:
        asked.clear()
        assert main([str(folder), "--out", str(out), *PLAIN, *options]) == 0
        return sorted(asked)

    assert again() == ["empty", "right", "wrong"]
    assert again() == []
    os.utime(folder / "right.py")
    assert again() == []
    (folder / "wrong.py").write_bytes((folder / "right.py").read_bytes())
    capsys.readouterr()
    assert again() == ["wrong"]
    assert "changed: wrong: 89 -> 91" in capsys.readouterr().out
    file = next((out / "results").glob("right-*.json"))
    file.write_text(file.read_text()[:-20])  # damaged
    assert again() == ["right"]
    assert again("--seed", "3") == ["empty", "right", "wrong"]
    (folder / "empty.tar.gz").unlink()
    assert again("--seed", "3") == []
    assert set(points(out)) == {"right", "wrong"}
    assert "no longer handed in: empty" in capsys.readouterr().out
    monkeypatch.setattr("tests.autograder.classes.task.version", lambda: "another grader")
    assert again("--seed", "3") == ["right", "wrong"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("number", "executor"),
    [(signal.SIGINT, "threads"), (signal.SIGTERM, "threads"), (signal.SIGINT, "loky")],
)
def test_a_signal_leaves_only_whole_results(tmp_path: Path, number: int, executor: str) -> None:
    """Stopped while a hand-in hangs; what was graded before is whole, and the rest goes on."""
    folder, out = tmp_path / "in", tmp_path / "out"
    expected = classroom(folder, "right", "wrong", copies=2)
    reached = tmp_path / "reached"
    (folder / "zz waits.py").write_text(
        (folder / "right0.py").read_text() + tanh(f"open({str(reached)!r}, 'w')\nwhile True: pass")
    )
    (tmp_path / "temporary").mkdir()
    process = subprocess.Popen(
        command(folder, "--out", out, *PLAIN, "--timeout", LIMIT, "--jobs", 1,
                "--executor", executor), cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_signals,
        start_new_session=True, env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
    )  # fmt: skip
    try:
        until(reached.exists)
        os.killpg(process.pid, number)
        shown, errors = process.communicate(timeout=LIMIT)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -number
    assert errors == "" or (executor == "loky" and "Traceback" not in errors)
    assert "stopped: 1 of 5 have no result yet; the same command goes on" in shown
    assert results(out) == expected
    assert not (out / "gradebook.csv").exists()
    temporary = tmp_path / "temporary"
    until(lambda: not [p for p in temporary.iterdir() if p.name.startswith("mytorch-")])
    (folder / "zz waits.py").unlink()
    result = graded(folder, "--out", out, *PLAIN, "--timeout", LIMIT)
    assert "4 have their result from before" in result.stdout
    assert points(out) == expected


def test_a_station_that_is_killed_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = classroom(tmp_path, "right", "wrong")
    killed: list[int] = []

    def kill_once(self: station.Station, task: Task) -> station.Outcome:
        if task.name == "wrong.py" and len(killed) < 2:
            killed.append(self._process.pid)
            self._process.kill()
        return grade(self, task)

    grade = station.Station.grade
    monkeypatch.setattr(station.Station, "grade", kill_once)
    paths = [tmp_path / "wrong.py", tmp_path / "right.py"]
    options = ("--no-training", "--timeout=60", "--effort=0")
    found = grade_class(paths, options=options)
    assert [outcome["name"] for outcome in found] == ["wrong.py", "right.py"]
    assert [outcome["record"]["score"] for outcome in found] == [expected["wrong"], 91]
    assert len(set(killed)) == 2
    monkeypatch.setattr(station.Station, "grade", lambda self, task: killed[0] and self.raise_())
    monkeypatch.setattr(station.Station, "raise_", ended, raising=False)
    fault = grade_class(paths[:1], options=options)[0]
    assert fault["fault"] == "the grader's process ended 3 times while it graded this hand-in"


def ended(self: station.Station) -> None:
    raise station.Ended


CURVES = """

def get_training_stats(mlp, dset, nepochs, batch_size):
    return [np.linspace(2, 1, nepochs)] * 4
"""


def test_the_training_is_shown_beside_the_expected_one(tmp_path: Path) -> None:
    classroom(tmp_path / "in", "right")
    (tmp_path / "in" / "ada.py").write_bytes(
        (tmp_path / "in" / "right.py").read_bytes() + CURVES.encode()
    )
    out = tmp_path / "out"
    graded(tmp_path / "in", "--out", out, *PLAIN, "--training")
    pages = {file.name.partition("-")[0]: file.read_text() for file in out.glob("students/*.html")}
    assert "validation loss 2.000 to 1.000" in pages["ada"]
    pictures = re.findall(
        r'<img alt="The (\w+) curves.*?src="data:image/png;base64,([^"]+)"', pages["ada"]
    )
    assert [name for name, _ in pictures] == ["drawn", "expected"]
    for _, data in pictures:
        assert base64.b64decode(data).startswith(b"\x89PNG")
    assert pictures[0][1] != pictures[1][1]
    assert len(pages["ada"].encode()) < 200_000
    assert "did not run: there is no function get_training_stats in hw1" in pages["right"]
    assert "<img" not in pages["right"]


def test_a_fault_of_the_grader_is_no_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A limit that does not let Python start is nobody's mistake, and is tried again."""
    classroom(tmp_path / "in", "right", "empty")
    arguments = [str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--no-sandbox"]
    assert main([*arguments, "--timeout", "0.001"]) == 1
    shown = capsys.readouterr().out
    assert "no result: right: the grader's child did not start" in shown
    assert points(tmp_path / "out") == {"empty": 0}
    assert main([*arguments, "--timeout", "60"]) == 0
    assert points(tmp_path / "out") == {"empty": 0, "right": 91}


def test_shards_are_merged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Three shards, one of them in a folder of its own; a missing one is said."""
    folder, out, other = tmp_path / "in", tmp_path / "out", tmp_path / "other"
    expected = classroom(folder)
    for number, place in ((1, out), (3, out)):
        assert main([str(folder), "--out", str(place), *PLAIN, "--shard", f"{number}/3"]) == 0
    first = results(out)
    assert 0 < len(first) < len(expected)
    assert main(["--merge", str(out)]) == 1
    missing = set(expected) - set(first)
    shown = capsys.readouterr().out
    assert {line.split()[2][:-1] for line in shown.splitlines() if "no result" in line} == missing
    assert main([str(folder), "--out", str(other), *PLAIN, "--shard", "2/3"]) == 0
    assert set(results(other)) == missing
    assert main(["--merge", str(out), str(other)]) == 0
    assert points(out) == expected
    (folder / "right.py").write_text("x = 1")
    assert main([str(folder), "--out", str(other), *PLAIN, "--shard", "2/3"]) == 0
    assert main(["--merge", str(out), str(other)]) == 2
    assert "of different hand-ins" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere", "--out", "out"], "nowhere does not exist"),
        ([".", "--out", "out", "--course", "x"], "there is no course 'x'"),
        ([".", "--out", "out", "--executor", "ray"], "expected threads, loky, dask:ADDRESS or mpi"),
        ([".", "--out", "out", "--roster", "no.csv"], "--roster no.csv: No such file"),
        ([".", "--out", "out", "--canvas", "x (1)"], "--canvas needs --roster"),
        (["--merge", "."], ". is no folder of a graded class"),
    ],
)
def test_wrong_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    arguments: list[str], said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "alice.py").write_text("x = 1")
    more = [] if arguments[0] == "--merge" else ["--no-sandbox"]
    assert main([*arguments, *more]) == 2
    assert said in capsys.readouterr().err


def test_without_a_sandbox_it_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    classroom(tmp_path / "in", "empty")
    monkeypatch.setenv("PATH", str(tmp_path))
    from tests.autograder.sandboxing import sandbox

    sandbox.cache_clear()
    assert main([str(tmp_path / "in"), "--out", str(tmp_path / "out")]) == 2
    errors = capsys.readouterr().err
    assert "there is none here: bwrap (bubblewrap), which is not installed" in errors
    assert "--no-sandbox" in errors

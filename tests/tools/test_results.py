"""The results of a hand-in, as JSON and as Gradescope and Autolab read them, and the exit code."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.autograder.command import main
from tests.autograder.course import find_course
from tests.conftest import ROOT
from tests.support.grading import HW1, tanh
from tests.support.packing import zipped
from tests.support.waiting import LIMIT

pytestmark = pytest.mark.slow
CLASSIC = find_course("classic")


class Graded(NamedTuple):
    """What came of a run: its exit code, what it printed, and its two files."""

    code: int
    shown: str
    errors: str
    json: dict[str, Any]
    gradescope: dict[str, Any]

    @property
    def autolab(self) -> tuple[dict[str, Any], dict[str, float]]:
        """What Autolab takes from the last two lines."""
        shown, scores = map(json.loads, self.shown.splitlines()[-2:])
        return shown, scores["scores"]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Graded]:
    """Grades a path in every format."""

    def grade(path: Path, *options: str, homework: str = "classic") -> Graded:
        files = tmp_path / "report.json", tmp_path / "results.json"
        formats = ("--json", str(files[0]), "--gradescope", str(files[1]), "--autolab")
        fixed = ("--no-training", "--timeout", "60")
        code = main(find_course(homework), [str(path), *formats, *fixed, *options])
        out, errors = capsys.readouterr()
        return Graded(code, out, errors, *(json.loads(file.read_text()) for file in files))

    return grade


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A hand-in of which one question is wrong, as Alice's zip file."""
    path = tmp_path / "alice smith.zip"
    path.write_bytes(zipped(("alice/hw1.py", (HW1.read_text() + tanh("return x * 2")).encode()),
                            ("alice/data/x", b"")))  # fmt: skip
    return path


def test_every_format_of_a_hand_in(run: Any, wrong: Path) -> None:
    result = run(wrong)
    assert result.code == 0
    data = result.json
    assert list(data) == [
        *("submission", "homework", "layout", "reason", "left_out", "notes", "seed", "seconds"),
        *("score", "max_score", "training", "manual", "printed", "questions"),
    ]
    assert (data["submission"], data["reason"]) == ("alice smith.zip", None)
    assert (data["score"], data["max_score"], data["left_out"]) == (89, 91, ["data/"])
    assert list(data["questions"][0]) == [
        *("id", "title", "score", "max_score", "status", "seconds", "checks", "diagnosis"),
        *("unwritten", "repairs", "standins", "printed"),
    ]
    assert list(data["questions"][0]["checks"][0]) == ["name", "passed", "message"]
    assert "\nleft out: data/\n" in result.shown


def test_gradescope(run: Any, wrong: Path) -> None:
    """Its documentation of results.json says which keys there are, and of which kind."""
    scope = run(wrong).gradescope
    assert scope["score"] == 89
    assert 0 < scope["execution_time"] < LIMIT
    assert (scope["output_format"], scope["visibility"]) == ("text", "visible")
    assert scope["extra_data"]["submission"] == "alice smith.zip"
    assert scope["output"].startswith("alice smith.zip: classic homework, 2019 layout")
    assert scope["output"].endswith("left out: data/")
    assert sum(test["score"] for test in scope["tests"]) == 89
    keys = {
        *("name", "number", "score", "max_score", "status", "output", "output_format"),
        "visibility",
    }
    assert all(test.keys() == keys for test in scope["tests"])
    failed = [test for test in scope["tests"] if test["status"] == "failed"]
    assert [test["number"] for test in failed] == ["3.3b"]
    assert "Tanh.forward" in failed[0]["output"]
    said = {t["number"]: t["output"] for t in scope["tests"] if t["status"] == "passed"}
    assert len(said) == 8
    replaced = "asked with the grader's Tanh, as yours failed above"
    assert {number for number, text in said.items() if text} == {"3.4", "3.5b", "3.6"}
    assert set(said.values()) == {"", replaced}


def test_autolab(run: Any, wrong: Path) -> None:
    """Autolab shows the line before the last one, and takes the scores from the last one."""
    shown, scores = run(wrong).autolab
    assert shown["_presentation"] == "semantic"
    assert set(shown["stages"]) == shown.keys() - {"_presentation", "stages"}
    assert list(shown["Hand-in"]) == ["alice smith.zip"]
    assert shown["Questions"].keys() == scores.keys()
    assert all(test["hint"] for stage in shown["stages"] for test in shown[stage].values())
    failed = [name for name, test in shown["Questions"].items() if not test["passed"]]
    assert failed == ["3.3b Tanh"]
    assert shown["Questions"]["3.3b Tanh"]["hint"].startswith("2 of 4 points\n")
    assert "Tanh.forward" in shown["Questions"]["3.3b Tanh"]["hint"]
    assert shown["Questions"]["3.3a Sigmoid"]["hint"] == "4 of 4 points"
    assert sum(scores.values()) == 89
    assert not any(":" in name for name in scores)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("bob.zip", b"PK\x03\x04 and no more", "no archive that can be read"),
        ("bob.ipynb", b"{}", "is a notebook"),
        ("bob.tar.gz", b"", "is empty"),
        ("bob.zip", zipped(("mytorch/nn/linear.py", b"x=1")), "an edition since 2021"),
        ("bob.zip", zipped(("mytorch/tensor.py", b"x=1")), "only the autograd one"),
    ],
)
def test_what_cannot_be_graded_has_no_points_in_every_format(
    run: Any, tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(data)
    result = run(tmp_path / name)
    assert result.code == 0
    assert result.errors == ""
    assert (result.json["submission"], result.json["score"], result.json["max_score"]) == (
        name, 0, 96,
    )  # fmt: skip
    assert reason in result.json["reason"]
    assert {question["status"] for question in result.json["questions"]} == {"not graded"}
    scope = result.gradescope
    assert (scope["score"], scope["extra_data"]["submission"]) == (0, name)
    assert reason in scope["output"]
    assert sum(test["max_score"] for test in scope["tests"]) == 96
    assert all(reason in test["output"] for test in scope["tests"])
    shown, scores = result.autolab
    assert not shown["Hand-in"][name]["passed"]
    assert reason in shown["Hand-in"][name]["hint"]
    assert set(scores.values()) == {0}
    assert "not graded: " in result.shown
    assert "0 of 96 points" in result.shown
    assert max(map(len, result.shown.splitlines()[:-2])) <= 80
    assert str(tmp_path) not in json.dumps([result.json, scope, shown])


def test_the_classic_homework_is_not_graded_as_the_autograd_one(run: Any) -> None:
    result = run(HW1, homework="autograd")
    assert "this is not the autograd homework" in result.json["reason"]
    assert result.json["max_score"] == 100


@pytest.mark.parametrize("options", [(), ("--json",), ("--gradescope",), ("--autolab",)])
def test_the_exit_code(
    tmp_path: Path, wrong: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """0 where a result was written, for any hand-in; else 1 for less than full points."""
    (tmp_path / "broken.zip").write_bytes(b"broken")
    for path in (wrong, tmp_path / "broken.zip"):
        file = [str(tmp_path / "result")] if options and options != ("--autolab",) else []
        code = main(CLASSIC, [str(path), "--question", "3.3b", "--no-training", *options, *file])
        assert code == (0 if options else 1)
    assert main(CLASSIC, [str(wrong), "--question", "3.3a", "--no-training"]) == 0
    assert main(CLASSIC, [str(tmp_path / "nowhere"), "--autolab"]) == 2
    assert "nowhere does not exist" in capsys.readouterr().err


def test_a_result_that_cannot_be_written(wrong: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [str(wrong), "--question", "3.3a", "--no-training", "--autolab"]
    assert main(CLASSIC, [*options, "--json", "/nowhere/x"]) == 2
    assert "grade: /nowhere/x: " in capsys.readouterr().err


def test_the_name_of_a_hand_in(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "Zoë"
    folder.mkdir()
    shutil.copy(HW1, folder)
    options = ("--question", "3.3a")
    assert run(folder, *options).json["submission"] == "Zoë"
    assert run(folder / "hw1.py", *options).json["submission"] == "hw1.py"
    assert run(folder, *options, "--name", "Zoë Q.").json["submission"] == "Zoë Q."
    odd = folder.rename(tmp_path / os.fsdecode(b"\x1b[2J\xff"))
    result = run(odd, *options)
    assert result.gradescope["extra_data"]["submission"] == "?[2J?"
    monkeypatch.chdir(odd)
    assert run(Path("."), *options).json["submission"] == "?[2J?"


TABLE = 'submission,points,comment\nalice smith,8.5,"clear plots, no titles"\nbob.zip,10\n'


@pytest.mark.parametrize(
    ("text", "points", "comment"),
    [
        (TABLE, 8.5, "clear plots, no titles"),
        ("\ufeffName;Punkte\nalice smith.zip;8,5\n", 8.5, ""),
        ("7\n", 7, ""),
        ("bob.zip,10\n", None, ""),
    ],
)
def test_the_points_of_a_person(
    run: Any, wrong: Path, tmp_path: Path, text: str, points: float | None, comment: str
) -> None:
    file = tmp_path / "points.csv"
    file.write_text(text, encoding="utf-8")
    result = run(wrong, "--manual", str(file))
    if points is None:
        assert "has no line for alice smith.zip" in result.errors
        assert (result.json["manual"], result.json["score"]) == (None, 89)
        return
    assert result.json["manual"] == {"points": points, "comment": comment}
    assert (result.json["score"], result.json["max_score"]) == (89 + points, 101)
    last = result.gradescope["tests"][-1]
    assert (last["number"], last["score"], last["max_score"]) == ("3.7", points, 10)
    assert last["output"] == comment
    assert result.gradescope["score"] == 89 + points
    shown, scores = result.autolab
    assert scores["3.7 Training statistics"] == points
    assert comment in shown["Questions"]["3.7 Training statistics"]["hint"]
    assert f"\n{89 + points:g} of 101 points in all\n" in result.shown


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("alice,11\n", "line 1: expected a name, points from 0 to 10 and a comment"),
        ("alice,8\nbob,many\n", "line 2: expected a name"),
        ("alice smith,8\nalice smith.zip,9\n", "has 2 lines for alice smith.zip"),
        ("alice,nan\n", "line 1: expected"),
    ],
)
def test_points_that_make_no_sense(
    wrong: Path, tmp_path: Path, text: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "points.csv"
    file.write_text(text)
    assert main(CLASSIC, [str(wrong), "--manual", str(file), "--no-training"]) == 2
    assert reason in capsys.readouterr().err
    assert main(CLASSIC, [str(wrong), "--manual", str(tmp_path / "no.csv")]) == 2


def test_nothing_is_left_in_the_temporary_folder(wrong: Path, tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    (tmp_path / "broken.zip").write_bytes(b"broken")
    for path in (wrong, tmp_path / "broken.zip"):
        result = subprocess.run(
            [sys.executable, "-m", "tests.autograder", "1", path], cwd=ROOT, text=True,
            env={**os.environ, "TMPDIR": str(folder)}, capture_output=True, check=False,
        )  # fmt: skip
        assert result.returncode == 1, result.stderr
        assert list(folder.iterdir()) == []

"""Hand-ins, names and tables that are made to get, or to take away, somebody else's points."""

import errno
import json
import os
import signal
import zipfile
from pathlib import Path

import pytest

from mytorch.system.atomic import replacing
from tests.autograder.classes import handins
from tests.autograder.classes.command import main
from tests.autograder.classes.handins import find_hand_ins, unpacked
from tests.autograder.classes.naming import Student
from tests.autograder.classes.roster import matched, read_roster
from tests.autograder.classes.store import Store
from tests.autograder.classes.task import task_of
from tests.support.classroom import classroom
from tests.tools.test_class import PLAIN, points, results


def run(folder: Path, out: Path, *options: str) -> int:
    return main([str(folder), "--out", str(out), *PLAIN, *options])


def owners(folder: Path) -> dict[str, list[str]]:
    """Whose each file is."""
    found: dict[str, list[str]] = {}
    for hand_in in find_hand_ins(folder).hand_ins:
        for student in hand_in.students:
            found.setdefault(student.id, []).extend(p.read_text() for _, p in hand_in.files)
    return found


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [
        ("Bob Bee_1002_assignsubmission_file_hw1.py",
         "Ada Low_1001_assignsubmission_file_Bob Bee_1002_assignsubmission_file_hw1.py"),
        ("Bob Bee_1002_assignsubmission_file_hw1.py",
         "Ada Low_1001_assignsubmission_file_1002_assignsubmission_file_"),
        ("bob_1002_6_hw1.py", "ada_1001_5_bob_1002_6_hw1.py"),
        ("bob_1002_6_hw1.py", "ada_LATE_1001_5_LATE_1002_7_hw1.py"),
    ],
)  # fmt: skip
def test_a_file_named_like_anothers(tmp_path: Path, theirs: str, mine: str) -> None:
    (tmp_path / theirs).write_text("theirs")
    (tmp_path / mine).write_text("mine")
    assert owners(tmp_path) == {"1001": ["mine"], "1002": ["theirs"]}


def test_names_that_look_the_same_are_several_hand_ins(tmp_path: Path) -> None:
    """What is not printable is shown as a question mark; each has a result of its own."""
    folder = tmp_path / "in"
    folder.mkdir()
    names = ("a\x01.py", "a\x02.py", "a?.py", "a\u202e.py", "A?.py")
    for name in names:
        (folder / name).touch()
    assert run(folder, tmp_path / "out") == 0
    assert len(results(tmp_path / "out")) == len(points(tmp_path / "out")) == len(names)


def test_names_of_ten_thousand_characters(tmp_path: Path) -> None:
    """A platform's list may have them; two that differ at their end are two students."""
    folder = tmp_path / "in"
    text = ""
    for number in (1, 2):
        (folder / f"submission_{number}").mkdir(parents=True)
        (folder / f"submission_{number}" / "hw1.py").touch()
        name = "=" + "N" * 10_000 + str(number)
        text += f"submission_{number}:\n  :submitters:\n  - :name: {name}\n    :sid: {name}\n"
    (folder / "submission_metadata.yml").write_text(text)
    assert run(folder, tmp_path / "out") == 0
    assert len(results(tmp_path / "out")) == 2
    assert all(len(name) < 400 for name in results(tmp_path / "out"))
    book = (tmp_path / "out" / "gradebook.csv").read_text()
    assert "\n=" not in book.replace("\r", "")
    assert ",=" not in book


def test_a_download_with_names_that_no_system_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of them does not keep the others from being graded; nothing is written elsewhere."""
    monkeypatch.setattr(handins, "MOST_UNPACKED", 1000)
    download = tmp_path / "download.zip"
    with zipfile.ZipFile(download, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ada_1001_5_hw1.py", "ada")
        archive.writestr("bob_1002_6_" + "é" * 300 + ".py", "bob")
        archive.writestr("carol_1003_7_" + "x" * 60_000 + ".py", "carol")
        archive.writestr("../../../dave_1004_8_hw1.py", "dave")
        archive.writestr("eve_1005_9_hw1.py", bytes(10_000_000))  # some KB, packed
    found = owners(unpacked(download, tmp_path / "here" / "unpacked"))
    assert found == {"1001": ["ada"], "1002": ["bob"], "1003": ["carol"], "1004": ["dave"],
                     "1005": [""]}  # fmt: skip
    assert "eve_1005_9_hw1.py has 9 MB, too much to be unpacked" in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} == {"download.zip", "here"}


def test_results_inside_of_the_hand_ins_are_none(tmp_path: Path) -> None:
    (tmp_path / "ada.py").touch()
    for _ in range(2):
        assert run(tmp_path, tmp_path / "out") == 0
        assert set(results(tmp_path / "out")) == {"ada"}


def test_what_is_no_file_is_no_hand_in(tmp_path: Path) -> None:
    """A pipe would be waited for, for ever; a link leads to somebody else's."""
    folder = tmp_path / "in"
    (folder / "bob").mkdir(parents=True)
    (folder / "bob" / "secret.py").write_text("x = 1")
    (folder / "eve").mkdir()
    (folder / "eve" / "hw1.py").symlink_to("../bob/secret.py")
    (folder / "mallory").mkdir()
    os.mkfifo(folder / "mallory" / "hw1.py")
    os.mkfifo(folder / "pipe")
    (folder / "nowhere").symlink_to("gone")
    assert run(folder, tmp_path / "out") == 1  # two are said to have no result
    found = {f.name.split("-")[0]: f for f in (tmp_path / "out" / "results").iterdir()}
    assert set(found) == {"bob", "eve", "mallory"}
    for name in ("eve", "mallory"):
        outcome = json.loads(found[name].read_text())
        assert outcome["record"]["reason"]
        assert outcome["sources"] == {}


@pytest.mark.parametrize("line", ["\u2028", "\x85", "\x0b", "\x1e"])
def test_a_name_that_adds_a_line_to_the_roster(tmp_path: Path, line: str) -> None:
    """A character that some take for the end of a line is part of a cell."""
    table = tmp_path / "roster.csv"
    table.write_text(f"Name;ID\nEve{line}Eve;1003\nx{line}Bob;1002\nBob;1002\n", newline="")
    roster = read_roster(table)
    assert [person.id for person in roster.people] == ["1003", "1002", "1002"]


def test_an_odd_roster(tmp_path: Path) -> None:
    """A byte order mark, semicolons, columns in another order, spaces, empty lines, formulas."""
    table = tmp_path / "roster.csv"
    table.write_text(
        "\ufeff Comment ; E-Mail;ID ;Name\r\n\r\n=1+1;ada@x.org; 1001;\"Low; Ada\"\r\n;;;\r\n"
        "x;bob@x.org\r\ny;carol@x.org;1003;Carol;more;cells\r\n", newline="", encoding="utf-8"
    )  # fmt: skip
    roster = read_roster(table)
    assert [(p.id, p.email, p.name) for p in roster.people] == [
        ("1001", "ada@x.org", "Low; Ada"), ("", "bob@x.org", ""), ("1003", "carol@x.org", "Carol"),
    ]  # fmt: skip
    (tmp_path / "1001.py").touch()
    (tmp_path / "bob@x.org.py").touch()
    found = find_hand_ins(tmp_path, out=table).hand_ins
    mine = [h._replace(students=(Student("", "", h.name),)) if "@" in h.name else h for h in found]
    rows, unmatched = matched(mine, roster)
    assert unmatched == []
    named = {row.person.email: row.hand_in.name for row in rows if row.person and row.hand_in}
    assert named == {"ada@x.org": "1001", "bob@x.org": "bob@x.org"}


@pytest.mark.slow
def test_a_full_disk_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    expected = classroom(folder, "empty", "notebook", "unreadable")
    add = Store.add
    added: list[str] = []

    def full(self: Store, outcome: dict[str, object]) -> None:
        added.append(str(outcome["name"]))
        if len(added) == 2:
            raise OSError(errno.ENOSPC, "No space left on device", "results")
        add(self, outcome)

    monkeypatch.setattr(Store, "add", full)
    assert run(folder, out) == 2
    said = capsys.readouterr()
    assert "No space left on device" in said.err
    assert "have no result yet; the same command goes on" in said.out
    assert len(results(out)) == 1
    monkeypatch.setattr(Store, "add", add)
    assert run(folder, out) == 0
    assert results(out) == expected


def test_a_worker_that_is_killed_while_it_writes(tmp_path: Path) -> None:
    """Half a result is none, and goes."""
    folder, out = tmp_path / "in", tmp_path / "out"
    expected = classroom(folder, "empty", "notebook")
    (task,) = (task_of(h, "1", ()) for h in find_hand_ins(folder).hand_ins if h.name == "empty")
    file = Store(out).results / f"{task.id}.json"
    number = os.fork()
    if number == 0:
        with replacing(file) as target:
            target.write(b'{"id": ')
            target.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(number, 0)
    assert len(list(file.parent.iterdir())) == 1
    assert run(folder, out) == 0
    assert results(out) == expected


@pytest.mark.slow
def test_another_seed_in_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No class is graded with two seeds, wherever the first run stopped."""
    folder, out = tmp_path / "in", tmp_path / "out"
    expected = classroom(folder, "right", "wrong")
    (folder / "also.py").write_bytes((folder / "right.py").read_bytes())
    add = Store.add

    def interrupted(self: Store, outcome: dict[str, object]) -> None:
        add(self, outcome)
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "add", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(folder, out, "--seed", "1", "--jobs", "1")
    assert len(results(out)) == 1
    monkeypatch.setattr(Store, "add", add)
    assert run(folder, out, "--seed", "2") == 0
    assert "have their result from before" not in capsys.readouterr().out
    found = [json.loads(f.read_text())["record"]["seed"] for f in (out / "results").iterdir()]
    assert found == [2, 2, 2]
    assert results(out) == {**expected, "also": 91}

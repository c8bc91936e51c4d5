"""Whose hand-in a file is: the names that Canvas, Moodle and Gradescope give, and plain ones."""

import os
import time
import zipfile
from datetime import datetime, timezone
from pathlib import Path

import pytest

from tests.autograder.classes import naming
from tests.autograder.classes.handins import HandIn, find_hand_ins, unpacked
from tests.autograder.classes.naming import Student
from tests.autograder.classes.task import identifier, task_of
from tests.autograder.session import WrongUse

GRADESCOPE = """---
submission_11:
  :submitters:
  - :name: Ada Lovelace
    :sid: "1001"
    :email: ada@example.org
  :created_at: 2026-11-20 11:59:30.123456789 Z
  :score: 0.0
  :history:
  - :id: 9
    :created_at: 2026-11-19 10:00:00.000000000 Z
submission_12:
  :submitters:
  - :name: 'Bob O''Hara'
    :sid: '1002'
    :email: bob@example.org
  - :name: Carol
    :sid:
    :email: carol@example.org
  :created_at: 2026-11-20 12:00:01.000000000 Z
"""


def made(folder: Path, *names: str) -> Path:
    """Files of these names; a name that ends in a slash is a folder. Each is newer than before."""
    start = time.time() - 1000
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_text(name)
        os.utime(path, (start + number, start + number))
    return folder


def short(found: list[HandIn]) -> dict[str, list[str]]:
    return {h.name: [path.name for _, path in h.files] for h in found}


def test_plain_names_and_the_newest_of_one_student(tmp_path: Path) -> None:
    made(tmp_path, "alice.zip", "bob/", "bob/hw1.py", "carol.tar.gz", ".DS_Store", "__MACOSX/",
         "alice (1).zip", "dave.py", "eve.zip")  # fmt: skip
    found = find_hand_ins(tmp_path)
    assert found.platform == ""
    assert short(found.hand_ins) == {
        "alice": ["alice (1).zip"], "bob": ["hw1.py"], "carol": ["carol.tar.gz"],
        "dave": ["dave.py"], "eve": ["eve.zip"],
    }  # fmt: skip
    assert found.hand_ins[0].remarks == ("alice (1).zip is graded, not alice.zip",)


def test_canvas(tmp_path: Path) -> None:
    made(
        tmp_path,
        "lovelaceada_1001_20001_hw1.zip",
        "lovelaceada_1001_20009_hw1-2.zip",
        "lovelaceada_1001_20010_hw1-1.zip",
        "ohara_LATE_1002_20003_solution.tar.gz",
        "smith_1003_20004_activation.py",
        "smith_1003_20005_loss-1.py",
        "smith_1004_20006_hw1.zip",
        "notes.txt",
    )
    found = find_hand_ins(tmp_path)
    assert found.platform == "Canvas"
    assert short(found.hand_ins) == {
        "lovelaceada 1001": ["lovelaceada_1001_20009_hw1-2.zip"],
        "notes.txt": ["notes.txt"],
        "ohara 1002": ["ohara_LATE_1002_20003_solution.tar.gz"],
        "smith 1003": ["smith_1003_20004_activation.py", "smith_1003_20005_loss-1.py"],
        "smith 1004": ["smith_1004_20006_hw1.zip"],
    }
    by_name = {h.name: h for h in found.hand_ins}
    assert [h.name for h in found.hand_ins if h.late] == ["ohara 1002"]
    assert by_name["lovelaceada 1001"].remarks == ("the newest of 3 files",)
    assert [name for name, _ in by_name["smith 1003"].files] == ["activation.py", "loss.py"]
    assert by_name["lovelaceada 1001"].students == (Student("1001", "lovelaceada"),)


def test_moodle_with_folders_and_without(tmp_path: Path) -> None:
    made(
        tmp_path / "folders",
        "Ada Lovelace_51_assignsubmission_file_/hw1.zip",
        "Bob O'Hara_52_assignsubmission_file/hw1/hw1.py",
        "Zoë_53_assignsubmission_file_/old.zip",
        "Zoë_53_assignsubmission_file_/new.zip",
    )
    found = find_hand_ins(tmp_path / "folders")
    assert found.platform == "Moodle"
    assert short(found.hand_ins) == {
        "Ada Lovelace 51": ["hw1.zip"],
        "Bob O'Hara 52": ["Bob O'Hara_52_assignsubmission_file"],
        "Zoë 53": ["new.zip"],
    }
    made(tmp_path / "flat", "Ada Lovelace_51_assignsubmission_file_hw1.zip")
    found = find_hand_ins(tmp_path / "flat")
    assert (found.platform, found.hand_ins[0].students) == (
        "Moodle",
        (Student("51", "Ada Lovelace"),),
    )


def test_gradescope(tmp_path: Path) -> None:
    export = made(tmp_path / "assignment_7_export", "submission_11/hw1.zip", "submission_12/hw1.py")
    (export / naming.METADATA).write_text(GRADESCOPE)
    due = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)
    for folder in (tmp_path, export):
        found = find_hand_ins(folder, due)
        assert found.platform == "Gradescope"
        ada, group = found.hand_ins
        assert ada.students == (Student("1001", "Ada Lovelace", "ada@example.org"),)
        assert group.students == (
            Student("1002", "Bob O'Hara", "bob@example.org"),
            Student("", "Carol", "carol@example.org"),
        )
        assert (ada.late, group.late) == (False, True)
        assert group.name == "Bob O'Hara 1002 and 1 more"


def test_a_download_as_it_comes(tmp_path: Path) -> None:
    """The platform's zip file, with a name that would lead out of its folder."""
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        archive.writestr("lovelaceada_1001_20001_hw1.zip", b"x")
        archive.writestr("../evil_1002_20002_hw1.zip", b"x")
    folder = unpacked(tmp_path / "submissions.zip", tmp_path / "out" / "download")
    assert len(find_hand_ins(folder).hand_ins) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "submissions.zip"]
    (tmp_path / "broken.zip").write_bytes(b"PK")
    with pytest.raises(WrongUse, match="no zip file that can be read"):
        unpacked(tmp_path / "broken.zip", tmp_path / "out")


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="holds no hand-ins"):
        find_hand_ins(tmp_path)


def test_a_link_in_a_students_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("x")
    made(tmp_path / "in", "mallory/")
    (tmp_path / "in" / "mallory" / "hw1.py").symlink_to(tmp_path / "secret.py")
    assert short(find_hand_ins(tmp_path / "in").hand_ins) == {"mallory": ["mallory"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20 12:00:01.000000000 Z", "2026-11-20T12:00:01+00:00"),
        ("2026-11-20 12:00:01 -0500", "2026-11-20T17:00:01+00:00"),
        ("2026-11-20T12:00:01Z", "2026-11-20T12:00:01+00:00"),
        ("Friday", None),
    ],
)
def test_a_time(text: str, expected: str | None) -> None:
    when = naming.moment(text)
    assert (when.isoformat() if when else None) == expected


def test_names_of_files_differ_where_names_differ() -> None:
    names = ["Zoë", "zoe", "Zoe", "a/b", "a b", "..", "", "x" * 300, "x" * 301, "\udcff"]
    ids = [identifier(name) for name in names]
    assert len({id.casefold() for id in ids}) == len(names)
    assert all(id.replace("-", "").isalnum() and id.isascii() and len(id) < 60 for id in ids)


def test_what_changes_the_key_of_a_task(tmp_path: Path) -> None:
    made(tmp_path, "alice/hw1.py", "alice/b/c.py")

    def key(*options: str, course: str = "1", name: str = "alice") -> str:
        hand_in = HandIn(name, (("alice", tmp_path / "alice"),), ())
        return task_of(hand_in, course, options).key

    first = key()
    assert key() == first
    os.utime(tmp_path / "alice" / "hw1.py")
    assert key() == first
    keys = {first, key("--seed=1"), key(course="a"), key(name="bob")}
    (tmp_path / "alice" / "hw1.py").write_text("x = 2")
    keys.add(key())
    (tmp_path / "alice" / "b" / "c.py").rename(tmp_path / "alice" / "b" / "d.py")
    keys.add(key())
    (tmp_path / "alice" / "b" / "e").symlink_to("d.py")
    keys.add(key())
    assert len(keys) == 7

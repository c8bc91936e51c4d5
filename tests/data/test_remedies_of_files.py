"""Every remedy that a message about a file of data gives is carried out here, and works.

`tests/layers/test_remedies.py` finds the messages and asks that each has a row there or here.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from mytorch.datasets import Columns, DataError, cifar10_folders, image_folder, read_csv, read_idx
from tests.data.test_image_folder import COLOUR, GREY, animation, deep, png, transparent

Content = bytes | str
Files = dict[str, Content]


class Row(NamedTuple):
    """A message's end, the files that it is about, and what is done about it.

    `{folder}` in the text is where the files are. Each remedy is a change of the files, and how
    they are then read.
    """

    text: str
    files: Files
    read: Callable[[Path], Any]
    remedies: tuple[tuple[Files, Callable[[Path], Any]], ...]


def table(label: Any = "y", **settings: Any) -> Callable[[Path], Any]:
    return lambda folder: read_csv(folder / "my.csv", label, **settings)


def columns(fill: bool = False, **settings: Any) -> Callable[[Path], Any]:
    return lambda folder: Columns.fit(table(**settings)(folder), fill)


def other(folder: Path) -> Any:
    """Another table, read with the columns of the first."""
    return Columns.fit(table()(folder)).read(folder / "other.csv")


def idx(folder: Path) -> Any:
    return read_idx(folder / "my.idx")


def pictures(folder: Path) -> Any:
    return image_folder(folder)


def csv(text: str, content: Content, *cured: Content, read: Any = None, by: Any = ()) -> Row:
    """A row about my.csv: other contents of it, and other ways `by` which to read it."""
    read = read or table()
    remedies = [({"my.csv": better}, read) for better in cured] + [({}, way) for way in by]
    return Row(text, {"my.csv": content}, read, tuple(remedies))


def image(text: str, content: bytes, cured: bytes, name: str = "b/1.png") -> Row:
    """A row about one picture among others."""
    files = {"a/1.png": png(), "b/2.png": png(), name: content}
    return Row(text, files, pictures, (({name: cured}, pictures),))


IDX = bytes((0, 0, 8, 1, 0, 0, 0, 2, 7, 9))
ORIGINAL = "; put the original in its place"
CIFAR: Files = {f"{part}/{name}/1.png": png(array=np.zeros((32, 32, 3), np.uint8))
                for part in ("train", "test") for name in ("cat", "dog")}  # fmt: skip
PEOPLE = "".join(f"person {i},{i},{i}\n" for i in range(60))
ROWS = [
    # cells of a table
    csv("; expected a line for each sample", "", "x,y\n1,2\n"),
    csv("; expected a line for each sample", "x,y\n", "x,y\n1,2\n"),
    csv("; rename one of them, or say that the first row has no names",
        "Rome,Rome,a\nOslo,Bern,b\n", "x,z,y\nOslo,Bern,b\n", by=[table(3, header=False)]),
    csv("; a cell that has ',' in it needs quotes around it, or another separator has to be named",
        "x,y\na,b,1\n", 'x,y\n"a,b",1\n'),
    csv("; a cell that has ',' in it needs quotes around it, or another separator has to be named",
        "x y\n1 2,3\n", by=[table(separator=" ")]),
    csv('; a cell in quotes ends with a quote, and a quote in it is written twice: "5 ""inches"""',
        'x,y\n"5 "inches"",4\n', 'x,y\n"5 ""inches""",4\n'),
    csv("; save it again as CSV in UTF-8", "x,y\né,2\n".encode("latin-1"), "x,y\né,2\n"),
    csv("; a spreadsheet, e.g. .xlsx, can be exported as CSV in UTF-8",
        b"PK\3\4\0\0\xff", "x,y\n1,2\n"),
    # its columns
    csv("; the cells were taken as separated by ',', and another separator can be named",
        "x y\n1 2\n3 4\n", read=table(1), by=[table(separator=" ")]),
    csv("; correct it, or name the column as one of texts (text=, --text) or to leave out "
        "(ignore=, --ignore)", "x,z,y\n1,1,2\n3,1,4\nfour,1,5\n", "x,z,y\n1,1,2\n3,1,4\n4,1,5\n",
        by=[table(text=["x"]), table(ignore=["x"])]),
    csv("; correct it", "x,y\n1e999,4\n", "x,y\n1e99,4\n"),
    Row("as in training, got 'old'; correct it",
        {"my.csv": "x,y\n1,2\n3,4\n", "other.csv": "x\nold\n"}, other,
        (({"other.csv": "x\n30\n"}, other),)),
    csv("; write one, or delete the row", "x,y\n1,2\n3,\n", "x,y\n1,2\n3,4\n", "x,y\n1,2\n"),
    # what they are to a network
    csv("; leave it out (ignore=, --ignore)", f"name,x,y\n{PEOPLE}", read=columns(),
        by=[columns(ignore=["name"])]),
    csv("; leave it out (ignore=, --ignore)", "x,z,y\n,1,1\n,2,2\n", read=columns(fill=True),
        by=[columns(ignore=["x"])]),
    csv("; write one, delete the row, or have missing values filled (fill=True, on the command "
        "line --fill): by the column's mean, a text by none of the known ones",
        "x,y\n1,2\n,4\n", "x,y\n1,2\n3,4\n", "x,y\n1,2\n", read=columns(), by=[columns(fill=True)]),
    # IDX files
    Row(ORIGINAL, {"my.idx": IDX[:-1]}, idx, (({"my.idx": IDX}, idx),)),
    Row(ORIGINAL, {"my.idx": IDX + b"\0"}, idx, (({"my.idx": IDX}, idx),)),
    Row(ORIGINAL, {"my.idx": b"\x1f\x8b\x08"}, idx, (({"my.idx": IDX}, idx),)),
    # pictures
    image(ORIGINAL, b"", png()),
    image(ORIGINAL, b"<html>", png()),
    image(ORIGINAL, png()[:-40], png()),
    image("; save one as a picture", animation(), png()),
    image("; save it with 8 bits", deep(), png()),
    image("; save it without transparency", png(array=transparent), png()),
    image("; make all pictures of one size", png(array=COLOUR[:3]), png(), "b/3.png"),
    # their folders
    Row("; expected at least two folders", {"a/1.png": png()}, pictures,
        (({"b/1.png": png(array=GREY)}, pictures),)),
    Row("; perhaps you mean image_folder('{folder}/train')",
        {"train/a/1.png": png(), "train/b/1.png": png()}, pictures,
        (({}, lambda folder: image_folder(folder / "train")),)),
    Row("; they are airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck. For "
        "other pictures: mytorch.datasets.image_folder(path)",
        CIFAR | {"train/zebra/1.png": CIFAR["train/cat/1.png"]}, cifar10_folders.read,
        (({}, lambda folder: image_folder(folder / "train")),)),
    Row("; CIFAR-10's pictures are in train/ and test/",
        {name: content for name, content in CIFAR.items() if name.startswith("train/")},
        cifar10_folders.read, ((CIFAR, cifar10_folders.read),)),
]  # fmt: skip


def write(folder: Path, files: Files) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


@pytest.mark.parametrize("row", ROWS, ids=[f"{i} {row.text[:50]}" for i, row in enumerate(ROWS)])
def test_a_remedy_works(row: Row, tmp_path: Path) -> None:
    write(tmp_path, row.files)
    with pytest.raises(DataError) as caught:
        row.read(tmp_path)
    assert row.text.replace("{folder}", str(tmp_path)) in str(caught.value)
    assert row.remedies
    for change, read in row.remedies:
        write(tmp_path, row.files | change)
        assert read(tmp_path) is not None


def test_pictures_need_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a/1.png": png(), "b/1.png": png()})
    with monkeypatch.context() as absent:
        absent.setitem(sys.modules, "PIL", None)
        with pytest.raises(DataError, match=r"; install it, e\.g\. python -m pip install pillow"):
            image_folder(tmp_path)
    assert len(image_folder(tmp_path).x) == 2


def test_a_picture_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its mode; where the tests run as root, every file may be read, so it is refused here."""
    write(tmp_path, {"a/1.png": png(), "b/1.png": png()})
    path, read = tmp_path / "b" / "1.png", Path.read_bytes
    path.chmod(0o200)

    def by_mode(self: Path) -> bytes:
        if not self.stat().st_mode & 0o444:
            raise PermissionError(13, "Permission denied", str(self))
        return read(self)

    monkeypatch.setattr(Path, "read_bytes", by_mode)
    with pytest.raises(DataError, match=r"1.png: Permission denied; make it readable \(chmod a\+r"):
        image_folder(tmp_path)
    path.chmod(path.stat().st_mode | 0o444)
    assert len(image_folder(tmp_path).x) == 2


def test_a_picture_of_too_many_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)  # more than twice as many are refused
    write(tmp_path, {"a/1.png": png(), "b/1.png": png(array=np.zeros((11, 10, 3), np.uint8))})
    with pytest.raises(DataError, match="too many pixels to be read; make it smaller"):
        image_folder(tmp_path)
    write(tmp_path, {"b/1.png": png()})
    assert len(image_folder(tmp_path).x) == 2

"""How the library is laid out: which file may import which, how many there are, how long."""

import re
import struct
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.support import architecture
from tests.support.architecture import PICTURE, ROOT, ROWS

LIBRARY = ROOT / "mytorch"


def test_modules_at_the_top_are_few_and_none_is_private() -> None:
    modules = {path.stem for path in LIBRARY.glob("*.py")} - {"__init__"}
    assert [name for name in modules if name.startswith("_") and name != "__main__"] == []
    assert len(modules) <= 16, sorted(modules)


def test_no_file_is_longer_than_300_lines() -> None:
    """Neither of the library nor of its tests, tools and scripts."""
    folders = [ROOT / name for name in ("mytorch", "hw1", "tests")]
    files = [*ROOT.glob("*.py"), *(path for folder in folders for path in folder.rglob("*.py"))]
    assert len(files) > 600
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in files}
    assert {str(path): n for path, n in lengths.items() if n > 300} == {}


def test_every_module_has_its_place() -> None:
    """A new module or package gets a place in `ROWS`, which says what it may import."""
    there = {architecture.part_of(name) for name in architecture.files()}
    # `mytorch` is __init__.py; mytorch.py stands for it where mytorch/ alone is searched
    assert there - {"mytorch"} - architecture.boxes().keys() == set()


def upward(graph: dict[str, dict[str, int]]) -> list[str]:
    """The imports that point to the same row, but another box, or to a row above."""
    places, wrong = architecture.boxes(), []
    for name, targets in graph.items():
        part = architecture.part_of(name)
        if part == "mytorch":
            continue  # it imports what users need, and nobody imports it but hw1/
        row, box = places[part]
        for target, line in targets.items():
            top = (len(ROWS) - 1.5, None)
            other_row, other = places.get(architecture.part_of(target), top)
            if other is not box and other_row >= row:
                wrong.append(f"{name}, line {line}, imports {target}")
    return wrong


def test_imports_run_downward() -> None:
    assert upward(architecture.graph()) == []


def test_there_are_no_circles() -> None:
    order = list(TopologicalSorter(architecture.graph()).static_order())
    assert order.index("mytorch.layer") < order.index("mytorch.mlp")


def test_imports_are_absolute() -> None:
    """As the 2020 homework's graders need them, who import single files; the others follow."""
    for path in architecture.files().values():
        assert not re.search(r"^\s*from \.", path.read_text("utf-8"), re.M), path


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import mytorch.layer", "mytorch.layer"),
        ("import numpy, mytorch.optim.sgd as sgd", "mytorch.optim.sgd"),
        ("from mytorch import layer", "mytorch.layer"),
        ("from mytorch import MLP", "mytorch"),
        ("from mytorch.optim import SGD", "mytorch.optim"),
        ("from mytorch.optim import sgd", "mytorch.optim.sgd"),
        ("def f():\n    from mytorch.layer import Layer", "mytorch.layer"),
        ("if TYPE_CHECKING:\n    from mytorch.layer import Layer", "mytorch.layer"),
        ("from recipes import RECIPES", "hw1.recipes"),
        ("from hw1 import recipes", "hw1.recipes"),
    ],
)
def test_how_imports_are_read(source: str, found: str) -> None:
    names = [name for name, _ in architecture.imports(source, architecture.files())]
    assert names == [found]


def test_what_points_upward_is_found() -> None:
    for module, target in (
        ("mytorch.checks.arrays", "mytorch.layer"),
        ("mytorch.optim.sgd", "mytorch.layer"),
        ("mytorch.optim.sgd", "mytorch.tensor"),
        ("mytorch.mlp", "mytorch"),
        ("mytorch.training.run", "hw1.recipes"),
    ):
        assert upward({module: {target: 7}}) == [f"{module}, line 7, imports {target}"]
    with pytest.raises(CycleError):
        list(TopologicalSorter({"a": {"b": 1}, "b": {"a": 1}}).static_order())


def test_nothing_in_the_library_imports_the_tests_or_the_coursework() -> None:
    known = {"hw1": 0, "tests": 0}
    for name, path in architecture.files().items():
        if name.startswith("mytorch"):
            text = path.read_text("utf-8").replace("from tests.", "from tests import ")
            assert list(architecture.imports(text, known)) == [], name


def test_the_picture_shows_today_s_imports() -> None:
    """`python -m tests.support.architecture` draws it anew."""
    assert texts(PICTURE.read_bytes())["Description"] == architecture.described()


def texts(png: bytes) -> dict[str, str]:
    """The texts that are stored in a picture, by their keys."""
    found, at = {}, 8
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        if kind == b"tEXt":
            key, _, text = png[at + 8 : at + 8 + length].decode("latin-1").partition("\0")
            found[key] = text
        at += length + 12
    return found


def test_there_is_room_for_every_arrow() -> None:
    rows = {box.title: (i, box) for i, row in enumerate(ROWS) for box in row}
    for title, target in architecture.arrows():
        x = architecture.column(title, target)
        assert x is not None, f"{title} imports {target}: move a box in ROWS"
        (high, box), (low, other) = rows[title], rows[target]
        assert box.left < x < box.right
        assert other.left < x < other.right
        for row in ROWS[low + 1 : high]:
            assert not any(between.left <= x <= between.right for between in row), (title, target)


def test_boxes_do_not_overlap() -> None:
    for row in ROWS:
        edges = [edge for box in row for edge in (box.left, box.right)]
        assert edges == sorted(edges)

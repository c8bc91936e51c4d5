"""Which folder of a hand-in is graded, what of it is left out, and whose coursework it is."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.autograder.course import find_course
from tests.submission.copying import Handin, handed_in
from tests.submission.layout import find
from tests.submission.source import NotCoursework
from tests.support.grading import HW1
from tests.support.packing import CODE, content

Folder = Callable[..., Path]
CLASSIC = ("mytorch/activation.py", "mytorch/linear.py", "mytorch/loss.py", "mytorch/batchnorm.py")
AUTOGRAD = ("mytorch/tensor.py", "mytorch/autograd_engine.py", "mytorch/nn/functional.py")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Makes a hand-in called Alice, with a line of code in each of the named files."""

    def make(*names: str) -> Path:
        for name in names:
            path = tmp_path / "Alice" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x = 1\n")
        return tmp_path / "Alice"

    return make


def graded(path: Path, homework: str = "classic") -> tuple[str, set[str], list[str]]:
    """The layout, the names of the files, and what is left out."""
    with handed_in(path, find_course(homework)) as handin:
        names = content(handin).keys() - {"left out"}
        assert all(place.is_relative_to(handin.submission.root) for place in search(handin))
        return handin.submission.layout, names, handin.left_out


def search(handin: Handin) -> tuple[Path, ...]:
    return handin.submission.search


@pytest.mark.parametrize("above", ["", "handin/", "a/b/c d/"])
def test_any_depth_of_folders(folder: Folder, above: str) -> None:
    whole = folder(*(f"{above}{name}" for name in (*CLASSIC, "hw1/hw1.py")), "README.md")
    layout, names, left_out = graded(whole)
    assert layout == "2020"
    assert {*CLASSIC, "hw1/hw1.py"} <= names
    assert left_out == (["README.md"] if above else [])
    assert find(whole).root == (whole / above).resolve()


def test_a_hand_in_in_folders_that_are_called_as_its_parts(folder: Folder) -> None:
    layout, names, _ = graded(folder(*(f"hw1/{n}" for n in (*CLASSIC, "hw1.py"))))
    assert (layout, names) == ("2020", {*CLASSIC, "hw1.py"})
    layout, names, _ = graded(folder(*(f"mytorch/{n}" for n in (*CLASSIC, "hw1/hw1.py"))))
    assert layout == "2020"


def test_only_the_roots_own_folders_are_left_out(folder: Folder) -> None:
    kept = ("mytorch/data/a.py", "mytorch/venv/b.py", "hw1/tests/c.py", "hw1/.hidden/d.py",
            "helpers/e.py", "weights.npy")  # fmt: skip
    gone = ("data/x.py", "venv/y.py", ".git/z.py", "node_modules/a.py", "my env/pyvenv.cfg",
            "my env/b.py", "mytorch/__pycache__/linear.pyc", "hw1/__pycache__/hw1.pyc")  # fmt: skip
    whole = folder(*CLASSIC, "hw1/hw1.py", *kept, *gone)
    _, names, left_out = graded(whole)
    assert names == {*CLASSIC, "hw1/hw1.py", *kept}
    assert left_out == [
        ".git/", "__pycache__ (2 times)", "data/", "my env/", "node_modules/", "venv/",
    ]  # fmt: skip


def test_links_that_stay_inside_are_followed(folder: Folder, tmp_path: Path) -> None:
    whole = folder(*(f"shared/{name}" for name in CLASSIC), "hw1/hw1.py", "hw1/real.py")
    (tmp_path / "evil.py").write_text("x = 2\n")
    for name, target in (
        ("mytorch", "shared/mytorch"),
        ("hw1/again.py", "real.py"),
        ("hw1/absolute.py", str(whole.resolve() / "hw1" / "real.py")),
        ("hw1/out.py", "../../evil.py"),
        ("hw1/out2.py", str(tmp_path / "evil.py")),
        ("hw1/up", ".."),
        ("hw1/circle.py", "circle.py"),
    ):
        (whole / name).symlink_to(target)
    os.mkfifo(whole / "hw1" / "pipe")
    layout, names, left_out = graded(whole)
    assert layout == "2020"
    assert {*CLASSIC, "hw1/again.py", "hw1/absolute.py"} <= names
    assert not [name for name in names if "out" in name or "circle" in name]
    assert [line.split(" (")[0] for line in left_out] == [
        "hw1/circle.py", "hw1/out.py", "hw1/out2.py", "hw1/pipe", "hw1/up",
    ]  # fmt: skip


def test_folders_that_link_to_each_other_end(folder: Folder) -> None:
    whole = folder("hw1.py", *(f"{name}/x.py" for name in "abcdefgh"))
    for name in "abcdefgh":
        for other in "abcdefgh":
            (whole / name / f"to {other}").symlink_to(f"../{other}")
    with pytest.raises(NotCoursework, match="more than 2000 files"):
        graded(whole)


def test_single_files(tmp_path: Path) -> None:
    (tmp_path / "hw1.py").write_bytes(CODE)
    (tmp_path / "helper.py").write_text("x = 1")
    (tmp_path / "other student").mkdir()
    (tmp_path / "other student" / "hw1.py").write_text("x = 2")
    assert graded(tmp_path / "hw1.py")[:2] == ("2019", {"hw1.py", "helper.py"})
    (tmp_path / "smith_alice_late_hw1.py").write_bytes(CODE)
    assert graded(tmp_path / "smith_alice_late_hw1.py")[:2] == ("2019", {"hw1.py"})
    (tmp_path / "link.py").symlink_to("hw1.py")
    assert graded(tmp_path / "link.py")[:2] == ("2019", {"hw1.py"})


@pytest.mark.parametrize(
    ("names", "layout", "modules"),
    [
        ((*CLASSIC, "hw1.py"), "2020", 5),
        ((*CLASSIC, "mytorch/hw1.py"), "2020", 5),
        ((*CLASSIC, "HW1 P1/hw1.py"), "2020", 5),
        (CLASSIC, "2020", 4),
        (("hw1/hw1.py", "hw1/linear.py", "hw1/loss.py"), "2020", 3),
        (("hw1.py", "linear.py", "activation.py"), "2020", 3),
        (("hw1.py", "linear.py"), "2019", 1),
        (("hw1/hw1.py",), "2019", 1),
        ((*CLASSIC, "hw1/hw1.py", "hw2/hw2.py", "mytorch/conv.py"), "2020", 5),
        (AUTOGRAD, "autograd", 0),
        ((*AUTOGRAD, *CLASSIC, "hw1/hw1.py"), "2020 and autograd", 5),
        (("mytorch/nn/functional.py", "hw1/mnist.py"), "autograd", 0),
    ],
)
def test_layouts(folder: Folder, names: tuple[str, ...], layout: str, modules: int) -> None:
    with handed_in(folder(*names)) as handin:
        assert handin.submission.layout == layout
        assert len(handin.submission.modules) == modules
        assert handin.submission.has_autograd == ("autograd" in layout)
        if "hw1" in handin.submission.modules:
            assert any((place / "hw1.py").exists() for place in handin.submission.search)


def test_of_several_folders_the_one_with_the_homework_is_graded(folder: Folder) -> None:
    whole = folder(
        *(f"p1/{n}" for n in (*CLASSIC, "hw1/hw1.py")), *(f"bonus/{n}" for n in AUTOGRAD)
    )
    assert graded(whole, "classic")[::2] == ("2020", ["bonus"])
    assert graded(whole, "autograd")[::2] == ("autograd", ["p1"])
    folder("hw2p1/mytorch/linear.py", "hw2p1/mytorch/conv.py", "hw2p1/hw2/hw2.py")
    assert graded(whole, "classic")[0] == "2020"
    folder("p1 copy/hw1.py")
    with pytest.raises(NotCoursework, match="in more than one folder: p1/, p1 copy/; hand in one"):
        graded(whole, "classic")


def test_a_folder_with_other_capitals_is_named(folder: Folder) -> None:
    names = [name.replace("mytorch", "MyTorch") for name in CLASSIC]
    with pytest.raises(NotCoursework, match="MyTorch/ must be called mytorch/, as Python tells"):
        graded(folder(*names, "hw1/hw1.py"), "classic")


FUNCTIONS = "import numpy as np\ndef sigmoid(x): return x\ndef relu(x): return x\n"


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (("mytorch/nn/linear.py", "mytorch/nn/activation.py", "models/mlp.py"), "since 2021"),
        (("mytorch/nn/__init__.py", "mytorch/nn/loss.py", "mytorch/models/mlp.py"), "since 2021"),
        (("mytorch/nn/modules/linear.py", "mytorch/models/hw1.py"), "since 2021"),
        (("mytorch/linear.py", "mytorch/activation.py", "mytorch/conv.py", "hw2/hw2.py"), "later"),
        (("mytorch/tensor.py", "mytorch/nn/conv.py", "hw2/hw2.py"), "later homework"),
        (("mytorch/rnn_cell.py", "mytorch/gru_cell.py", "hw3/hw3.py"), "later homework"),
        (("mytorch/nn/Conv1d.py", "mytorch/nn/linear.py", "models/cnn.py"), "later homework"),
        (("linear.py", "activation.py", "conv.py", "cnn.py"), "later homework"),
        (("modules.py", "mlp_numpy.py", "train_mlp_numpy.py"), "coursework of uva-2019"),
    ],
)
def test_other_coursework_is_named(folder: Folder, names: tuple[str, ...], what: str) -> None:
    for above in ("", "handin/"):
        whole = folder(*(f"{above}{name}" for name in names))
        with pytest.raises(NotCoursework, match=f"Alice holds .*{what}.*not graded here") as caught:
            graded(whole)
        assert "expected mytorch/ and hw1/ (2020)" in str(caught.value)
        for name in names:
            (whole / above / name).unlink()


def test_what_is_no_coursework_is_told_the_files_of_the_course(folder: Folder) -> None:
    """In `[layout]` of its course.toml; the two oldest homeworks have no such table."""
    lost = folder("answers.py")
    for homework, files in (
        ("classic", r"mytorch/ and hw1/ \(2020\) or hw1.py \(2019\)"),
        ("uva-2019", "the files of uva-2019: modules.py, "),
        ("cmu-s24-bonus", "the files of cmu-s24-bonus: mytorch/nn/dropout.py, mytorch/optim/adam"),
    ):
        with pytest.raises(NotCoursework, match=f"Alice: expected {files}.*found answers.py"):
            graded(lost, homework)


def test_functions_without_classes_are_named(folder: Folder) -> None:
    whole = folder("hw1.py")
    (whole / "hw1.py").write_text(FUNCTIONS)
    with pytest.raises(NotCoursework, match=r"functions instead of classes.*sigmoid, relu"):
        graded(whole)
    for right in (
        "from mlp import *\n" + FUNCTIONS,
        "import mlp\n" + FUNCTIONS,
        FUNCTIONS + "class Network: pass\n",
        FUNCTIONS + "MLP = type('MLP', (), {})\n",
        "def f(:",
    ):
        (whole / "hw1.py").write_text(right)
        assert graded(whole)[0] == "2019"


def test_a_part_of_a_hand_in_is_no_hand_in(folder: Folder) -> None:
    whole = folder(*CLASSIC, "hw1/hw1.py")
    for part, other in (("mytorch", "hw1"), ("hw1", "mytorch"), ("hw1/hw1.py", "mytorch")):
        with pytest.raises(NotCoursework, match=f"goes with {other}/; name the folder above it"):
            graded(whole / part)


def test_this_repository_is_its_own_hand_in() -> None:
    layout, names, left_out = graded(HW1.parents[3])
    assert layout == "2020 and autograd"
    assert "tests/" in left_out
    assert "mytorch/linear.py" in names

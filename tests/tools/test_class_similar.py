"""Hand-ins that are alike: a copy in disguise is found, and who wrote alone is not accused."""

import ast
import random
from pathlib import Path

import pytest

from tests.autograder.classes.fingerprints import fingerprints, winnowed
from tests.autograder.classes.pages.render import Pages, can_render
from tests.autograder.classes.similar import similar
from tests.autograder.course import find_course
from tests.support.grading import HW1, ROOT
from tests.support.style import HAND_INS, write
from tests.support.styles import STYLES

LESSONS = ("activation", "linear", "batchnorm", "loss", "mlp")
FIXED = {"forward", "backward", "derivative", "step", "self", "np", "axis", "keepdims"}


def files(folder: Path) -> dict[str, str]:
    return {f.relative_to(folder).as_posix(): f.read_text() for f in sorted(folder.rglob("*.py"))}


def independent() -> dict[str, dict[str, str]]:
    """Three right solutions that were written by themselves."""
    lessons = {f"{n}.py": (ROOT / "mytorch" / f"{n}.py").read_text() for n in LESSONS}
    return {
        "ada": {"hw1.py": HW1.read_text()},
        "bob": files(HAND_INS / "classic2020"),
        "carol": lessons,
    }


class _Renamed(ast.NodeTransformer):
    """Other names for variables, arguments and attributes, and methods in another order."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def new(self, name: str) -> str:
        if name in FIXED or name.startswith("__") or name in dir(__builtins__) or name[0].isupper():
            return name
        return self.names.setdefault(name, f"thing_{len(self.names)}")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        known = isinstance(node.ctx, ast.Load) and node.id not in self.names
        return node if known else ast.Name(self.new(node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self.new(node.arg), None)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        node.body = [ast.Expr(ast.Constant("My own class.")), *reversed(node.body)]
        return node


def disguised(sources: dict[str, str]) -> dict[str, str]:
    """The same in another layout, with other names, other comments, another order of everything."""
    text = "\n".join(sources.values())
    tree = _Renamed().visit(ast.parse(text))
    random.Random(3).shuffle(tree.body)
    code = ast.unparse(ast.fix_missing_locations(tree))
    return {
        "solution.py": "# all my own work\n" + code.replace("    ", "\t").replace("\n", "  #\n")
    }


@pytest.mark.parametrize("name", ["ada", "bob", "carol"])
def test_a_copy_in_disguise_is_found(name: str) -> None:
    hand_ins = independent()
    copy = disguised(hand_ins[name])
    ast.parse(copy["solution.py"])
    found = similar({**hand_ins, "mallory": copy})
    assert [(pair.first, pair.second) for pair in found] == [(name, "mallory")]
    assert found[0].alike > 0.75
    for passage in found[0].passages:
        assert all("def " in text for text in passage.texts)


def test_right_solutions_that_were_written_alone_are_not_reported() -> None:
    assert similar(independent()) == []


@pytest.mark.slow
def test_a_class_that_started_from_the_same_code(tmp_path: Path) -> None:
    """The right solutions in forty styles share their bases, as a class shares its handout."""
    classes: dict[str, dict[str, dict[str, str]]] = {}
    for number, style in enumerate(STYLES):
        write(style, tmp_path / str(number))
        classes.setdefault(style.base, {})[style.name] = files(tmp_path / str(number))
    assert sum(map(len, classes.values())) >= 40
    for base, hand_ins in classes.items():
        handout = files(HAND_INS / base)
        assert similar(hand_ins, handout) == []
    assert similar(classes["classic2020"]) == []
    copied = {**classes["classic2020"], "ada": {"hw1.py": HW1.read_text()}}
    found = similar({**copied, "mallory": disguised(copied["ada"])})
    assert [(pair.first, pair.second) for pair in found] == [("ada", "mallory")]


def test_winnowing_keeps_a_mark_of_every_long_passage() -> None:
    """The paper's guarantee: what is GRAM + WINDOW - 1 = 15 tokens long and equal is found."""
    dice = random.Random(5)
    passage = [f"p{n}" for n in range(15)]
    for _ in range(50):
        first, second = ([f"{c}{dice.random()}" for _ in range(40)] for c in "ab")
        places = dice.randrange(40), dice.randrange(40)
        first[places[0] : places[0]] = passage
        second[places[1] : places[1]] = passage
        assert winnowed(first) & winnowed(second)
    assert not winnowed([f"a{n}" for n in range(99)]) & winnowed([f"b{n}" for n in range(99)])
    assert winnowed(passage[:11]) == set()


@pytest.mark.parametrize("text", ["def broken(:", "\0", "(" * 5000, "\udcff = 1", ""])
def test_files_that_python_cannot_read(text: str) -> None:
    assert fingerprints({"a.py": text}) == {}


@pytest.mark.skipif(not can_render(), reason="the extra class (Jinja2)")
def test_the_page_has_both_passages_and_says_what_it_is(tmp_path: Path) -> None:
    hand_ins = independent()
    pairs = similar({**hand_ins, "</h2><script>": disguised(hand_ins["ada"])})
    pages = Pages(tmp_path, find_course("1"))
    text = pages.render("similar.html", tmp_path / "similar.html", pairs=pairs).read_text()
    assert "This is a hint for a person, and proves nothing" in text
    assert "ada and &lt;/h2&gt;&lt;script&gt;" in text
    assert "<script>" not in text
    assert text.count("<pre") == 2 * len(pairs[0].passages)

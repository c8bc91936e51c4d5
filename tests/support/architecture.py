"""The architecture of the library, read from its imports: `python -m tests.support.architecture`.

It draws `data/pictures/architecture.png`. The order of the rows is a rule: a file imports from rows
below its own, or from its own box. `tests/layers/test_house.py` holds it.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "data" / "pictures" / "architecture.png"


class Box(NamedTuple):
    """Packages and modules that are drawn together, from `left` to `right` on a page of 0 to 12."""

    title: str
    about: str
    color: str
    left: float
    right: float
    modules: tuple[str, ...]


BOTH, CLASSIC, TENSORS, BASE = "#dcefd9", "#cfe2f6", "#fde5c9", "#e7eaee"
LESSONS = (
    *("layer", "linear", "activation", "batchnorm", "loss", "initializers"),
    *("convolution", "pooling", "dropout", "shape"),
)
ROWS = (
    (Box("checks/", "shapes, dtypes, settings", BASE, 0.15, 11.85, ("checks",)),),
    (Box("system/", "files, downloads, threads, progress", BASE, 0.15, 11.85, ("system",)),),
    (Box("numeric/", "sums, softmax, large arrays in blocks", BASE, 0.15, 11.85, ("numeric",)),),
    (
        Box("datasets/", "MNIST, CIFAR-10, digits", BOTH, 0.15, 1.95, ("datasets",)),
        Box("checkpoint/", "save and load", BOTH, 2.15, 3.95, ("checkpoint",)),
        Box("optim/", "update rules", BOTH, 4.15, 5.75, ("optim",)),
        Box("the layers", "", CLASSIC, 5.95, 11.85, LESSONS),
    ),
    (Box("network/, mlp.py", "a list of layers, a criterion, an optimizer", CLASSIC, 2.35, 6.75,
         ("network", "mlp")),),
    (Box("functions/, autograd_engine.py", "operations and their graph", TENSORS, 7.2, 11.85,
         ("functions", "autograd_engine")),),
    (Box("tensor.py", "arrays with gradients", TENSORS, 7.2, 11.85, ("tensor",)),),
    (Box("gradcheck/", "checks gradients", BOTH, 5.9, 8.4, ("gradcheck",)),),
    (
        Box("training/", "epochs, curves, resuming", CLASSIC, 0.15, 3.95, ("training",)),
        Box("nn/", "modules on tensors", TENSORS, 4.15, 9.4, ("nn",)),
        Box("graph.py, plotting/", "pictures", BOTH, 9.6, 11.85, ("graph", "plotting")),
    ),
    (
        Box("sklearn/", "for scikit-learn", CLASSIC, 0.15, 2.15, ("sklearn",)),
        Box("hw1/, __main__.py", "the homeworks' names, training scripts, commands", BOTH, 2.35,
            11.85, ("hw1", "__main__")),
    ),
)  # fmt: skip
UNDRAWN = 3
"""How many rows, from the bottom, have no arrows from the others, which may all import them."""


def files() -> dict[str, Path]:
    """The files of the library and of `hw1/`, by the names that they are imported by."""
    found = {}
    for file in sorted((ROOT / "mytorch").rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    for file in sorted((ROOT / "hw1").glob("*.py")):
        found[f"hw1.{file.stem}"] = file
    return found


def imports(source: str, known: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The modules that a file's text imports of those `known`, with line numbers.

    Imports inside functions and under TYPE_CHECKING count. `from a import b` imports `a.b` where
    that is a module, else `a`.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in known else str(node.module) for name in inside]
        else:
            continue
        for name in names:
            for found in (name, f"hw1.{name}"):  # the scripts in hw1/ import their neighbours
                if found in known:
                    yield found, node.lineno


def graph() -> dict[str, dict[str, int]]:
    """Of each file the modules that it imports, with the line of the first import."""
    known = files()
    found: dict[str, dict[str, int]] = {}
    for name, file in known.items():
        own = found[name] = {}
        for target, line in imports(file.read_text(encoding="utf-8"), known):
            own.setdefault(target, line)
    return found


def part_of(module: str) -> str:
    """`numeric` of `mytorch.numeric.sums`, `mytorch` of `mytorch` itself, `hw1` of `hw1.train`."""
    first, *rest = module.split(".")
    return first if first == "hw1" or not rest else rest[0]


def boxes() -> dict[str, tuple[int, Box]]:
    """The row and the box of each package and module."""
    return {name: (i, box) for i, row in enumerate(ROWS) for box in row for name in box.modules}


def arrows() -> list[tuple[str, str]]:
    """Which box imports which, by title, without what follows from other arrows."""
    places = boxes()
    below: dict[str, set[str]] = {}
    for name, targets in graph().items():
        if part_of(name) not in places:
            continue  # mytorch/__init__.py, which imports what users need
        own, box = places[part_of(name)]
        for target in targets:
            row, other = places.get(part_of(target), (0, box))
            if other is not box and (row >= UNDRAWN or own < UNDRAWN):
                below.setdefault(box.title, set()).add(other.title)

    def reached(start: str) -> set[str]:
        found, waiting = set(), [start]
        while waiting:
            title = waiting.pop()
            if title not in found:
                found.add(title)
                waiting += below.get(title, ())
        return found

    return sorted(
        (title, target)
        for title, targets in below.items()
        for target in targets
        if not any(target in reached(other) for other in targets - {target})
    )


def draw(path: Path) -> None:
    """Draws the rows and the arrows; the file also holds the arrows as text."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

    height, gap = 0.8, 1.3
    figure = Figure(figsize=(10.4, 9.5))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 12), ylim=(-0.55, gap * (len(ROWS) - 1) + 0.55))
    axes.set_axis_off()
    text: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 3, "color": "#10243a"}
    for i, box in ((i, box) for i, row in enumerate(ROWS) for box in row):
        low, middle = i * gap - height / 2, (box.left + box.right) / 2
        axes.add_patch(
            FancyBboxPatch(
                (box.left, low), box.right - box.left, height, zorder=2, linewidth=0.8,
                boxstyle="round,pad=0,rounding_size=0.1", edgecolor="#8493a3",
                facecolor=box.color,
            )
        )  # fmt: skip
        axes.text(middle, low + 0.54, box.title, fontsize=10.5, weight="bold", **text)
        axes.text(middle, low + 0.23, box.about or lessons(), fontsize=8.5, **text)
    between = (UNDRAWN - 0.5) * gap
    note = "everything above may import what is below this line"
    axes.plot(
        (0.15, 3.7), (between, between), (8.3, 11.85), (between, between), color="#8493a3", lw=0.8
    )
    axes.text(6, between, note, fontsize=8.5, style="italic", **text)
    rows = {box.title: i for i, row in enumerate(ROWS) for box in row}
    for title, target in arrows():
        x = column(title, target)
        if x is None:
            raise ValueError(f"no room for an arrow from {title} to {target}; move a box in ROWS")
        axes.add_patch(
            FancyArrowPatch(
                (x, rows[title] * gap - height / 2), (x, rows[target] * gap + height / 2),
                arrowstyle="-|>", mutation_scale=12, linewidth=1.1, color="#4b5b6d",
                shrinkA=0, shrinkB=0, zorder=1,
            )
        )  # fmt: skip
    figure.savefig(path, dpi=140, metadata={"Software": None, "Description": described()})


def column(title: str, target: str) -> float | None:
    """Where the vertical arrow from one box to another stands; None where there is no room.

    That is in the middle of the widest piece that both share and that no box between them takes.
    """
    rows = {box.title: (i, box) for i, row in enumerate(ROWS) for box in row}
    (high, box), (low, other) = rows[title], rows[target]
    pieces = [(max(box.left, other.left), min(box.right, other.right))]
    for between in (between for row in ROWS[low + 1 : high] for between in row):
        pieces = [
            piece
            for left, right in pieces
            for piece in ((left, min(right, between.left)), (max(left, between.right), right))
        ]
    left, right = max(pieces, key=lambda piece: piece[1] - piece[0])
    return (left + right) / 2 if right - left > 0.3 else None


def lessons() -> str:
    """The files of the lessons that there are."""
    there = [f"{name}.py" for name in LESSONS if (ROOT / "mytorch" / f"{name}.py").exists()]
    return textwrap.fill(", ".join(there), 80)


def described() -> str:
    """Files and arrows as text, by which a test knows whether the picture is up to date."""
    lines = [f"{title} imports {target}" for title, target in arrows()]
    return "; ".join([" ".join(lessons().split()), *lines])


if __name__ == "__main__":
    draw(PICTURE)
    print(f"wrote {PICTURE}")
    print(described().replace("; ", "\n"))

"""Coursework that is not graded here, recognised by its files so that it can be named."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tests.submission.selecting import LARGEST
from tests.submission.source import Source

LATER = {
    f"hw{number}{part}{suffix}" for number in "234" for part in ("", "p1") for suffix in ("", ".py")
}
LATER_MODULES = {
    *("conv.py", "conv1d.py", "conv2d.py", "convtranspose.py", "pool.py", "resampling.py"),
    *("cnn.py", "cnn_scan.py", "mlp_scan.py", "rnn.py", "rnn_cell.py", "gru.py", "gru_cell.py"),
    *("lstm.py", "ctc.py", "ctc_loss.py", "rnn_classifier.py"),
}
"""Files of homework 2 and 3, by their names in small letters."""
CLASS = re.compile(
    r"^[ \t]*class[ \t]|\b(MLP|Sigmoid|BatchNorm|SoftmaxCrossEntropy)\b", re.MULTILINE
)
"""A class, or the name of one that the homework asks for, however it is made."""
FUNCTION = re.compile(r"^def[ \t]+(\w{1,60})", re.MULTILINE)
IMPORT = re.compile(r"^[ \t]*(?:from|import)[ \t]+([\w.]+)", re.MULTILINE)
WITHOUT_CLASSES = {"numpy", "scipy", "math", "os", "sys", "matplotlib", "random", "time", "torch"}
"""Packages that no class of the homework is imported from."""


def later_homework(source: Source, folder: PurePosixPath) -> str:
    """Homework 2 and later ones, which also have a mytorch/ or the files of one; or empty."""
    names = [name.lower() for name in source.names(folder)]
    library = [
        name.lower()
        for place in ("mytorch", "mytorch/nn", "mytorch/nn/modules")
        for name in source.names(folder / place)
    ]
    homeworks = [name for name in names if name in LATER if library or name.endswith(".py")]
    modules = [name for name in (*names, *library) if name in LATER_MODULES]
    if homeworks or (modules and (library or "linear.py" in names)):
        found = ", ".join([*homeworks, *modules][:4])
        return f"a later homework of the course (found {found})"
    return ""


def later_edition(source: Source, folder: PurePosixPath) -> str:
    """HW1P1 since 2021: mytorch/nn/ with classes of its own, and models/; or empty."""
    modules = source.names(folder / "mytorch" / "nn")
    inner = source.names(folder / "mytorch" / "nn" / "modules")
    models = [
        place for place in ("models", "mytorch/models") if source.kind(folder / place) == "folder"
    ]
    if {"activation.py", "linear.py"} & {*modules, *inner} or (models and modules):
        found = ", ".join(f"{place}/" for place in ("mytorch/nn", *models))
        return f"homework 1 of an edition since 2021 (found {found})"
    return ""


def functions_only(source: Source, file: PurePosixPath) -> str:
    """Homework 1 of 2018: an hw1.py that defines functions and no class; or empty.

    Looked for by line: a parser would run on code that nobody has checked.
    """
    text = source.read(file, LARGEST).decode(errors="replace")
    imported = {module.split(".")[0] for module in IMPORT.findall(text)}
    functions = FUNCTION.findall(text)
    if CLASS.search(text) or imported - WITHOUT_CLASSES or len(functions) < 2:
        return ""
    found = ", ".join(functions[:3])
    return f"an edition with functions instead of classes, as that of 2018 (found {found})"

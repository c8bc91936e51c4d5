"""No message of the library gives a remedy that no test carries out.

The messages are found in the library's source: what stands in one after "; ". Each has a row in
`test_remedies.py`, `test_remedies_of_optimizers.py`, here, in `tests/autograd` or in `tests/data`,
or is among `ADVICE`, which is no line of Python, with the reason.
"""

import ast
import re
from collections.abc import Iterator

from tests.autograd.test_remedies_of_tensors import ROWS as OF_TENSORS
from tests.conftest import ROOT
from tests.data.test_remedies_of_files import ROWS as OF_DATA
from tests.layers.test_remedies import ROWS
from tests.layers.test_remedies_of_optimizers import ROWS as OF_OPTIMIZERS

ADVICE = {
    "; class numbers are from 0 to {}": "says what labels are",
    "; {} arrays of one shape": "its other verb is in a row",
    "; got both": "the end of what was expected",
    "; expected at least one dimension": "the end of what was expected",
    "; is_leaf=False is for the outputs of operations": "says what a setting is for",
    "; a parameter without gradient cannot be learned": "the reason",
    "; leave out copy=False": "a file of its own, tests/data",
    "; perhaps its return is missing": "a guess",
    "; perhaps the return of what made it is missing": "a guess",
    "; hand it in, mytorch.load(path, {})": "tests/durability/test_rebuilding.py carries it out",
    "; it has {}": "says which columns there are",
    "; perhaps others were copied into it": "a guess",
    "; the next run goes on there": "tests/data/test_cifar10_downloads.py carries it out",
    "; make it readable (chmod a+r)": "a file of its own, tests/data/test_remedies_of_files.py",
    "; make it smaller": "likewise",
    "; install it, e.g. python -m pip install pillow": "likewise",
    "; pip install scikit-learn": "no test installs it: tests/tools/test_sklearn.py is without",
    "; patience=None trains on all of them": "tests/tools/test_sklearn.py carries it out",
    "; run it in a folder that has {}/, a checkout of the project or a handout":
        "tests/tools/test_commands.py carries it out",
    "; where they differ, searches the line that is wrong.": "describes a command",
    "; 0 for not at all (default: 10)": "describes an option",
    '; write "{}:{}(...)" with its arguments': "tests/autograd/test_locating.py carries it out",
    "; for another, e.g. --shape 2,3,4,4":
        "tests/autograd/test_gradcheck_command.py carries it out",
}  # fmt: skip
OF_FILES = ("checkpoint/", "system/", "datasets/digits.py", "training/")
"""Messages about files, whose remedies are carried out in `tests/durability` and `tests/data`."""


def remedies() -> Iterator[tuple[str, str]]:
    """What stands after "; " in the library's messages, values as {}, with the file."""
    for file in sorted((ROOT / "mytorch").rglob("*.py")):
        place = file.relative_to(ROOT / "mytorch").as_posix()
        tree = ast.parse(file.read_text(encoding="utf-8"))
        inside = {
            id(part)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr | ast.Expr)
            for part in ast.walk(node)
            if part is not node and not (isinstance(node, ast.Expr) and _in_call(node))
        }
        for node in ast.walk(tree):
            text = "" if id(node) in inside else _text(node)
            if "; " in text and not place.startswith(OF_FILES):
                yield place, text[text.index("; ") :]


def _in_call(node: ast.Expr) -> bool:
    return not isinstance(node.value, ast.Constant | ast.JoinedStr)


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        parts = [v.value if isinstance(v, ast.Constant) else "{}" for v in node.values]
        return "".join(map(str, parts))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_every_remedy_has_a_row() -> None:
    found = list(remedies())
    assert len(found) > 50
    missing, rows = [], [row[0] for row in (*ROWS, *OF_OPTIMIZERS, *OF_TENSORS, *OF_DATA)]
    for place, text in found:
        pattern = ".*".join(map(re.escape, text.split("{}")))
        if text not in ADVICE and not any(re.search(pattern, row) for row in rows):
            missing.append(f"{place}: {text}")
    assert not missing, "\n".join(missing)
    gone = ADVICE.keys() - {text for _, text in found}
    assert not gone

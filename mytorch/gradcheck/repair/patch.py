"""A repair as text, so that another process with the same code can make it, too.

It is the syntax tree as `ast.dump` writes it, with the places in the file, and is read as that: the
code that runs beside it may be anybody's, who could write other things in its place.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Sequence
from typing import Any

from mytorch.gradcheck.repair.edit import Change, Edit
from mytorch.gradcheck.repair.sources import Function
from mytorch.gradcheck.repair.tracing import key_of
from mytorch.gradcheck.repair.trying import made

CONSTANTS = {"Ellipsis": ..., "inf": math.inf}
"""What `ast.dump` writes by a name."""


def patch_of(edits: Sequence[Edit]) -> str:
    """The functions that some edits change, as they are with them."""
    changed = {key_of(edit.function): edit.function.node for edit in edits}
    with made(edits):
        trees = {key: ast.dump(node, include_attributes=True) for key, node in changed.items()}
    return json.dumps(trees)


def edits_of(patch: str, functions: Sequence[Function]) -> tuple[Edit, ...]:
    """The repair again: for each function one edit of the whole of it."""
    found = []
    for key, tree in json.loads(patch).items():
        function = next((one for one in functions if key_of(one) == key), None)
        if function is None:
            continue
        node, repaired = function.node, _read(ast.parse(tree, mode="eval").body)
        changes = [Change(node, "body", None, repaired.body)]
        for field in ("defaults", "kw_defaults"):
            before, after = getattr(node.args, field), getattr(repaired.args, field)
            for i, (old, new) in enumerate(zip(before, after, strict=True)):
                if old is not None and ast.dump(old) != ast.dump(new):
                    changes.append(Change(node.args, field, i, new))
        found.append(Edit(function, changes, 0.0, "statement", node, node, node))
    return tuple(found)


def _read(written: ast.expr) -> Any:
    """A node, a list of them or a constant, as `ast.dump` has written it."""
    if isinstance(written, ast.Call):
        name = ast.unparse(written.func)
        kind = getattr(ast, name, None)
        if not (isinstance(kind, type) and issubclass(kind, ast.AST)):
            raise ValueError(f"expected the name of a node of a syntax tree, got {name}")
        return kind(**{str(one.arg): _read(one.value) for one in written.keywords})
    if isinstance(written, ast.List):
        return list(map(_read, written.elts))
    if isinstance(written, ast.Name):
        return CONSTANTS[written.id]
    return ast.literal_eval(written)

"""A repair as bytes, so that another process with the same code can make it, too."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Sequence

from mytorch.gradcheck.repair.edit import Change, Edit
from mytorch.gradcheck.repair.sources import Function
from mytorch.gradcheck.repair.tracing import key_of
from mytorch.gradcheck.repair.trying import made


def patch_of(edits: Sequence[Edit]) -> bytes:
    """The functions that some edits change, as they are with them."""
    changed = {key_of(edit.function): edit.function.node for edit in edits}
    with made(edits):
        return pickle.dumps({key: (node.body, node.args) for key, node in changed.items()})


def edits_of(patch: bytes, functions: Sequence[Function]) -> tuple[Edit, ...]:
    """The repair again: for each function one edit of the whole of it."""
    found = []
    for key, (body, arguments) in pickle.loads(patch).items():
        function = next((one for one in functions if key_of(one) == key), None)
        if function is None:
            continue
        node = function.node
        changes = [Change(node, "body", None, body)]
        for field in ("defaults", "kw_defaults"):
            before, after = getattr(node.args, field), getattr(arguments, field)
            for i, (old, new) in enumerate(zip(before, after, strict=True)):
                if old is not None and ast.dump(old) != ast.dump(new):
                    changes.append(Change(node.args, field, i, new))
        found.append(Edit(function, changes, 0.0, "statement", node, node, node))
    return tuple(found)

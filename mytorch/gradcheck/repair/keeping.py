"""Where results are kept: in nothing, in the wrong name, or in one array for two names.

What could stand in the place of a statement is a cost, a kind of `edit.KINDS` and statements.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations

from mytorch.gradcheck.repair.edit import ALIAS, KEPT
from mytorch.gradcheck.repair.scope import Scope
from mytorch.gradcheck.repair.syntax import statements
from mytorch.gradcheck.repair.tracing import ARRAYS, LISTS

READ = 0.8
"""How much less usual it is to keep a result in an attribute that the function only reads."""
PLACES = (ast.Attribute, ast.Subscript)
Replacement = tuple[float, str, list[ast.stmt]]


def kept(old: ast.stmt, scope: Scope) -> Iterator[Replacement]:
    """A result that nothing keeps, or only a name of the function's own."""
    if isinstance(old, ast.Expr) and isinstance(old.value, ast.Call):
        for name in dict.fromkeys(map(ast.unparse, _places(old.value))):
            if name in scope.arrays:  # it is called with, or a method of it is
                only_read = "." in name and name not in scope.written
                cost = 0.6 + READ * only_read
                yield cost, KEPT, [ast.Assign([_target(name)], old.value)]
    elif isinstance(old, ast.Assign) and isinstance(own := old.targets[0], ast.Name):
        for name in _origins(own.id, old.value, scope):
            yield 0.8, KEPT, [ast.Assign([*old.targets, _target(name)], old.value)]


def _origins(name: str, value: ast.expr, scope: Scope) -> Iterator[str]:
    """The attributes and elements with arrays that a value of the function's own name is made of.

    Where it is made of the name itself, those that the name was before.
    """
    parts = _places(value)
    if any(isinstance(part, ast.Name) and part.id == name for part in parts):
        for node in ast.walk(scope.function.node):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
                parts += [node.value] if isinstance(node.value, PLACES) else []
    for part in dict.fromkeys(map(ast.unparse, parts)):
        base, _, element = part.partition("[")
        kind = scope.kinds.get(base, LISTS if element else "")
        if not part.isidentifier() and kind in (ARRAYS, LISTS):
            yield part


def _places(tree: ast.AST) -> list[ast.AST]:
    """The names, attributes and elements that an expression reads, the largest of each only."""
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Attribute):
        return [place for part in (tree.func.value, *tree.args) for place in _places(part)]
    is_attribute = isinstance(tree, ast.Attribute) and isinstance(tree.value, ast.Name)
    if is_attribute or isinstance(tree, ast.Name | ast.Subscript):
        return [tree]
    return [one for child in ast.iter_child_nodes(tree) for one in _places(child)]


def _target(text: str) -> ast.expr:
    """A name, an attribute or an element as what is given a value."""
    (new,) = statements(f"{text} = 0")
    assert isinstance(new, ast.Assign)
    return new.targets[0]


def exchanged(old: ast.stmt) -> Iterator[Replacement]:
    """`b, a = ...` for `a, b = ...`."""
    target = old.targets[0] if isinstance(old, ast.Assign) and len(old.targets) == 1 else None
    if isinstance(old, ast.Assign) and isinstance(target, ast.Tuple | ast.List):
        for i, j in combinations(range(len(target.elts)), 2):
            elements = list(target.elts)
            elements[i], elements[j] = elements[j], elements[i]
            yield 0.7, "order", [ast.Assign([type(target)(elements, target.ctx)], old.value)]


def apart(old: ast.stmt) -> Iterator[Replacement]:
    """Two names that were meant to have a value each: `a = []; b = []` for `a = b = []`."""
    if not isinstance(old, ast.Assign) or isinstance(old.value, ast.Constant | ast.Name):
        return
    if len(old.targets) > 1:
        yield 0.8, ALIAS, [ast.Assign([target], old.value) for target in old.targets]

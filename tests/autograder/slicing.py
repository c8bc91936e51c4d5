"""Which statements of a class a result of one of its methods depends on."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

Helper = Callable[[str], "ast.FunctionDef | None"]
"""A function of the submission by its name."""


MADE = {"len", "shape", "zeros", "zeros_like", "empty", "empty_like", "ones", "range"}
"""What makes sizes and arrays that nothing is computed of yet."""


class Incomplete(Exception):
    """A result depends on more than can be seen in one class and its helpers."""


class _Step(NamedTuple):
    """A statement and what it reads and stores: `self.x`, `.W` of another object, `forward x`."""

    statement: ast.stmt
    read: frozenset[str]
    written: frozenset[str]


def slice_of(
    methods: Mapping[str, ast.FunctionDef],
    main: str,
    target: str,
    given: Collection[str],
    known: Mapping[str, bool],
    helper: Helper,
) -> list[ast.stmt]:
    """The statements that the result of `main` depends on, those of helpers too, in no order.

    `target` is `return`, or the attribute or entry that has the result. The attributes `given` come
    from outside, and branches are left out that are not taken with the arguments `known`, as are
    statements that keep an argument or a size. Raises Incomplete.
    """
    steps = {name: list(_steps(name, method, known)) for name, method in methods.items()}
    results = {s.statement for s in steps[main] if _gives(s.statement, target)}
    found = {s.statement: s for s in steps[main] if s.statement in results}
    if not found:
        raise Incomplete
    grown = True
    while grown:
        needed = {name for step in found.values() for name in step.read} - {*given, "self.debug"}
        more = {
            step.statement: step
            for every in steps.values()
            for step in every
            if step.statement not in found and step.written & needed
        }
        grown = bool(more)
        found |= more
    arguments = {a.arg for method in methods.values() for a in method.args.args}
    kept = [s for s in found if s in results or not _only_keeps(s, arguments)]
    for name in {name for statement in kept for name in _called(statement)}:
        function = methods.get(name.removeprefix("self.")) or helper(name)
        if function is not None:
            kept += [s for s in _statements(function.body, {}) if not isinstance(s, ast.Expr)]
            if any(helper(n) for s in function.body for n in _called(s)):
                raise Incomplete
    return kept


def _steps(name: str, method: ast.FunctionDef, known: Mapping[str, bool]) -> Iterator[_Step]:
    def of_method(keys: Iterable[str]) -> frozenset[str]:
        return frozenset(k if "." in k else f"{name} {k}" for k in keys)

    for statement in _statements(method.body, known):
        yield _Step(statement, of_method(_read(statement)), of_method(_written(statement)))


def _statements(body: Iterable[ast.stmt], known: Mapping[str, bool]) -> Iterator[ast.stmt]:
    """All statements, those inside of loops and of the branches that may be taken, too."""
    for statement in body:
        if isinstance(statement, ast.If):
            taken = _decided(statement.test, known)
            if taken is not False:
                yield from _statements(statement.body, known)
            if taken is not True:
                yield from _statements(statement.orelse, known)
            if taken is not None and _returns(statement.body if taken else statement.orelse):
                return
        elif isinstance(statement, ast.For | ast.While | ast.With):
            yield statement
            yield from _statements(statement.body, known)
        elif isinstance(statement, ast.Try | ast.FunctionDef | ast.ClassDef):
            raise Incomplete
        else:
            yield statement


def _returns(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Return)


def _decided(test: ast.expr, known: Mapping[str, bool]) -> bool | None:
    """Whether a condition on one argument holds; None where that is not known."""
    if isinstance(test, ast.Name):
        return known.get(test.id)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _decided(test.operand, known)
        return None if inner is None else not inner
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        left, right = _decided(test.left, known), test.comparators[0]
        if left is not None and isinstance(right, ast.Constant) and isinstance(right.value, bool):
            same = left == right.value
            return same if isinstance(test.ops[0], ast.Eq | ast.Is) else not same
    return None


def _head(statement: ast.stmt) -> ast.AST:
    """What of a loop is not its body."""
    if isinstance(statement, ast.For):
        return ast.Tuple([statement.iter], ast.Load())
    return statement.test if isinstance(statement, ast.While) else statement


def _gives(statement: ast.stmt, target: str) -> bool:
    if target == "return":
        return isinstance(statement, ast.Return)
    return any(_last(place) == target for place in _targets(statement))


def _targets(statement: ast.stmt) -> list[ast.expr]:
    """The places that a statement stores something in."""
    if isinstance(statement, ast.Assign):
        places = statement.targets
    elif isinstance(statement, ast.AugAssign | ast.AnnAssign | ast.For):
        places = [statement.target]
    else:
        places = []
    return [one for place in places for one in getattr(place, "elts", [place])]


def _last(place: ast.expr) -> str:
    """`W` of `self.l[i].W` and `self.W[...]`, `weight` of `self.grads["weight"]`."""
    if isinstance(place, ast.Subscript):
        key = place.slice.value if isinstance(place.slice, ast.Constant) else None
        return key if isinstance(key, str) else _last(place.value)
    return place.attr if isinstance(place, ast.Attribute) else ""


def _key(place: ast.AST) -> str:
    """What a place is called: `x`, `self.x`, `self.x[weight]`, `.W`; other indices left out."""
    if isinstance(place, ast.Subscript):
        entry = place.slice.value if isinstance(place.slice, ast.Constant) else None
        inner = _key(place.value)
        return f"{inner}[{entry}]" if isinstance(entry, str) and inner else inner
    if isinstance(place, ast.Attribute):
        own = isinstance(place.value, ast.Name) and place.value.id == "self"
        return f"self.{place.attr}" if own else f".{place.attr}"
    return place.id if isinstance(place, ast.Name) else ""


def _written(statement: ast.stmt) -> set[str]:
    names = {_key(place) for place in _targets(statement)}
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value  # x.append(...), np.dot(..., out=x)
        if isinstance(call.func, ast.Attribute):
            names.add(_key(call.func.value))
        names |= {_key(word.value) for word in call.keywords if word.arg == "out"}
    return names - {"", "self", "np"}


def _read(statement: ast.stmt) -> set[str]:
    kinds = ast.Name, ast.Attribute, ast.Subscript
    places = {id(node) for place in _targets(statement) for node in _stored(place)}
    again = isinstance(statement, ast.AugAssign)  # what is stored is read before
    nodes = [n for n in ast.walk(_head(statement)) if again or id(n) not in places]
    return {_key(n) for n in nodes if isinstance(n, kinds)} - {"", "self", "np"}


def _stored(place: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a place but for its indices."""
    yield place
    if isinstance(place, ast.Subscript | ast.Attribute):
        yield from _stored(place.value)


def _called(statement: ast.stmt) -> set[str]:
    """The functions, and the methods of the same object, that a statement calls."""
    nodes = ast.walk(_head(statement))
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    if any(isinstance(f, ast.Name) and f.id == "super" for f in calls):
        raise Incomplete
    return {name for name in map(_key, calls) if name and not name.startswith(".")}


def _only_keeps(statement: ast.stmt, arguments: set[str]) -> bool:
    """Whether a statement stores an argument as it is, or sizes of one."""
    value = getattr(statement, "value", None)
    while isinstance(value, ast.Subscript):
        value = value.value
    if isinstance(value, ast.Name):
        return value.id in arguments
    if value is None or isinstance(value, ast.Constant):
        return False
    nodes = list(ast.walk(value))
    calls = [_key(node.func).rpartition(".")[2] for node in nodes if isinstance(node, ast.Call)]
    computed = ast.BinOp | ast.UnaryOp | ast.Compare | ast.IfExp
    if calls and set(calls) <= MADE and not any(isinstance(node, computed) for node in nodes):
        return True
    if isinstance(value, ast.Attribute):  # a size, or what an argument has
        return value.attr == "shape" or _key(value.value) in arguments
    return False

"""Statements that could be missing, made of the names and methods that are around.

Each is put where it is likely: behind a statement, or at the start of a function or a loop.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from mytorch.gradcheck.repair.blocks import Block, Rewrite
from mytorch.gradcheck.repair.formulas import of_missing
from mytorch.gradcheck.repair.scope import Scope, names_given
from mytorch.gradcheck.repair.syntax import statements
from mytorch.gradcheck.repair.tracing import ARRAYS, LISTS
from mytorch.gradcheck.repair.twins import other_names

EMPTY = 1.2
"""How much more usual it is that a statement is missing where `pass` stands."""
UNUSED = 0.8
"""How much more usual it is that a method is not called that nothing calls."""
BESIDE = -0.1
"""How much less usual it is beside the statement about the other of a pair: dbeta for dgamma."""
MOST = 10
"""How many names are combined with each other."""


class Insertion(NamedTuple):
    """Python that could be missing: its cost, its kind, and which names must have a value."""

    cost: float
    kind: str
    text: str
    needs: tuple[str, ...] = ()


def insertions(block: Block, executed: set[int], scope: Scope, most: float) -> Iterator[Rewrite]:
    """The statements that could be missing in a block that was executed.

    Those that cost more than `most` are left out.
    """
    body = block.body
    if not any(s.lineno in executed for s in body):
        return
    empty = EMPTY * any(isinstance(s, ast.Pass) for s in body)
    likely = [one for one in _likely(block, scope) if one.cost - empty <= most]
    new = [(one, statements(one.text)) for one in likely]
    first = 1 if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) else 0
    for i, old in enumerate(body):
        if old.lineno not in executed or i < first:
            continue
        given, last = names_given(old), i == len(body) - 1
        for one, added in new:
            fits = not one.needs or bool(given & set(one.needs))
            before, after = [*added, old], [old, *added]
            places: list[tuple[float, list[ast.stmt]]] = []
            if isinstance(old, ast.Pass):
                places.append((-EMPTY, added))
            elif (fits or last) and not isinstance(old, ast.Return | ast.Raise | ast.Continue):
                places.append((0.0 if fits else 0.1, after))
            if given & other_names(one.text.partition(" = ")[0]):
                places.append((BESIDE, after))
            if (i == first and _is_start(one, scope, block)) or (
                last and isinstance(old, ast.Return)
            ):
                places.append((0.0, before))
            for extra, instead in places:
                whole = [*body[:i], *instead, *body[i + 1 :]]
                yield Rewrite(one.cost + extra, one.kind, old, ((block, whole),), [old], instead)


def _is_start(one: Insertion, scope: Scope, block: Block) -> bool:
    """Whether everything that a statement needs is there when a block starts."""
    return block.outer is not None or all(n in scope.parameters or "." in n for n in one.needs)


def _likely(block: Block, scope: Scope) -> Iterator[Insertion]:
    in_loop = isinstance(block.parent, ast.For | ast.While)
    yield from _stores(scope)
    yield from _locals(scope)
    yield from _averages(scope)
    yield from _gradients(scope)
    yield from _results(block, scope)
    yield from _changes(scope)
    yield from _calls(scope, in_loop)


def _stores(scope: Scope) -> Iterator[Insertion]:
    """`self.x = x`: what other methods read and this one does not give a value."""
    for attribute in scope.wanted:
        if attribute in scope.written:
            continue
        missing = attribute.rpartition(".")[2] in scope.missing
        for name, kind in scope.kinds.items():
            if "." not in name and kind != LISTS and scope.kinds.get(attribute, kind) == kind:
                alike = name == attribute.rpartition(".")[2]
                cost = 0.8 if missing else 1.2 if alike else 1.6
                yield Insertion(cost, "statement", f"{attribute} = {name}", (name,))


def _locals(scope: Scope) -> Iterator[Insertion]:
    """A name that is read and that nothing gives a value, as an exception says."""
    for name in sorted(scope.missing):
        if name in scope.read and name not in scope.kinds:
            for value in of_missing(scope):
                yield Insertion(1.5, "statement", f"{name} = {value}")


def _averages(scope: Scope) -> Iterator[Insertion]:
    """`a * old + (1 - a) * new`, which is kept in `old`."""
    for share in scope.shares:
        usual = 1.4 if share in scope.spare else 1.9
        for old in scope.arrays:
            if scope.kinds[old] != ARRAYS or ("." in old and old in scope.written):
                continue
            for new in scope.arrays:
                if new != old and scope.shapes.get(new) == scope.shapes.get(old):
                    for one, two in ((share, f"(1 - {share})"), (f"(1 - {share})", share)):
                        where = old if "." in old else f"{old}[...]"
                        text = f"{where} = {one} * {old} + {two} * {new}"
                        yield Insertion(usual, "statement", text, (new,))


def _gradients(scope: Scope) -> Iterator[Insertion]:
    """An attribute that nothing computes, by what has its shape: `A.T @ B`, a sum over the rows."""
    tables = [n for n in scope.arrays if len(scope.shapes.get(n, ())) == 2 and n in scope.kinds]
    for name in scope.set_once:
        shape = scope.shapes.get(name)
        for one in tables if shape else ():
            rows, columns = scope.shapes[one]
            if one == name or rows < 2:
                continue
            for form in _reductions(one, shape) if shape in ((1, columns), (columns,)) else ():
                yield Insertion(1.5, "statement", f"{name} = {form}", (one,))
            for two in tables:
                other = scope.shapes[two]
                if two == name or other[0] != rows:
                    continue
                if shape in ((1, columns), (columns,)) and other == (rows, columns) and two >= one:
                    for form in _reductions(f"({one} * {two})", shape):
                        yield Insertion(1.5, "statement", f"{name} = {form}", (one, two))
                if shape == (columns, other[1]):
                    for size in ("", f" / len({two})"):
                        text = f"{name} = {one}.T @ {two}{size}"
                        yield Insertion(1.5, "statement", text, (one, two))


def _reductions(value: str, shape: tuple[int, ...]) -> Iterator[str]:
    keep = ", keepdims=True" if len(shape) == 2 else ""
    for reduction in ("sum", "mean"):
        yield f"{value}.{reduction}(axis=0{keep})"


def _results(block: Block, scope: Scope) -> Iterator[Insertion]:
    """The result, where a function ends without one."""
    last = block.body[-1]
    if block.outer is None and not isinstance(last, ast.Return | ast.Raise):
        for target in names_given(last):
            yield Insertion(0.8, "return", f"return {target}", (target,))
        for name in (*scope.parameters, *scope.written):
            yield Insertion(1.1, "return", f"return {name}", (name,))


def _changes(scope: Scope) -> Iterator[Insertion]:
    """An array that should be changed in place: set to zero, or by another value."""
    arrays = sorted(scope.arrays, key=lambda name: ("." in name, name not in scope.read))[:MOST]
    for old in arrays:
        if scope.kinds[old] != ARRAYS:
            continue
        if scope.function.node.name == "__init__":
            continue  # where everything has the value that it is made with
        yield Insertion(1.6, "statement", f"{old}[...] = 0", (old,))
        if "." in old:
            yield Insertion(1.8, "statement", f"{old} = {old} * 0", (old,))
        for new in (*arrays, *scope.numbers[:MOST]):
            if new != old:
                for op in ("+", "-", "*"):
                    yield Insertion(2.4, "statement", f"{old} {op}= {new}", (old, new))
        unused = [name for name in arrays if name in scope.unused and "." not in old]
        for one in unused:
            for two in unused:
                if one < two and old not in (one, two):
                    for op in ("+", "-"):
                        yield Insertion(1.4, "statement", f"{old} {op}= {one} * {two}", (old,))
        for share in scope.numbers[:MOST]:
            for new in arrays:
                if new != old and scope.shapes.get(new) == scope.shapes.get(old):
                    text = f"{old} -= {share} * {new}"
                    yield Insertion(2.5, "statement", text, (old, new))


def _calls(scope: Scope, in_loop: bool) -> Iterator[Insertion]:
    """A call of a method: of the object itself, or in a loop of each in a list."""
    arrays = [n for n in scope.arrays if "." not in n]
    own = scope.function.node.name
    for name, count in scope.methods.items():
        extra = 0.0 if name in scope.called else UNUSED
        if name != own and count == 0:
            yield Insertion(1.5 - extra, "statement", f"self.{name}()")
        elif name != own and count == 1:
            values = [*scope.numbers, *arrays, *scope.sizes]
            for value in dict.fromkeys(values):
                yield Insertion(1.8 - extra, "statement", f"self.{name}({value})")
    spare = [name for name in scope.kinds if name in scope.unused]
    given = [name for name, kind in scope.kinds.items() if kind in (ARRAYS, LISTS)]
    for one, methods in scope.objects.items():
        for method, count in methods.items():
            alike = given if method in scope.calls else ()  # as for another object
            for value in dict.fromkeys((*spare, *alike)) if count == 1 else ():
                yield Insertion(1.4, "statement", f"{one}.{method}({value})", (value,))
    if not in_loop:
        return
    for several, methods in scope.several.items():
        for method, count in methods.items():
            for i in scope.counters:
                one = f"{several}[{i}].{method}"
                for value in arrays if count else ():
                    text = f"if {i} < len({several}): {value} = {one}"
                    yield Insertion(1.6, "statement", f"{text}({value})", (value,))
                    if count == 2:
                        for truth in (*scope.truths, *(f"not {t}" for t in scope.truths)):
                            more = f"{text}({value}, {truth})"
                            yield Insertion(1.9, "statement", more, (value,))
                if not count:
                    text = f"if {i} < len({several}): {one}()"
                    yield Insertion(1.6, "statement", text)

"""What can stand in an expression of a function: names and attributes that hold numbers."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cached_property

from mytorch.gradcheck.repair.sources import Function
from mytorch.gradcheck.repair.tracing import ARRAYS, LISTS, NUMBERS, TRUTH, Trace

MOST = 18
"""How many names are tried as a new term."""
SIZE_NAMES = ("n", "m", "N", "M", "batch", "batch_size", "rows", "b", "count", "size")


class Scope:
    """The names of a function, with the kinds that their values had when it ran."""

    def __init__(self, function: Function, trace: Trace, modules: Mapping[str, str]) -> None:
        self.function, self.modules = function, modules
        self.kinds, self.shares = dict(trace.names), sorted(trace.shares)
        arguments = function.node.args
        self.parameters = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        self.read = {
            ast.unparse(node)
            for node in ast.walk(function.node)
            if isinstance(node, ast.Name | ast.Attribute)
        }

    def alike(self, node: ast.Name | ast.Attribute) -> list[str]:
        """What has a value of the same kind, those that are near first."""
        if not isinstance(node.ctx, ast.Load):
            return []
        own = ast.unparse(node)
        kind = self.kinds.get(own)
        if kind is None:
            return self._siblings(node)
        group = (ARRAYS, NUMBERS) if kind in (ARRAYS, NUMBERS) else (kind,)
        found = [name for name, other in self.kinds.items() if other in group and name != own]
        return sorted(found, key=lambda name: name not in self.read)

    def bounds(self, node: ast.Name | ast.Attribute) -> Iterator[str]:
        """Conditions that could be meant by a truth value: `i < self.count`."""
        if self.kinds.get(ast.unparse(node)) == TRUTH:
            counters = [n for n in self.numbers if "." not in n and n not in self.parameters]
            for one in counters[:3]:
                for two in self.numbers:
                    if one != two:
                        yield f"{one} < {two}"

    def _siblings(self, node: ast.Name | ast.Attribute) -> list[str]:
        """Other attributes of the same object, for one whose value was never seen."""
        if isinstance(node, ast.Name):
            known = node.id in self.modules.values() or node.id in self.kinds
            return [] if known else [n for n, kind in self.kinds.items() if kind != TRUTH][:MOST]
        base = ast.unparse(node.value)
        if base in self.modules.values():
            return []
        found = {name for name in (*self.kinds, *self.read) if name.rpartition(".")[0] == base}
        if not any(name == base or name.startswith(f"{base}.") for name in self.kinds):
            found |= self.kinds.keys()  # the object is not there at all
        own = ast.unparse(node)
        return sorted(found - {own}, key=lambda n: (-SequenceMatcher(None, own, n).ratio(), n))

    @cached_property
    def arrays(self) -> list[str]:
        """What holds an array, or a tensor."""
        return [n for n, kind in self.kinds.items() if kind == ARRAYS or kind.startswith("of ")]

    @cached_property
    def numbers(self) -> list[str]:
        """What holds a single number."""
        return [name for name, kind in self.kinds.items() if kind == NUMBERS]

    @cached_property
    def sizes(self) -> list[str]:
        """Expressions for the batch size: the length of a parameter, or of an array at hand."""
        given = [p for p in self.parameters if self.kinds.get(p) == ARRAYS]
        tensors = [f"{p}.data" for p in self.parameters if f"{p}.data" in self.kinds]
        arrays = [name for name, kind in self.kinds.items() if kind == ARRAYS]
        own = [name for name in arrays if "." in name and name in self.read]
        counts = [n for n in self.numbers if n in SIZE_NAMES]
        return [*counts[:1], *(f"len({name})" for name in (given or tensors or own)[:2])]

    def terms(self, node: ast.expr, near: Collection[str]) -> list[str]:
        """What could be missing beside a node, of which the statement has the names `near`."""
        inside = {ast.unparse(n) for n in ast.walk(node) if isinstance(n, ast.Name | ast.Attribute)}
        owners = {name.rpartition(".")[0] for name in near}
        everything = [*self.arrays, *self.numbers]

        def order(name: str) -> tuple[bool, bool, bool]:
            return name in inside, name.rpartition(".")[0] not in owners, name not in self.read

        return sorted(everything, key=order)[:MOST]

    @cached_property
    def functions(self) -> list[str]:
        """Functions of NumPy, as the file calls it."""
        names = ("sqrt", "exp", "log", "tanh", "abs")
        return [f"{self.numpy}.{name}" for name in names] if self.numpy else []

    @property
    def numpy(self) -> str:
        """What the file calls NumPy; empty where it does not import it."""
        return self.modules.get("numpy", "")

    @cached_property
    def exponents(self) -> list[ast.expr]:
        """What `np.exp` is taken of in this function, and what is called logits."""
        calls = [n for n in ast.walk(self.function.node) if isinstance(n, ast.Call) and n.args]
        return [c.args[0] for c in calls if getattr(c.func, "attr", "") == "exp"]

    @cached_property
    def helpers(self) -> dict[str, int]:
        """The functions of the file that take one or two values, with how many."""
        found = {}
        for node in self.function.tree.body:
            if isinstance(node, ast.FunctionDef) and node.name != self.function.node.name:
                arguments = node.args
                count = len(arguments.args) - len(arguments.defaults)
                if count in (1, 2) and not arguments.vararg and not arguments.kwonlyargs:
                    found[node.name] = count
        return found

    def is_module(self, node: ast.expr) -> bool:
        """Whether an expression is the name of a module, such as `np`."""
        return isinstance(node, ast.Name) and node.id in self.modules.values()

    def is_size(self, node: ast.expr) -> bool:
        """Whether an expression is, by its look, the size of the batch."""
        text = ast.unparse(node)
        return text.startswith("len(") or ".shape[0]" in text or text in SIZE_NAMES

    def is_numeric(self, node: ast.expr) -> bool:
        """Whether an expression can hold numbers, as far as one can tell."""
        if isinstance(node, ast.BinOp | ast.UnaryOp):
            return True
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            return name not in (
                "range",
                "enumerate",
                "zip",
                "len",
                "super",
                "reversed",
                "isinstance",
            )
        if self.is_module(node):
            return False
        kind = self.kinds.get(ast.unparse(node), "" if isinstance(node, ast.Name) else "?")
        return kind not in ("", LISTS, TRUTH)

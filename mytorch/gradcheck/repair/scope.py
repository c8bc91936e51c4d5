"""What can stand in an expression of a function: names and attributes that hold numbers."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cached_property

from mytorch.gradcheck.repair.sources import Function
from mytorch.gradcheck.repair.syntax import is_calculation, is_named
from mytorch.gradcheck.repair.tracing import ARRAYS, LISTS, NUMBERS, TRUTH, Trace

MOST = 18
"""How many names are tried as a new term."""
MOST_COUNTERS, MOST_FORGOTTEN = 3, 6
OF_SELF = re.compile(r"self\.\w+(\['\w+'\])?")
SIZE_NAMES = ("n", "m", "N", "M", "batch", "batch_size", "rows", "b", "count", "size")


class Scope:
    """The names of a function, with the kinds that their values had when it ran."""

    def __init__(self, function: Function, trace: Trace, modules: Mapping[str, str]) -> None:
        self.function, self.modules = function, modules
        self.kinds, self.shares = dict(trace.names), sorted(trace.shares)
        self.shapes, self.missing, self.several = trace.shapes, trace.missing, trace.several
        self.objects, self.tensors, self.given = trace.objects, trace.tensors, set[str]()
        inner = [
            n.args for n in ast.walk(function.node) if isinstance(n, ast.FunctionDef | ast.Lambda)
        ]
        self.parameters = [a.arg for given in inner for a in (*given.posonlyargs, *given.args)]
        names = list(filter(is_named, ast.walk(function.node)))
        self.read = {ast.unparse(node) for node in names}
        loaded = {ast.unparse(node) for node in names if isinstance(node.ctx, ast.Load)}
        self.written = {ast.unparse(n) for n in names if isinstance(n.ctx, ast.Store)}
        given = {n for n in self.read - loaded if "." not in n}
        self.unused = given | ({*self.parameters[1:]} - loaded)

    def alike(self, node: ast.expr) -> list[str]:
        """What has a value of the same kind, those that are near first."""
        if not isinstance(getattr(node, "ctx", None), ast.Load):
            return []
        own = ast.unparse(node)
        kind = self.kinds.get(own)
        if kind is None:
            return self._siblings(node)
        group = (ARRAYS, NUMBERS) if kind in (ARRAYS, NUMBERS) else (kind,)
        found = [name for name, other in self.kinds.items() if other in group and name != own]
        return sorted(found, key=lambda name: name not in self.read)

    def rarity(self, name: str) -> float:
        """How unlikely a name is: 0 where it was given a value that nothing reads."""
        if name in self.unused or name in self.idle:
            return 0.0
        return 0.2 if name in self.read else 0.7

    def bounds(self, node: ast.expr) -> Iterator[str]:
        """Conditions that could be meant by a truth value: `i < self.count`."""
        if self.kinds.get(ast.unparse(node)) == TRUTH:
            for one in self.counters:
                for two in self.numbers:
                    if one != two:
                        yield f"{one} < {two}"

    def _siblings(self, node: ast.expr) -> list[str]:
        """Other attributes or elements of the same object, for one whose value was never seen."""
        if isinstance(node, ast.Name):
            known = node.id in self.modules.values() or node.id in self.kinds
            values = [name for name, kind in self.kinds.items() if kind != TRUTH]
            return [] if known else [*self._of_comprehensions, *values][:MOST]
        base = ast.unparse(node.value)  # type: ignore[attr-defined]
        if isinstance(node, ast.Subscript):
            return [name for name in self.kinds if name.startswith(f"{base}[")]
        if base in self.modules.values():
            return []
        found = {name for name in (*self.kinds, *self.read) if name.rpartition(".")[0] == base}
        if not any(name == base or name.startswith(f"{base}.") for name in self.kinds):
            found |= self.kinds.keys()  # the object is not there at all
        own = ast.unparse(node)
        return sorted(found - {own}, key=lambda n: (-SequenceMatcher(None, own, n).ratio(), n))

    @cached_property
    def _of_comprehensions(self) -> list[str]:
        """The names that go through something inside of brackets, of which no value was seen."""
        nodes = ast.walk(self.function.node)
        targets = [node.target for node in nodes if isinstance(node, ast.comprehension)]
        return sorted({name for target in targets for name in names_given(target)})

    @cached_property
    def arrays(self) -> list[str]:
        """What holds an array, or a tensor."""
        return [n for n, kind in self.kinds.items() if kind == ARRAYS or kind.startswith("of ")]

    @cached_property
    def numbers(self) -> list[str]:
        """What holds a single number."""
        return [name for name, kind in self.kinds.items() if kind == NUMBERS]

    @cached_property
    def counters(self) -> list[str]:
        """Numbers of the function's own, which may count something."""
        own = [n for n in self.numbers if "." not in n and n not in self.parameters]
        return own[:MOST_COUNTERS]

    @cached_property
    def truths(self) -> list[str]:
        """What is true or false."""
        return [name for name, kind in self.kinds.items() if kind == TRUTH]

    @cached_property
    def siblings(self) -> list[ast.FunctionDef]:
        """The methods of the class that the function is in, it itself included."""
        body: list[ast.stmt] = self.function.tree.body
        for name in self.function.outer:
            found = (n for n in body if isinstance(n, ast.ClassDef) and n.name == name)
            body = next(found, ast.Module([], [])).body
        methods = [node for node in body if isinstance(node, ast.FunctionDef)]
        return methods if self.function.outer else []

    @cached_property
    def methods(self) -> dict[str, int]:
        """The methods that the object itself has, with how many values each must get."""
        return {
            node.name: len(node.args.args) - 1 - len(node.args.defaults)
            for node in self.siblings
            if not node.name.startswith("__") and not node.decorator_list
        }

    @cached_property
    def mentioned(self) -> set[str]:
        """The names and attributes that anything in the file reads."""
        return {
            getattr(node, "attr", getattr(node, "id", ""))
            for node in ast.walk(self.function.tree)
            if isinstance(node, ast.Attribute | ast.Name)
        }

    @cached_property
    def called(self) -> set[str]:
        """The methods that anything in the file mentions, or that have a name others use, too."""
        return self.mentioned | {name for name in self.methods if not name.startswith("_")}

    @cached_property
    def calls(self) -> set[str]:
        """The methods that the function calls."""
        calls = [n.func for n in ast.walk(self.function.node) if isinstance(n, ast.Call)]
        return {call.attr for call in calls if isinstance(call, ast.Attribute)}

    @cached_property
    def differences(self) -> list[str]:
        """The differences of two names that the function has."""
        nodes = (n for n in ast.walk(self.function.node) if isinstance(n, ast.BinOp))
        simple = (n for n in nodes if isinstance(n.op, ast.Sub)
                  and isinstance(n.left, ast.Name | ast.Attribute)
                  and isinstance(n.right, ast.Name | ast.Attribute))  # fmt: skip
        return list(dict.fromkeys(f"({ast.unparse(node)})" for node in simple))

    @cached_property
    def wanted(self) -> list[str]:
        """The attributes of the object itself that its methods read."""
        return sorted({
            ast.unparse(node)
            for method in self.siblings
            for node in ast.walk(method)
            if is_named(node)
            and isinstance(node.ctx, ast.Load)
            and OF_SELF.fullmatch(ast.unparse(node))
        } - {f"self.{name}" for name in self.methods})  # fmt: skip

    @cached_property
    def sizes(self) -> list[str]:
        """Expressions for the batch size: the length of a parameter, or of an array at hand."""
        given = [p for p in self.parameters if self.kinds.get(p) == ARRAYS]
        inner = [name for name in self.kinds if "." not in name and name not in self.parameters]
        tensors = [f"{p}.data" for p in (*self.parameters, *inner) if f"{p}.data" in self.kinds]
        arrays = [name for name, kind in self.kinds.items() if kind == ARRAYS]
        own = [name for name in arrays if "." in name and name in self.read]
        counts = [n for n in self.numbers if n in SIZE_NAMES]
        return [*counts[:1], *(f"len({name})" for name in (given or tensors or own)[:3])]

    def terms(self, node: ast.expr, near: Collection[str]) -> list[str]:
        """What could be missing beside a node, of which the statement has the names `near`.

        What the function does not read but the class does comes first: it may be forgotten.
        """
        inside = set(map(ast.unparse, filter(is_named, ast.walk(node))))
        owners = {name.rpartition(".")[0] for name in near}
        listed = [name for name, methods in self.several.items() if not methods]
        elements = [f"{name}[{i}]" for i in self.counters[:1] for name in listed]
        everything = [*self.arrays, *self.numbers, *elements]

        is_element = "[" in ast.unparse(node)

        def order(name: str) -> tuple[bool, bool, bool, bool]:
            owned = name.rpartition(".")[0] in owners
            read = name.partition("[")[0] in self.read
            return is_element and "[" not in name, name in inside, not owned, not read

        others = sorted({*everything} - self.forgotten, key=lambda n: (order(n), n))
        first = [name for name in everything if name in self.forgotten]
        first.sort(key=lambda name: (name not in self.spare, name not in self.shares))
        return [*first[:MOST_FORGOTTEN], *others, *first[MOST_FORGOTTEN:]][:MOST]

    @cached_property
    def forgotten(self) -> set[str]:
        """Values that other methods of the class read and this one does not, and unused ones."""
        names = {*self.arrays, *self.numbers}
        return names & ({*self.wanted} - self.read | self.unused | self.idle)

    @cached_property
    def idle(self) -> set[str]:
        """Attributes of the object that are set when it is made, and that none of its methods read.

        What should be done with them may be missing.
        """
        hidden = {name for name in self.set_once if name.startswith("self._")}
        return {*self.set_once} - {*self.wanted} - hidden if self.siblings else set()

    @cached_property
    def set_once(self) -> list[str]:
        """Attributes of the object that nothing but its start gives a value."""
        later = {name for method in self.siblings if method.name != "__init__"
                 for name in names_given(method)}  # fmt: skip
        own = [name for name in self.kinds if name.startswith("self.") and name.count(".") == 1]
        return [name for name in own if name not in later]

    @cached_property
    def spare(self) -> set[str]:
        """Values that nothing reads, in this function or, of the object, in any method."""
        return self.unused | self.idle

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

    def is_tensor(self, node: ast.expr) -> bool:
        """Whether an expression is the name of an object that has an array as its `data`."""
        return self.kinds.get(ast.unparse(node), "").startswith("of ")

    def is_size(self, node: ast.expr) -> bool:
        """Whether an expression is, by its look, the size of the batch."""
        text = ast.unparse(node)
        return text.startswith("len(") or ".shape[0]" in text or text in SIZE_NAMES

    def is_single(self, node: ast.expr) -> bool:
        """Whether it is an attribute with one row, beside a batch of several: its length is 1."""
        name = ast.unparse(node)
        rows = [shape[0] for p in self.parameters if (shape := self.shapes.get(p))]
        return "." in name and self.shapes.get(name, ())[:1] == (1,) and min(rows, default=1) > 1

    def is_numeric(self, node: ast.expr) -> bool:
        """Whether an expression can hold numbers, as far as one can tell."""
        if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            return is_calculation(node)
        if self.is_module(node):
            return False
        kind = self.kinds.get(ast.unparse(node), "" if isinstance(node, ast.Name) else "?")
        return kind not in ("", LISTS, TRUTH)


def names_given(node: ast.AST) -> set[str]:
    """The names that a statement or a function gives a value, or a new element."""
    stores = [n for n in ast.walk(node) if isinstance(getattr(n, "ctx", None), ast.Store)]
    changed = [one.value for one in stores if isinstance(one, ast.Subscript)]
    return set(map(ast.unparse, filter(is_named, [*stores, *changed])))

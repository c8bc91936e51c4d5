"""The functions of some source files, and how to run them with changed code."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from mytorch.gradcheck.repair.closures import in_use, inside, lambdas, made_of, paired

FUTURE = 0x1FF0000
"""The flags of a code object that `from __future__` sets."""
Definition = ast.FunctionDef | ast.AsyncFunctionDef
IDLE = ("isinstance", "getattr", "hasattr", "type", "len", "print", "NotImplementedError")
"""What may be called where nothing is computed, besides what makes zeros."""


@dataclass
class Function:
    """A function or method that can be changed while the program runs.

    Attributes
    ----------
    file, name : where it is, and its name with that of its class, `Linear.backward`.
    node : its syntax tree, which edits change and put back.
    live : the function object whose code is replaced.
    outer : the names of the classes around it.
    source : the lines of the file.
    existing : all functions of its file that exist, of which some were made by it.
    size : how many parts its syntax tree has.
    """

    file: Path
    name: str
    node: Definition
    live: FunctionType
    outer: tuple[str, ...]
    source: list[str]
    tree: ast.Module
    existing: Sequence[FunctionType] = ()
    original: CodeType = field(init=False)
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.original, self.size = self.live.__code__, sum(1 for _ in ast.walk(self.node))
        self.defaults = self.live.__defaults__
        self.default_nodes = list(self.node.args.defaults)
        self.named_defaults = self.live.__kwdefaults__
        self.named_nodes = list(self.node.args.kw_defaults)
        codes = {self.original, *inside(self.original)}
        found = [one for one in self.existing if one is not self.live and one.__code__ in codes]
        self.made = [(one, one.__code__) for one in found]

    def compiled(self) -> CodeType | None:
        """The code of the tree as it stands now; None where it is not valid Python."""
        body: ast.stmt = self.node
        decorators, self.node.decorator_list = self.node.decorator_list, []
        for name in reversed(self.outer):
            body = ast.ClassDef(name=name, bases=[], keywords=[], body=[body], decorator_list=[])
            body.lineno = body.end_lineno = self.node.lineno
            body.col_offset = body.end_col_offset = 0
            vars(body)["type_params"] = []
        try:
            code = compile(
                ast.Module([body], []), str(self.original.co_filename), "exec",
                flags=self.original.co_flags & FUTURE, dont_inherit=True,
            )  # fmt: skip
        except (SyntaxError, ValueError, TypeError, RecursionError):
            return None
        finally:
            self.node.decorator_list = decorators
        for name in (*self.outer, self.node.name):
            code = next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)
        return code if code.co_freevars == self.original.co_freevars else None

    def install(self, code: CodeType) -> None:
        """Runs this code from now on, with the defaults of the tree."""
        self.live.__code__ = code
        if self.made:
            new = {self.original: code, **dict(paired(self.original, code))}
            for one, before in self.made:
                one.__code__ = new.get(before, before)
        if self.defaults:
            self.live.__defaults__ = tuple(
                value if node is before else getattr(node, "value", value)
                for value, node, before in zip(
                    self.defaults, self.node.args.defaults, self.default_nodes, strict=True
                )
            )
        changed = zip(
            self.node.args.kwonlyargs, self.node.args.kw_defaults, self.named_nodes, strict=True
        )
        named = {a.arg: getattr(node, "value", None) for a, node, old in changed if node is not old}
        if self.named_defaults and named:
            self.live.__kwdefaults__ = self.named_defaults | named

    def restore(self) -> None:
        """Runs the code that was written."""
        self.live.__code__, self.live.__defaults__ = self.original, self.defaults
        self.live.__kwdefaults__ = self.named_defaults
        for one, before in self.made:
            one.__code__ = before


def functions(modules: Iterable[ModuleType], files: Mapping[Path, str]) -> list[Function]:
    """Every function and method that stands in `files` and is in use in `modules`.

    Functions inside of functions are part of those around them, also if they were made already.
    A lambda in a table of the file is a function, too.
    """
    found: list[Function] = []
    for module in modules:
        file = Path(str(getattr(module, "__file__", ""))).resolve()
        if file not in files:
            continue
        try:
            tree = ast.parse(files[file])
        except (SyntaxError, ValueError):
            continue
        lines, existing = files[file].splitlines(), in_use(vars(module))
        defined: list[tuple[Definition, tuple[str, ...], Any]] = [
            (node, outer, _live(vars(module), outer, node))
            for node, outer in _definitions(tree.body, ())
        ]
        for one, around in lambdas(tree.body):
            defined += [(one, around, live) for live in made_of(one, existing)[:1]]
        for node, outer, live in defined:
            if live is not None and all(one.live is not live for one in found):
                name = ".".join((*outer, node.name))
                found.append(Function(file, name, node, live, outer, lines, tree, existing))
    return found


def _definitions(
    body: Iterable[ast.stmt], outer: tuple[str, ...]
) -> Iterator[tuple[Definition, tuple[str, ...]]]:
    for node in body:
        if isinstance(node, Definition):
            yield node, outer
        elif isinstance(node, ast.ClassDef):
            yield from _definitions(node.body, (*outer, node.name))


def _live(names: Mapping[str, Any], outer: tuple[str, ...], node: Definition) -> Any:
    """The function object that was made of a definition, if it is still the one in use."""
    for name in outer:
        owner = names.get(name)
        if not isinstance(owner, type):
            return None
        names = vars(owner)
    thing = names.get(node.name)
    if isinstance(thing, property):
        thing = thing.fget
    thing = getattr(thing, "__func__", thing)
    thing = inspect.unwrap(thing) if callable(thing) else thing
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    if isinstance(thing, FunctionType) and thing.__code__.co_firstlineno in (first, node.lineno):
        return thing
    return None


def is_unwritten(node: Definition) -> bool:
    """Whether a body computes and stores nothing: it raises, passes, or returns zeros or its input.

    It has no operator and calls nothing but what makes zeros or asks for a type.
    """
    return not any(_does_something(part) for statement in node.body for part in ast.walk(statement))


def _does_something(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        if is_filled(node):
            return False
        if isinstance(node.func, ast.Subscript):
            return True  # of a table
        name = getattr(node.func, "attr", getattr(node.func, "id", "type"))
        return name not in IDLE
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        places = [one for target in targets for one in getattr(target, "elts", [target])]
        return any(isinstance(place, ast.Attribute | ast.Subscript) for place in places)
    if isinstance(node, ast.Return):
        value = node.value
        if isinstance(value, ast.Constant):
            return isinstance(value.value, int | float) and bool(value.value)
        return isinstance(value, ast.Attribute | ast.Subscript)
    if isinstance(node, ast.UnaryOp):
        return not isinstance(node.op, ast.Not)
    return isinstance(node, ast.BinOp | ast.AugAssign | ast.Compare | ast.Delete)


def is_filled(value: ast.expr | None) -> bool:
    """Whether a value is an array of zeros, or one object made of it: a placeholder."""
    if not isinstance(value, ast.Call):
        return False
    name = getattr(value.func, "attr", getattr(value.func, "id", ""))
    if name.startswith(("zeros", "empty")):
        return True
    return len(value.args) == 1 and not value.keywords and is_filled(value.args[0])

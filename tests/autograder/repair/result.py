"""A place where the code is wrong, and the change after which all is right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mytorch.gradcheck.repair.edit import KINDS
from mytorch.gradcheck.repair.explain import marked, numbered, right
from tests.submission.loading import printable


class Method(NamedTuple):
    """A method: its name, its file, and its first and last line."""

    name: str
    file: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.file} lines {self.first} to {self.last}, in {self.name}"


class Repair(NamedTuple):
    """An edit of the submission that makes a question right, together with the others found there.

    `column` to `end` (counted from 1) of `line` is the place, `lines` are the text around it from
    line `first` on, `kind` is one of `KINDS`, and `change` is Python. Where only the method was
    found, `line` is 0, and `methods` are the files of those that must be changed with their first
    and last lines. A change in one of the lines `others` of the file would do, too. `assigned`
    is what the statement assigns, `formula` what should stand there, as far as the course says it.
    Where the mistake is `named` by its numbers, only the place is said. `hints` is how much of it
    may be told: 1 the kind of the mistake, 2 the line, 3 the change. `several` is whether other
    changes that were found with it must be made, too.
    """

    file: str
    line: int
    column: int
    end: int
    method: str
    kind: str
    change: str
    first: int
    lines: tuple[str, ...]
    others: tuple[int, ...] = ()
    assigned: tuple[str, ...] = ()
    formula: str = ""
    named: bool = False
    hints: int = 3
    methods: tuple[Method, ...] = ()
    several: bool = False

    @classmethod
    def heard(cls, message: dict[str, Any]) -> Repair:
        """What a child said; raises KeyError, TypeError or ValueError where that is none."""
        if message["kind"] not in KINDS:
            raise ValueError("an unknown kind")
        numbers = [int(message[name]) for name in ("line", "column", "end", "first")]
        texts = [printable(str(message[name]))[:400] for name in ("file", "method", "change")]
        lines = tuple(printable(str(text)) for text in message["lines"][:3])
        others = tuple(int(number) for number in message["others"][:3])
        assigned = tuple(str(name) for name in message["assigned"][:4])
        file, method, change = texts
        line, column, end, first = numbers
        kind = message["kind"]
        return cls(file, line, column, end, method, kind, change, first, lines, others, assigned)

    @classmethod
    def in_methods(cls, found: list[dict[str, Any]]) -> Repair:
        """No line, only the methods that would have to be right ones; raises as `heard`."""
        methods = tuple(
            Method(printable(str(m["name"]))[:200], printable(str(m["file"]))[:400],
                   int(m["first"]), int(m["last"]))
            for m in found[:3]
        )  # fmt: skip
        names = " and ".join(method.name for method in methods)
        return cls("", 0, 0, 0, names, "method", "", 0, (), methods=methods)

    @property
    def sentence(self) -> str:
        """What is said of it."""
        what = "; ".join(filter(None, [KINDS[self.kind], self.formula]))
        if self.hints == 1 or not self.line:
            exact = self.hints >= 2 and self.methods
            where = " and ".join(map(str, self.methods)) if exact else f"in {self.method}"
            return where if self.named else f"{where}, {what}"
        where = f"{self.file} {numbered(self.line, self.others)}, in {self.method}"
        if self.hints == 2 or not self.change:
            return where if self.named else f"{where}: {what}"
        made = "with all changes shown here, " if self.several else ""
        said = f"{where}: {made}all is {right(self.change)}"
        return f"{said}; {self.formula}" if self.formula and not self.named else said

    def shown(self) -> Iterator[str]:
        """The line with its neighbours and a mark under the place, where that may be told."""
        if self.hints >= 2 and self.line:
            yield from marked(self.lines, self.first, self.line, self.column, self.end)

    def as_dictionary(self) -> dict[str, Any]:
        """For JSON, as much as may be told."""
        found: dict[str, Any] = {"message": self.sentence, "method": self.method, "kind": self.kind}
        found |= {"formula": self.formula, "named": self.named}
        if self.hints >= 2 and self.line:
            found |= {"file": self.file, "line": self.line, "column": self.column}
            found["other_lines"] = list(self.others)
        if self.hints >= 2 and self.methods:
            found["methods"] = [method._asdict() for method in self.methods]
        if self.hints >= 3 and self.change:
            found["change"] = self.change
        return found

"""Reads the entries of a TOML file, and says what is wrong with one in a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any


class BadCourse(LookupError):
    """A folder does not describe a course; the text says why."""


class Unfit(ValueError):
    """What a value is not: the words that follow `expected`."""


class Table:
    """The entries of a table, taken one by one; `end` refuses those that are left."""

    def __init__(self, file: str, name: str, entries: Any) -> None:
        self.file, self.name = file, name
        if not isinstance(entries, dict):
            raise BadCourse(f"{self._place()}: expected a table, got {entries!r}")
        self.entries, self.known = dict(entries), list[str]()

    def _place(self, key: str = "") -> str:
        return " ".join(filter(None, [f"{self.file}:", self.name and f"[{self.name}]", key]))

    def fail(self, key: str, text: str) -> BadCourse:
        """The error for an entry."""
        return BadCourse(f"{self._place(key)}: {text}")

    def take(self, key: str, read: Callable[[Any], Any], *default: Any) -> Any:
        """The value of a key, read; the default where it is missing."""
        self.known.append(key)
        if key not in self.entries:
            if default:
                return default[0]
            raise self.fail(key, "this entry is missing")
        value = self.entries.pop(key)
        try:
            return read(value)
        except Unfit as error:
            raise self.fail(key, f"expected {error}, got {value!r}") from None

    def table(self, key: str, *default: Any) -> Table:
        """The table of a key."""
        inner = f"{self.name}.{key}" if self.name else key
        return Table(self.file, inner, self.take(key, lambda value: value, *default))

    def tables(self, key: str) -> list[Table]:
        """The tables of a list of them, at least one."""
        every = self.take(key, lambda value: value)
        if not isinstance(every, list) or not every:
            raise self.fail(f"[[{key}]]", f"expected one or more tables, got {every!r}")
        return [Table(self.file, f"{key} {n}", entries) for n, entries in enumerate(every, 1)]

    def map(self, read: Callable[[Any], Any]) -> dict[str, Any]:
        """All entries, whatever they are called."""
        return {key: self.take(key, read) for key in list(self.entries)}

    def given(self, readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
        """The values of those keys that are there. Raises BadCourse for other ones."""
        found = {key: self.take(key, read) for key, read in readers.items() if key in self.entries}
        self.known = list(readers)
        self.end()
        return found

    def end(self) -> None:
        """Raises BadCourse for an entry that nobody asked for."""
        for key in self.entries:
            close = get_close_matches(key, self.known, 1)
            more = f"did you mean {close[0]}?" if close else f"known are {', '.join(self.known)}"
            raise self.fail(key, f"this entry is not known; {more}")


def text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Unfit("a text")
    return value


def texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(v, str) and v for v in value):
        raise Unfit("a list of texts")
    return tuple(value)


def truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit("true or false")
    return value


def whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Unfit("a whole number of at least 1")
    return value


def year(value: Any) -> int:
    if not isinstance(value, int) or not 2000 <= value < 2100:
        raise Unfit("a year such as 2024")
    return value


def number(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e6:
        raise Unfit("a number that is not negative")
    return value


def initial(value: Any) -> str | float:
    if value in ("zeros", "any"):
        return str(value)
    if isinstance(value, str):
        raise Unfit("'zeros', 'any' or a standard deviation")
    return number(value)


def sizes(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) < 2:
        raise Unfit("the sizes of each network, [2, 3]")
    return tuple(map(whole, value))


def kept(value: Any) -> dict[str, str]:
    """A path for each number; the items of a list are `name.0`, `name.1`, ..."""
    found: dict[str, str] = {}
    for name, what in each(lambda entry: entry)(value).items():
        if isinstance(what, list):
            found |= {f"{name}.{i}": text(item) for i, item in enumerate(what)}
        else:
            found[name] = text(what)
    return found


def marks(value: Any) -> tuple[tuple[str, str], ...]:
    found = []
    for mark in value if isinstance(value, list) else [None]:
        if not isinstance(mark, dict) or set(mark) != {"file", "pattern"}:
            raise Unfit("a list of {file = ..., pattern = ...}")
        try:
            re.compile(text(mark["pattern"]))
        except re.error as error:
            raise Unfit(f"a regular expression ({error})") from None
        found.append((text(mark["file"]), mark["pattern"]))
    return tuple(found)


def hint(value: Any) -> dict[str, str]:
    """What a method computes, in one text or one for each thing that it assigns."""
    return {"": value} if isinstance(value, str) else each(text)(value)


def each(read: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any]]:
    def table(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Unfit("a table")
        return {key: read(entry) for key, entry in value.items()}

    return table


def one_of(words: tuple[str, ...]) -> Callable[[Any], str]:
    def word(value: Any) -> str:
        if value not in words:
            raise Unfit(" or ".join(map(repr, words)))
        return str(value)

    return word

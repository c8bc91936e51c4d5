"""Which lines of a hand-in's code the messages of its result are about."""

from __future__ import annotations

import ast
import re
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

LINE = re.compile(r"\((\S[^()]*\.py), line (\d+)\)")
"""What a message says of an exception or an endless loop."""
METHOD = re.compile(r"([A-Za-z_]\w*)(?:\([^()]*\))?\.([a-z_]\w*), ")
"""What a message of a wrong value begins with: `MLP(784-10).forward, x (20, 784)`."""
MOST = 5
"""How many notes a line may have."""
Marks = dict[str, dict[int, list[str]]]


def marks(record: Mapping[str, Any], sources: Mapping[str, str]) -> Marks:
    """Notes by file and line: where the mistake was found, or something was raised, else the first
    line of the method that was called.
    """
    places = {name: dict(_methods(text)) for name, text in sources.items()}
    found: Marks = defaultdict(lambda: defaultdict(list))
    for question in record["questions"]:
        if question["score"] >= question["max_score"]:
            continue
        named = [d["message"] for d in (*question["diagnosis"], *question["unwritten"])]
        located = [r for r in question["repairs"] if r.get("file") in sources]
        for repair in located:
            text = named[0] if repair["named"] and named else repair["message"]
            _add(found, repair["file"], repair["line"], f"{question['id']}: {text}")
        for check in question["checks"]:
            if check["passed"] or not check["message"]:
                continue
            methods = {} if located else places
            for file, line in _places(check["message"], sources, methods):
                for text in named or [check["message"]]:
                    _add(found, file, line, f"{question['id']}: {text}")
    return {file: dict(lines) for file, lines in found.items()}


def _add(found: Marks, file: str, line: int, note: str) -> None:
    notes = found[file][line]
    if note not in notes and len(notes) < MOST:
        notes.append(note)


def _places(
    message: str, sources: Mapping[str, str], methods: Mapping[str, Mapping[str, int]]
) -> Iterator[tuple[str, int]]:
    line = LINE.search(message)
    if line:
        files = [name for name in sources if PurePosixPath(name).name == line[1]]
        if len(files) == 1 and int(line[2]) <= sources[files[0]].count("\n") + 1:
            yield files[0], int(line[2])
        return
    method = METHOD.search(message)
    if method:
        called = f"{method[1]}.{method[2]}"
        yield from ((name, lines[called]) for name, lines in methods.items() if called in lines)


def _methods(text: str) -> Iterator[tuple[str, int]]:
    """The methods of a file's classes, each with its line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    yield f"{node.name}.{item.name}", item.lineno

"""What the commands show on a terminal: colours where they are wanted, and lines that fit."""

from __future__ import annotations

import io
import os
import sys
import unicodedata

WIDTH = 80
COLOURS = {"green": "32", "yellow": "33", "red": "31", "bold": "1"}


class Paint:
    """Colours text, or leaves it as it is."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __call__(self, text: str, colour: str) -> str:
        return f"\033[{COLOURS[colour]}m{text}\033[0m" if self.on else text


def paint_for_output() -> Paint:
    """Colours if standard output is a terminal that wants them (`NO_COLOR`, `TERM=dumb`)."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Paint(sys.stdout is not None and sys.stdout.isatty() and not plain)


def tolerate_any_text() -> None:
    """Lets output that cannot show a character show a question mark instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def pad(text: str, width: int) -> str:
    """`text` cut or filled to `width` columns on the screen."""
    text = cut(text, width)
    return text + " " * (width - columns(text))


def cut(text: str, width: int) -> str:
    """`text`, or as much of it as fits into `width` columns."""
    if columns(text) <= width:
        return text
    while columns(text) > width - 3:
        text = text[:-1]
    return f"{text}..."


def columns(text: str) -> int:
    """How many columns a text takes on the screen: combining marks none, Chinese characters two."""
    return sum(
        1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
        if not unicodedata.combining(character)
    )

"""The command line of scripts: what is wrong with one is said in two lines."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable, Iterable
from typing import NoReturn

SHORT = 6
"""Lines of usage that are shown with an error; of more, `--help` is named."""


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that takes no abbreviations, and names the option that was meant.

    `prog` is what was typed to run the script; `python -m mytorch` says it where that was typed.
    """

    def __init__(self, prog: str, description: str | None, epilog: str | None = None) -> None:
        prog = os.environ.pop("MYTORCH_COMMAND", prog)  # children were not typed so
        super().__init__(prog=prog, description=description, epilog=epilog, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Ends the program with code 2, after the message."""
        usage = self.format_usage()
        if len(usage.splitlines()) > SHORT:
            usage = f"usage: {self.prog} [OPTIONS]; {self.prog} --help lists them\n"
        what, _, words = message.partition("unrecognized arguments: ")
        if not what:
            meant = [like(word, self._option_string_actions) for word in words.split()]
            message += next(filter(None, meant), "")
        self.exit(2, f"{usage}{self.prog}: error: {message}\n")


def like(word: str, known: Iterable[str]) -> str:
    """The question whether one of the `known` was meant that is spelled nearly so, or ""."""
    import difflib  # only who mistypes waits for its import

    near = difflib.get_close_matches(word.partition("=")[0], list(known), 1, 0.7)
    return f"; did you mean {near[0]}?" if near else ""


def whole(least: int) -> Callable[[str], int]:
    """The type of an option that is a whole number from `least`."""

    def parsed(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"expected a whole number from {least}, got {text!r}")
        return int(text)

    return parsed


def number(least: float, most: float = sys.float_info.max) -> Callable[[str], float]:
    """The type of an option that is a finite number from `least` to `most`."""

    def parsed(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            to = f" to {most:g}" if most < sys.float_info.max else ""
            raise argparse.ArgumentTypeError(f"expected a number from {least:g}{to}, got {text!r}")
        return value

    return parsed


__all__ = ["Parser", "like", "number", "whole"]

"""In the child: what somebody else's code prints, sent line by line to the parent."""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Callable
from typing import Any

MOST = 20
"""How many lines of a question are kept; the parent is sent one more, to know of the rest."""
LONGEST = 500
"""How much of a line is kept, in bytes."""
Send = Callable[[str], None]


class Printing(io.RawIOBase):
    """Standard output and standard error of somebody else's code; `to` says who gets the lines."""

    def __init__(self, send: Send) -> None:
        super().__init__()
        self.to(send)

    def to(self, send: Send) -> None:
        """The next lines go to `send`, as many as are kept."""
        self._send, self._left, self._begun = send, MOST + 1, b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Sends the lines that are complete."""
        *lines, rest = bytes(data).split(b"\n") if self._left else [b""]
        for line in lines[: self._left]:
            self._line(self._begun + line)
            self._begun = b""
        self._begun = (self._begun + rest)[:LONGEST]
        return len(data)

    def finish(self) -> None:
        """Sends what was begun of a line."""
        if self._begun and self._left:
            self._line(self._begun)
        self._begun = b""

    def _line(self, line: bytes) -> None:
        self._left -= 1
        shown = line.rstrip(b"\r").rpartition(b"\r")[2]  # as a terminal shows a progress bar
        self._send(shown[:LONGEST].decode(errors="replace"))

    def install(self) -> None:
        """Becomes standard output and standard error, without the warnings that Python adds."""
        sys.stdout, sys.stderr = (
            io.TextIOWrapper(self, "utf-8", "replace", write_through=True)  # type: ignore[type-var]
            for _ in range(2)
        )
        warnings.showwarning = lambda *arguments, **options: None

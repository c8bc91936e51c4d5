"""Progress bars: on a terminal, and nowhere else."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Protocol


class Bar(Protocol):
    """What is used of a tqdm bar."""

    def __enter__(self) -> Bar: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Any: ...

    def update(self, n: int) -> Any:
        """`n` more units are done."""
        ...

    def set_postfix_str(self, s: str, refresh: bool) -> Any:
        """What stands behind the bar, e.g. a loss."""
        ...


class _NoBar:
    """Takes what a bar takes and shows nothing."""

    def __enter__(self) -> _NoBar:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, n: int) -> None:
        pass

    def set_postfix_str(self, s: str, refresh: bool) -> None:
        pass


def progress_bar(total: int, what: str, unit: str, scale: bool = False, done: int = 0) -> Bar:
    """A bar of `total` units on standard error if that is a terminal and tqdm is installed.

    `done` units were done before, in a time that says nothing about the rest.
    """
    if not sys.stderr.isatty():
        return _NoBar()
    try:
        from tqdm import tqdm
    except ModuleNotFoundError:
        return _NoBar()
    bar: Bar = tqdm(
        total=total,
        initial=done,
        desc=what,
        unit=unit,
        unit_scale=scale,
        leave=False,
        dynamic_ncols=True,
    )
    return bar

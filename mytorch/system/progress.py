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


class _NoBar:
    """Takes what a bar takes and shows nothing."""

    def __enter__(self) -> _NoBar:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self, n: int) -> None:
        pass


def progress_bar(total: int, what: str, unit: str, scale: bool = False) -> Bar:
    """A bar of `total` units on standard error if that is a terminal and tqdm is installed."""
    if not sys.stderr.isatty():
        return _NoBar()
    try:
        from tqdm import tqdm
    except ModuleNotFoundError:
        return _NoBar()
    bar: Bar = tqdm(
        total=total, desc=what, unit=unit, unit_scale=scale, leave=False, dynamic_ncols=True
    )
    return bar

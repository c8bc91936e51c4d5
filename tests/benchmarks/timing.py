"""Contenders take turns, so that what slows the machine slows all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from itertools import cycle

from mytorch.system.progress import progress_bar

Call = Callable[[], object]

PAUSE = 0.1


def interleaved(
    contenders: Mapping[str, Call],
    rounds: int,
    seconds: float,
    around: Mapping[str, Callable[[], AbstractContextManager[object]]] | None = None,
    what: str = "",
) -> dict[str, list[float]]:
    """Seconds per call of each contender, one value for each round.

    In a round every contender is called for about `seconds`, after a few calls to warm up;
    `around` gives a context for those that want one.
    """
    around = around or {}
    times: dict[str, list[float]] = {name: [] for name in contenders}
    counts: dict[str, int] = {}
    with progress_bar(rounds * len(contenders), what, "run") as bar:
        for _ in range(rounds):
            for name, call in contenders.items():
                time.sleep(PAUSE)
                with around.get(name, nullcontext)():
                    if name not in counts:
                        counts[name] = max(3, round(seconds / _one_call(call)))
                    for _ in range(max(1, counts[name] // 10)):
                        call()
                    started = time.perf_counter()
                    for _ in range(counts[name]):
                        call()
                    times[name].append((time.perf_counter() - started) / counts[name])
                bar.update(1)
    return times


def _one_call(call: Call) -> float:
    call()
    spans = []
    for _ in range(3):
        started = time.perf_counter()
        call()
        spans.append(time.perf_counter() - started)
    return statistics.median(spans)


def repeating(call: Callable[[object], object], arguments: list[object]) -> Call:
    """A call without argument that passes the next of `arguments` each time, round and round."""
    following: Iterator[object] = cycle(arguments)
    return lambda: call(next(following))

"""Copies of a graph, by `copy.deepcopy` and pickle, without recursion.

Both copy an object's parts before they go on with the next, and so would need a call inside a call
for each operation on the way to a leaf. Here a node has all the nodes that it depends on copied
first, from the leaves on: each then finds its parts copied already.
"""

from __future__ import annotations

import copy
import copyreg
import threading
from collections.abc import Iterator
from typing import Any


class _Listing(threading.local):
    """Whether pickle is going through the nodes behind another one, in this thread."""

    active = False


_listing = _Listing()


class CopiedInOrder:
    """A node with `depth` and `next_functions` that can be copied however deep its graph is."""

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        for node in [*_behind(self), self]:
            if id(node) not in memo:
                twin = memo[id(node)] = object.__new__(type(node))
                for name, part in _parts(node).items():
                    setattr(twin, name, copy.deepcopy(part, memo))
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> Any:
        others = None if _listing.active else _listed(self)
        return copyreg.__newobj__, (type(self),), (None, _parts(self)), others  # type: ignore[attr-defined]

    def append(self, node: Any) -> None:
        """What pickle calls for each node behind this one, which its parts refer to anyway."""

    def extend(self, nodes: Any) -> None:
        """As `append`, for several."""


def _parts(node: Any) -> dict[str, Any]:
    return {name: getattr(node, name) for name in type(node).__slots__}


def _behind(node: Any) -> list[Any]:
    """The nodes that a node depends on, each after those that it depends on itself."""
    found: dict[int, Any] = {}
    waiting = [*node.next_functions]
    while waiting:
        one = waiting.pop()
        if isinstance(one, CopiedInOrder) and id(one) not in found:
            found[id(one)] = one
            waiting += one.next_functions  # type: ignore[attr-defined]
    return sorted(found.values(), key=lambda one: one.depth)


def _listed(node: Any) -> Iterator[Any]:
    """The nodes behind one, for pickle to go through; none of them lists those behind itself."""
    _listing.active = True
    try:
        yield from _behind(node)
    finally:
        _listing.active = False

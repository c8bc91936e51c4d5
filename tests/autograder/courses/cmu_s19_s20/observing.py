"""Mistakes that no value shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.autograder.course import NOT_WRITTEN


def observed(transcripts: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Mistakes that no value shows, by the question that shows them.

    An MLP without hidden layers raises something in forward, and with hidden layers it does not.
    """
    flat, deep = transcripts.get("3.2"), transcripts.get("3.4")
    if flat is None or deep is None or any(part == "forward/out" for _, part in flat.given):
        return {}
    raised = [why for (_, part), why in flat.failures.items() if part in ("", "forward")]
    works = deep.given and not any(part in ("", "forward") for _, part in deep.failures)
    written = not any(why.startswith(NOT_WRITTEN) for why in raised)
    return {"3.2": ("hiddens=[] crashes",)} if raised and works and written else {}

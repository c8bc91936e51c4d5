"""What the grader hands to a submission: nothing here."""

from __future__ import annotations

from typing import Any

CLASSES: dict[str, Any] = {}

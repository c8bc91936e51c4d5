"""Messages from a child process: lines of JSON, with arrays as raw bytes. Nothing is unpickled."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

import numpy as np

LONGEST = 4 << 20
"""How long a line may be, in bytes."""

_DTYPE = re.compile(r"[<>|][biuf][1248]")


def pack(message: dict[str, Any]) -> bytes:
    """A message as a line; arrays may stand as its values."""
    return json.dumps(message, default=_packed).encode() + b"\n"


def unpack(line: bytes) -> dict[str, Any]:
    """The message of a line. Raises ValueError where it is none."""
    try:
        message = json.loads(line, object_hook=_unpacked)
    except RecursionError:
        raise ValueError("a message is nested too deeply") from None
    if not isinstance(message, dict):
        raise ValueError("expected a message")
    return message


def _packed(value: Any) -> dict[str, Any]:
    if not isinstance(value, np.ndarray):
        raise TypeError(f"cannot send {type(value).__name__}")
    data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
    return {"dtype": value.dtype.str, "shape": list(value.shape), "data": data}


def _unpacked(entry: dict[str, Any]) -> Any:
    if entry.keys() != {"dtype", "shape", "data"}:
        return entry
    dtype, shape, data = entry["dtype"], entry["shape"], entry["data"]
    if not (isinstance(dtype, str) and _DTYPE.fullmatch(dtype) and isinstance(data, str)):
        raise ValueError("an array of unknown type")
    if not isinstance(shape, list) or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError("an array without a shape")
    try:
        raw = base64.b64decode(data, validate=True)
    except binascii.Error:
        raise ValueError("an array of damaged bytes") from None
    try:
        return np.frombuffer(raw, dtype).reshape(shape)
    except (TypeError, ValueError):  # a type such as <f1, or a shape of another size
        raise ValueError("an array that does not fit its shape") from None

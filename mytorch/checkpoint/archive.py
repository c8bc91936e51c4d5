"""Checkpoints: everything that the next step of training depends on, in one file.

A checkpoint is a `.npz` of arrays and a JSON text, without pickle. It ends with a checksum, which
a ZIP archive allows as a comment: the SHA-256 of all bytes before it. So one changed byte anywhere
is noticed, and `numpy.load` still reads the file.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.settings import check_path
from mytorch.system.atomic import replacing
from mytorch.system.errors import DataError

Arrays = dict[str, npt.NDArray[Any]]

FORMAT = "mytorch checkpoint"
VERSION = 2  # 1 knew no layers but those of an MLP
HEADER = "checkpoint.json"
PREFIX = "array."  # so that no array is called like an argument of np.savez
CHECKSUM = b"sha256:"
CHECKSUM_LENGTH = len(CHECKSUM) + 64


def save_checkpoint(
    path: str | os.PathLike[str], kind: str, arrays: Mapping[str, Any], facts: Mapping[str, Any]
) -> None:
    """Writes arrays of numbers by name, and facts in JSON, as a `kind` of checkpoint.

    The file is written beside `path` and renamed: on any failure the old one stays. Raises OSError
    naming `path` where it can't be written, ValueError for a fact that is NaN or infinite.
    """
    place = check_path(path, "save")
    try:
        header = json.dumps(
            {"format": FORMAT, "version": VERSION, "kind": kind, "facts": facts}, allow_nan=False
        )
    except ValueError as error:
        raise ValueError(f"save: expected finite settings, e.g. lr, to store: {error}") from error
    except TypeError as error:
        raise TypeError(f"save: expected facts that JSON can hold: {error}") from error
    buffer = io.BytesIO()
    content: dict[str, Any] = {HEADER: np.frombuffer(header.encode(), np.uint8)}
    np.savez(buffer, **content, **{PREFIX + name: array for name, array in arrays.items()})
    # The last two bytes of an archive without a comment are the length of its comment.
    buffer.seek(-2, os.SEEK_END)
    buffer.write(CHECKSUM_LENGTH.to_bytes(2, "little"))
    checksum = CHECKSUM + hashlib.sha256(buffer.getbuffer()).hexdigest().encode()
    with replacing(place) as file:
        file.write(buffer.getbuffer())
        file.write(checksum)


def load_checkpoint(path: str | os.PathLike[str], kind: str) -> tuple[Arrays, dict[str, Any]]:
    """The arrays and facts that `save_checkpoint` wrote as the same `kind`.

    Raises DataError as `load_any` does.
    """
    _, arrays, facts = load_any(path, (kind,))
    return arrays, facts


def load_any(
    path: str | os.PathLike[str], kinds: Sequence[str]
) -> tuple[str, Arrays, dict[str, Any]]:
    """The kind, the arrays and the facts that `save_checkpoint` wrote as one of `kinds`.

    Raises DataError where the file is missing, cut short, changed in any byte, none of ours, of a
    later version or of another kind.
    """
    path = check_path(path, "load")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    body, checksum = content[:-CHECKSUM_LENGTH], content[-CHECKSUM_LENGTH:]
    intact = checksum == CHECKSUM + hashlib.sha256(body).hexdigest().encode()
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            header = json.loads(archive[HEADER].tobytes())
            ours, version = header["format"] == FORMAT, header["version"]
            arrays = {
                name.removeprefix(PREFIX): archive[name]
                for name in archive.files
                if intact and version == VERSION and name.startswith(PREFIX)
            }
    except Exception as error:  # whatever zipfile, NumPy and json make of any other file
        raise DataError(f"{path}: {_what_it_is(content, intact)}") from error
    if not ours:
        raise DataError(f"{path}: {_what_it_is(content, intact)}")
    if version == 1:
        raise DataError(
            f"{path}: a checkpoint of mytorch 0.1.0, which this one does not read; finish the run "
            f"with that version, or take the weights alone: save_weights there, load_weights here"
        )
    if version != VERSION:
        raise DataError(
            f"{path}: a checkpoint of version {version}, and this mytorch reads version {VERSION}; "
            f"use the mytorch that wrote it, or a later one"
        )
    if not intact:
        raise DataError(f"{path}: {DAMAGED}")
    if header["kind"] not in kinds:
        raise DataError(
            f"{path}: a checkpoint of {header['kind']}, where one of {' or '.join(kinds)} was "
            f"expected"
        )
    return header["kind"], arrays, header["facts"]


DAMAGED = (
    "damaged or cut short: its content does not match its checksum; take an earlier one, or "
    "delete it and begin anew"
)


def _what_it_is(content: bytes, intact: bool) -> str:
    """What a file is that holds no checkpoint which could be read."""
    if not intact and (
        f"{HEADER}.npy".encode() in content[:200] or CHECKSUM in content[-CHECKSUM_LENGTH:]
    ):
        return DAMAGED
    if not content:
        return "empty; expected a checkpoint"
    if zipfile.is_zipfile(io.BytesIO(content)):
        return "no checkpoint, but another .npz; weights alone are read by load_weights"
    return "no checkpoint; expected a file that save wrote"


__all__ = ["load_checkpoint", "save_checkpoint"]

"""One picture as bytes: what Pillow reads, and in which cases it would not be what was drawn."""

from __future__ import annotations

import io
import stat
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.system.errors import DataError

ENDINGS = (
    *(".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".pbm"),
)
"""How the name of a picture ends, in small letters."""

GREY = ("1", "L")
WIDE = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")
"""Pillow's modes of one channel with more than eight bits."""


def read_picture(path: Path) -> npt.NDArray[np.uint8]:
    """`(height, width, channels)`: one channel of a grey picture, three of any other.

    Raises DataError, which names the file, where it can't be read, and for what has no right form
    in bytes of red, green and blue: 16 bits a colour, transparent parts, several frames.
    """
    try:
        from PIL import Image, UnidentifiedImageError
    except ModuleNotFoundError as error:
        raise DataError(
            f"{path}: reading pictures needs Pillow; install it, e.g. python -m pip install pillow"
        ) from error
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # reading a pipe could wait for ever
            raise DataError(f"{path}: this is no file but a folder, a pipe or a device")
        content = path.read_bytes()
        if not content:
            raise DataError(f"{path}: it is empty; put the original in its place")
        with Image.open(io.BytesIO(content)) as picture:
            return _bytes_of(picture, path, _bits(content))
    except DataError:
        raise
    except UnidentifiedImageError as error:
        raise DataError(
            f"{path}: this is no picture that can be read; put the original in its place"
        ) from error
    except Image.DecompressionBombError as error:
        raise DataError(f"{path}: it has too many pixels to be read; make it smaller") from error
    except PermissionError as error:
        raise DataError(f"{path}: {error.strerror}; make it readable (chmod a+r)") from error
    except Exception as error:  # whatever a decoder makes of a damaged file
        why = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise DataError(
            f"{path}: the picture is damaged or cut short ({why or type(error).__name__}); "
            f"put the original in its place"
        ) from error


def _bytes_of(picture: Any, path: Path, bits: int) -> npt.NDArray[np.uint8]:
    if getattr(picture, "n_frames", 1) > 1:
        raise DataError(f"{path}: it has {picture.n_frames} frames; save one as a picture")
    if picture.mode in WIDE or bits == 16:
        raise DataError(
            f"{path}: it has more than 8 bits for each colour, which would be cut off; "
            f"save it with 8 bits"
        )
    picture.load()
    if picture.mode in ("LA", "PA", "RGBA", "RGBa", "La") or "transparency" in picture.info:
        alpha = picture.convert("RGBA").getchannel("A")
        if alpha.getextrema()[0] < 255:
            raise DataError(
                f"{path}: parts of it are transparent, and nothing says what is behind them; "
                f"save it without transparency"
            )
    grey = picture.mode in (*GREY, "LA", "La")
    array = np.asarray(picture.convert("L" if grey else "RGB"))
    return array[:, :, np.newaxis] if grey else array


def _bits(content: bytes) -> int:
    """Bits of each colour as the head of a PNG says; 8 of other files. Pillow cuts off 16."""
    return content[24] if content.startswith(b"\x89PNG") and len(content) > 24 else 8


__all__ = ["ENDINGS", "read_picture"]

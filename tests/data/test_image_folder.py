"""Anybody's own pictures in class folders, and every picture that is not what it seems."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mytorch.datasets import DataError, DataMissing, image_folder

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (4, 5, 3), np.uint8)
GREY = RNG.integers(0, 256, (4, 5), np.uint8)


def save(path: Path, array: Any = COLOUR, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path, **options)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save(tmp_path / "own" / "dog" / "b.png", COLOUR)
    save(tmp_path / "own" / "dog" / "a.png", 255 - COLOUR)
    save(tmp_path / "own" / "cat" / "1.bmp", COLOUR // 2)
    return tmp_path / "own"


def test_pictures_by_class_then_by_name(folder: Path) -> None:
    x, y, classes = image_folder(folder)
    assert classes == ("cat", "dog")
    assert x.shape == (3, 3, 4, 5)
    expected = np.array([COLOUR // 2, 255 - COLOUR, COLOUR]).transpose(0, 3, 1, 2) / 255
    np.testing.assert_allclose(x[:], expected, rtol=1e-6)
    assert y.tolist() == [[1, 0], [0, 1], [0, 1]]
    assert x[:].dtype == y.dtype == np.float32
    assert image_folder(str(folder), np.float64).x[:].dtype == np.float64


def test_grey_pictures_have_one_channel(tmp_path: Path) -> None:
    for name in "ab":
        save(tmp_path / name / "1.png", GREY)
    x = image_folder(tmp_path).x
    assert x.shape == (2, 1, 4, 5)
    np.testing.assert_allclose(x[:][0, 0], GREY / 255, rtol=1e-6)


@pytest.mark.parametrize("order", ["grey first", "colour first"])
def test_grey_among_colour_is_a_colour(order: str, tmp_path: Path) -> None:
    grey, colour = "ab" if order == "grey first" else "ba"
    save(tmp_path / grey / "1.png", GREY)
    save(tmp_path / colour / "1.png", COLOUR)
    x = image_folder(tmp_path).x[:]
    row = 0 if grey == "a" else 1
    for channel in range(3):
        np.testing.assert_allclose(x[row, channel], GREY / 255, rtol=1e-6)
        np.testing.assert_allclose(x[1 - row, channel], COLOUR[..., channel] / 255, rtol=1e-6)


def test_palettes_and_black_and_white(folder: Path) -> None:
    palette = Image.fromarray(COLOUR).quantize(20)
    palette.save(folder / "cat" / "2.png")
    Image.fromarray(GREY > 100).save(folder / "cat" / "3.png")
    opaque = np.dstack([COLOUR, np.full((4, 5), 255, np.uint8)])
    save(folder / "cat" / "4.png", opaque)
    x = image_folder(folder).x[:] * 255
    colours = np.array(palette.getpalette()).reshape(-1, 3)[np.asarray(palette)]
    np.testing.assert_allclose(x[1].transpose(1, 2, 0), colours, atol=1e-4)
    np.testing.assert_allclose(x[2, 1], 255 * (GREY > 100), atol=1e-4)
    np.testing.assert_allclose(x[3].transpose(1, 2, 0), COLOUR, atol=1e-4)


def test_other_files_are_left_out(folder: Path) -> None:
    (folder / "README.md").write_text("about them")
    (folder / "dog" / "Thumbs.db").write_bytes(b"x")
    (folder / "dog" / ".b.png").write_bytes(b"x")
    (folder / ".git").mkdir()
    assert len(image_folder(folder).x) == 3


def png(**change: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(change.pop("array", COLOUR)).save(buffer, "PNG", **change)
    return buffer.getvalue()


def deep() -> bytes:
    """16 bits a colour, by the format's description, which Pillow would cut to 8."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    rows = b"".join(b"\0" + bytes(5 * 3 * 2) for _ in range(4))
    head = struct.pack(">IIBBBBB", 5, 4, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def animation() -> bytes:
    buffer = io.BytesIO()
    frames = [Image.fromarray(a) for a in (COLOUR, 255 - COLOUR)]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


transparent = np.dstack([COLOUR, np.full((4, 5), 254, np.uint8)])
FAULTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it is empty"),
    "text": (b"<html>not found</html>", "this is no picture that can be read"),
    "cut": (png(array=COLOUR)[:-40], "damaged or cut short"),
    "cut head": (png()[:20], "damaged or cut short|no picture"),
    "changed": (png()[:60] + b"\0\0\0\0" + png()[64:], "damaged or cut short"),
    "16 bits": (deep(), "more than 8 bits for each colour"),
    "16 bits of grey": (png(array=GREY.astype(np.uint16) * 256), "more than 8 bits"),
    "transparent": (png(array=transparent), "parts of it are transparent"),
    "a transparent colour": (png(array=GREY, transparency=int(GREY[0, 0])), "transparent"),
    "animation": (animation(), "it has 2 frames"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_picture_that_is_not_one_is_named(fault: str, folder: Path) -> None:
    content, message = FAULTS[fault]
    path = folder / "cat" / "2.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as info:
        image_folder(folder)
    assert str(info.value).startswith(f"{path}: ")
    assert "\n" not in str(info.value)


def test_no_byte_of_a_picture_changes_without_notice(folder: Path) -> None:
    """The format's checksums see it, or it is in a part that says nothing of the pixels."""
    path, content = folder / "cat" / "2.png", png()
    for at in range(0, len(content), 3):
        path.write_bytes(content[:at] + bytes([content[at] ^ 16]) + content[at + 1 :])
        try:
            x = image_folder(folder).x
        except DataError as error:
            assert str(error).startswith(f"{path}: ")  # noqa: PT017 - one of two good ends
        else:
            np.testing.assert_allclose(x[1:2][0].transpose(1, 2, 0) * 255, COLOUR, atol=1e-4)


def test_what_is_no_file(folder: Path) -> None:
    os.mkfifo(folder / "cat" / "2.png")
    with pytest.raises(DataError, match=r"2.png: this is no file but a folder, a pipe or a device"):
        image_folder(folder)


def test_sizes_must_agree(folder: Path) -> None:
    path = save(folder / "dog" / "c.png", COLOUR[:3])
    with pytest.raises(DataError) as info:
        image_folder(folder)
    assert str(info.value) == (
        f"{path}: its size is 5 x 3 (width x height), and {folder / 'cat' / '1.bmp'} has 5 x 4 "
        f"(width x height); make all pictures of one size"
    )


def test_folders_that_are_no_classes(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(DataMissing, match="nothing: there is no such folder"):
        image_folder(tmp_path / "nothing")
    with pytest.raises(DataError, match=r"1.bmp: expected a folder, and this is a file"):
        image_folder(folder / "cat" / "1.bmp")
    with pytest.raises(DataError, match="found no folder in it"):
        image_folder(folder / "cat")
    with pytest.raises(DataError, match=r"own: no pictures .*image_folder\('.*own'\)"):
        image_folder(tmp_path)
    (folder / "bird").mkdir()
    with pytest.raises(
        DataError, match=r"bird: no pictures for this class, i.e. files with one of"
    ):
        image_folder(folder)
    (folder / "bird").rmdir()
    (folder / "dog").rename(tmp_path / "dog")
    with pytest.raises(DataError, match="all pictures are of one class, cat, and there is nothing"):
        image_folder(folder)
    for wrong in (None, 3, ""):
        with pytest.raises((TypeError, ValueError), match="image_folder: expected a file's name"):
            image_folder(wrong)

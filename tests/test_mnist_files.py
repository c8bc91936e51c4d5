"""Finding and downloading files, against a server on this machine and files broken on purpose.

A small file in the same format stands for MNIST's; its hash is computed here, by hashlib.
"""

import gzip
import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch import _mnist
from mytorch._mnist import DataError, DataMissing, MnistFile, read

PIXELS = np.random.default_rng(0).integers(0, 256, (7, 5, 4), np.uint8)
CONTENT = b"\x00\x00\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (7, 5, 4)) + PIXELS.tobytes()
FILE = MnistFile("tiny-images-idx3-ubyte", (7, 5, 4), hashlib.sha256(CONTENT).hexdigest())
PACKED = gzip.compress(CONTENT)


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The three places that are searched, all empty; and no mirror."""
    places = {name: tmp_path / name for name in ("chosen", "checkout", "cache")}
    (places["checkout"] / "data").mkdir(parents=True)
    monkeypatch.setenv("MYTORCH_DATA", str(places["chosen"]))
    monkeypatch.setattr(_mnist, "repository", lambda: places["checkout"])
    monkeypatch.setenv("XDG_CACHE_HOME", str(places["cache"]))
    monkeypatch.setenv("MYTORCH_MIRRORS", "")
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(_mnist, "TIMEOUT", 0.3)
    return {
        "chosen": places["chosen"] / "mnist",
        "checkout": places["checkout"] / "data" / "mnist",
        "cache": places["cache"] / "mytorch" / "mnist",
    }


Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., list[str]]]:
    """Starts a server with one folder for each answer, as mirrors in this order."""
    servers = []

    def start(*answers: Answer) -> list[str]:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                if self.path.startswith("/moved"):
                    good(self)
                else:
                    answers[int(self.path.split("/")[1])](self)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # a client that hung up is no news
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        base = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("MYTORCH_MIRRORS", " ".join(f"{base}/{i}" for i in range(len(answers))))
        return asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def send(request: BaseHTTPRequestHandler, body: bytes, length: int | None = None) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(len(body) if length is None else length))
    request.end_headers()
    request.wfile.write(body)


def good(request: BaseHTTPRequestHandler) -> None:
    send(request, PACKED)


def plain(request: BaseHTTPRequestHandler) -> None:
    send(request, CONTENT)


def half(request: BaseHTTPRequestHandler) -> None:
    send(request, PACKED[: len(PACKED) // 2], len(PACKED))


def half_of_the_content(request: BaseHTTPRequestHandler) -> None:
    send(request, gzip.compress(CONTENT[:100]))


def wrong_bytes(request: BaseHTTPRequestHandler) -> None:
    send(request, gzip.compress(CONTENT[:-1] + b"?"))


def damaged_gzip(request: BaseHTTPRequestHandler) -> None:
    send(request, PACKED[:20] + b"????" + PACKED[24:])


def html(request: BaseHTTPRequestHandler) -> None:
    send(request, b"<html>Please log in to use this network.</html>")


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(100):
        request.wfile.write(b"\x00" * 65_536)


def not_found(request: BaseHTTPRequestHandler) -> None:
    request.send_error(404)


def overloaded(request: BaseHTTPRequestHandler) -> None:
    request.send_error(503)


def redirect(request: BaseHTTPRequestHandler) -> None:
    request.send_response(302)
    request.send_header("Location", "/moved")
    request.end_headers()


def slow(request: BaseHTTPRequestHandler) -> None:
    time.sleep(1)


def trickle(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(len(PACKED)))
    request.end_headers()
    for byte in PACKED[:40]:
        request.wfile.write(bytes([byte]))
        time.sleep(0.05)


def no_http(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"SMTP ready\r\n\r\n")


@pytest.mark.parametrize("place", ["chosen", "checkout", "cache"])
@pytest.mark.parametrize("packed", [True, False])
def test_a_file_is_found_in_each_place(place: str, packed: bool, folders: dict[str, Path]) -> None:
    put(folders[place], packed)
    assert np.array_equal(read(FILE), PIXELS)


def put(folder: Path, packed: bool = True, content: bytes | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (FILE.name + (".gz" if packed else ""))
    path.write_bytes(content if content is not None else PACKED if packed else CONTENT)
    return path


def test_the_chosen_folder_comes_first(folders: dict[str, Path]) -> None:
    put(folders["chosen"])
    put(folders["cache"], content=b"never read")
    assert np.array_equal(read(FILE), PIXELS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is cut short, 0 of 156 bytes"),
        (CONTENT[:60], "it is cut short, 60 of 156 bytes"),
        (PACKED[:60], "it is cut short"),
        (CONTENT + b"more", "it is longer than the 156 bytes expected"),
        (gzip.compress(CONTENT * 1000), "it is longer than the 156 bytes expected"),
        (b"\x01" + CONTENT[1:], "its SHA-256 is"),
        (PACKED[:20] + b"????" + PACKED[24:], "damaged|SHA-256|cut short"),
    ],
)
def test_a_file_that_is_not_it_is_named_with_the_remedy(
    content: bytes, message: str, folders: dict[str, Path]
) -> None:
    path = put(folders["checkout"], content=content)
    with pytest.raises(DataError, match=message) as info:
        read(FILE)
    assert str(path) in str(info.value)
    assert "Delete this file and run again to download it" in str(info.value)
    assert not isinstance(info.value, DataMissing)
    assert path.read_bytes() == content  # nothing is deleted behind the user's back


def test_a_folder_in_place_of_the_file_is_named(folders: dict[str, Path]) -> None:
    (folders["chosen"] / FILE.name).mkdir(parents=True)
    with pytest.raises(DataError, match=f"{FILE.name}: Is a directory"):
        read(FILE)


@pytest.mark.parametrize("answer", [good, plain, redirect])
def test_a_download_is_kept_for_the_next_time(
    answer: Answer, folders: dict[str, Path], mirror: Callable[..., list[str]]
) -> None:
    asked = mirror(answer)
    assert np.array_equal(read(FILE), PIXELS)
    assert asked[0] == f"/0/{FILE.name}.gz"
    count = len(asked)
    assert np.array_equal(read(FILE), PIXELS)
    assert len(asked) == count
    assert gzip.decompress((folders["checkout"] / f"{FILE.name}.gz").read_bytes()) == CONTENT
    assert [path.name for path in folders["checkout"].iterdir()] == [f"{FILE.name}.gz"]


BAD = {
    half: f"it sent {len(PACKED) // 2} of {len(PACKED)} bytes",
    trickle: r"it sent only \d+ bytes in 0 seconds",
    half_of_the_content: "it is cut short, 100 of 156 bytes",
    wrong_bytes: "its SHA-256 is",
    damaged_gzip: "damaged|SHA-256|cut short",
    html: f"this is not {FILE.name}",
    endless: "it sent more than 1,000,156 bytes",
    not_found: "the server answered 404 Not Found",
    overloaded: "the server answered 503 Service Unavailable",
    slow: "no answer within 0.3 seconds",
    no_http: "SMTP ready",
}


@pytest.mark.parametrize("answer", BAD)
def test_after_a_bad_mirror_the_next_is_tried(
    answer: Answer, mirror: Callable[..., list[str]]
) -> None:
    asked = mirror(answer, good)
    assert np.array_equal(read(FILE), PIXELS)
    assert [path.split("/")[1] for path in asked] == ["0", "1"]


@pytest.mark.parametrize("answer", BAD)
def test_without_a_good_mirror_the_message_says_what_was_tried(
    answer: Answer, folders: dict[str, Path], mirror: Callable[..., list[str]]
) -> None:
    mirror(answer, not_found)
    with pytest.raises(DataMissing, match=BAD[answer]) as info:
        read(FILE)
    message = str(info.value)
    assert f"MNIST's {FILE.name} is not on this machine\nand could not be downloaded:" in message
    assert "/1: the server answered 404 Not Found\n" in message
    assert f"Put the four files into {folders['checkout']}:\n" in message
    assert all(f"  {file.name}.gz\n" in message for file in _mnist.FILES)
    assert "or set MYTORCH_DATA to a folder" in message
    assert not folders["checkout"].exists()  # and nothing half written stays


def test_a_mirror_that_refuses_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    monkeypatch.setenv("MYTORCH_MIRRORS", f"http://127.0.0.1:{port} nonsense")
    with pytest.raises(DataMissing, match="Connection refused") as info:
        read(FILE)
    assert "  nonsense: unknown url type" in str(info.value)


def test_no_mirror_at_all() -> None:
    with pytest.raises(DataMissing, match="MYTORCH_MIRRORS names no mirror"):
        read(FILE)


def test_a_checkout_that_cannot_be_written_leaves_the_cache(
    folders: dict[str, Path], mirror: Callable[..., list[str]]
) -> None:
    folders["checkout"].write_bytes(b"a file where the folder should be")
    mirror(good)
    assert np.array_equal(read(FILE), PIXELS)
    assert (folders["cache"] / f"{FILE.name}.gz").exists()


def test_no_place_to_keep_it_does_not_stop_the_download(
    folders: dict[str, Path], mirror: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folders["checkout"].write_bytes(b"")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "")
    mirror(good)
    assert np.array_equal(read(FILE), PIXELS)


def test_the_real_mirrors_are_several() -> None:
    assert len(_mnist.MIRRORS) >= 2
    assert all(url.startswith(("https://", "http://")) for url in _mnist.MIRRORS)

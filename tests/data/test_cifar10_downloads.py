"""Downloading CIFAR-10's archive from servers on this machine that break, lie or are slow."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch.datasets import DataMissing, cifar10
from mytorch.system import download
from mytorch.system.download import DownloadError
from mytorch.system.resuming import fetch_file
from tests.support import cifar10 as standin
from tests.support.standins import visible
from tests.support.waiting import LIMIT

Request = BaseHTTPRequestHandler
Answer = Callable[[Request], None]
WHOLE = standin.ARCHIVE
SIZE = len(WHOLE)
NOISE = np.random.default_rng(3).bytes(SIZE)
over = threading.Event()


def start_of(request: Request) -> int:
    """The byte from which a request asks for the file, by the header of RFC 9110."""
    return int(request.headers.get("Range", "bytes=0-")[len("bytes=") : -1])


def send(request: Request, body: bytes, length: int | None = None, ranges: bool = True) -> None:
    """A file, or the part of it that is asked for, and perhaps less than is announced."""
    start = start_of(request) if ranges else 0
    request.send_response(206 if start else 200)
    if start:
        request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
    request.send_header("Content-Length", str(len(body) - start))
    request.end_headers()
    request.wfile.write(body[start:][:length])


def good(request: Request) -> None:
    send(request, WHOLE)


def no_ranges(request: Request) -> None:
    send(request, WHOLE, ranges=False)


def hangs_up(request: Request) -> None:
    """After 100,000 bytes more, each time."""
    send(request, WHOLE, 100_000)


def hangs_up_without_ranges(request: Request) -> None:
    send(request, WHOLE, 100_000, ranges=False)


def noise(request: Request) -> None:
    send(request, NOISE)


def begins_with_noise(request: Request) -> None:
    send(request, NOISE, 100_000)


def other_size(request: Request) -> None:
    send(request, WHOLE[:1000])


def endless(request: Request) -> None:
    request.send_response(200)
    request.end_headers()
    while not over.wait(0.001):
        request.wfile.write(NOISE[:65_536])


def another_part(request: Request) -> None:
    """Claims to send a part, and sends the beginning."""
    request.send_response(206)
    request.send_header("Content-Range", f"bytes 0-{SIZE - 1}/{SIZE}")
    request.end_headers()
    request.wfile.write(WHOLE)


def web_page(request: Request) -> None:
    send(request, b"\n<!DOCTYPE html><html>Please log in.</html>")


def not_found(request: Request) -> None:
    request.send_error(404)


def silent(request: Request) -> None:
    """Sends what is before byte 50,000."""
    send(request, WHOLE, max(0, 50_000 - start_of(request)))
    request.wfile.flush()
    over.wait(LIMIT)


Servers = Callable[..., list[tuple[int, int]]]
"""Starts a server for each answer, as mirrors in this order; what they are asked for: which of
them, and the byte to begin at."""


@pytest.fixture
def servers(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    standin.install(monkeypatch.setattr)
    started: list[ThreadingHTTPServer] = []

    def start(*answers: Answer) -> list[tuple[int, int]]:
        asked: list[tuple[int, int]] = []
        new = [serving(answer, number, asked) for number, answer in enumerate(answers)]
        started.extend(new)
        addresses = [f"http://127.0.0.1:{server.server_port}/it/" for server in new]
        monkeypatch.setenv("MYTORCH_MIRRORS", " ".join(addresses))
        return asked

    over.clear()
    yield start
    over.set()
    for server in started:
        server.shutdown()
        server.server_close()


def serving(answer: Answer, number: int, asked: list[tuple[int, int]]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == f"/it/{cifar10.ARCHIVE}"
            asked.append((number, start_of(self)))
            answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a client that hung up is no news
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


@pytest.fixture
def place(folders: dict[str, Path]) -> Path:
    """The folder where a download is kept."""
    return folders["checkout"].parent / "cifar10"


def is_whole(place: Path) -> None:
    data = cifar10.read()
    assert np.array_equal(np.concatenate([data.images, data.test_images]), standin.IMAGES)
    assert (place / cifar10.ARCHIVE).read_bytes() == WHOLE
    assert visible(place) == [cifar10.ARCHIVE]


@pytest.mark.parametrize("answer", [good, no_ranges])
def test_it_is_kept_for_the_next_time(answer: Answer, servers: Servers, place: Path) -> None:
    asked = servers(answer)
    is_whole(place)
    assert asked == [(0, 0)]
    is_whole(place)
    assert len(asked) == 1


def test_a_broken_connection_is_taken_up_where_it_broke(servers: Servers, place: Path) -> None:
    asked = servers(hangs_up)
    is_whole(place)
    assert asked == [(0, start) for start in range(0, SIZE, 100_000)]
    assert len(asked) == 3


def test_another_mirror_goes_on_where_the_first_broke(servers: Servers, place: Path) -> None:
    asked = servers(hangs_up_without_ranges, good)
    is_whole(place)
    assert asked == [(0, 0), (0, 100_000), (1, 100_000)]


def test_the_next_run_goes_on_where_the_last_one_ended(
    servers: Servers, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers(silent)
    monkeypatch.setattr(download, "TIMEOUT", 0.2)
    with pytest.raises(
        DataMissing, match=r"50,000 of 2.* bytes have come; the next run goes on"
    ) as info:
        cifar10.read()
    assert "no answer within 0." in str(info.value)
    assert visible(place) == [f".{cifar10.ARCHIVE}.partial"]
    monkeypatch.setattr(download, "TIMEOUT", LIMIT)
    asked = servers(good)
    is_whole(place)
    assert asked == [(0, 50_000)]


@pytest.mark.parametrize("answer", [begins_with_noise, noise])
def test_a_wrong_beginning_does_not_spoil_the_rest(
    answer: Answer, servers: Servers, place: Path
) -> None:
    """The second mirror's rest does not fit to it; then all is taken from there."""
    asked = servers(answer, good)
    is_whole(place)
    assert asked[-1] == (1, 0)


LIES: dict[Answer, str] = {
    noise: r"its SHA-256 is \w{12}..., not \w{12}..., so it is damaged, or another file",
    other_size: r"it sent 1,000 of 2\d\d,\d\d\d bytes|416",
    endless: r"it sent more than 2\d\d,\d\d\d bytes",
    web_page: "it sent a web page or the like",
    not_found: "the server answered 404 Not Found",
}


@pytest.mark.parametrize("answer", LIES, ids=lambda answer: answer.__name__)
def test_a_server_that_lies(answer: Answer, servers: Servers, place: Path) -> None:
    asked = servers(answer)
    with pytest.raises(DataMissing, match=LIES[answer]) as info:
        cifar10.read()
    assert len(asked) <= 3  # nobody asks a liar for ever
    assert not (place / cifar10.ARCHIVE).exists()
    assert str(info.value).splitlines()[2].startswith("  http://127.0.0.1:")
    servers(answer, good)
    is_whole(place)


def test_another_part_than_asked_for(servers: Servers, place: Path) -> None:
    place.mkdir(parents=True)
    (place / f".{cifar10.ARCHIVE}.partial").write_bytes(WHOLE[:1000])
    servers(another_part)
    with pytest.raises(DataMissing, match="it sent another part than from byte 1,000 on"):
        cifar10.read()
    servers(another_part, good)
    is_whole(place)


def test_two_processes_do_not_write_one_file(servers: Servers, tmp_path: Path) -> None:
    """The second hears that the first is at it."""
    import fcntl

    servers(good)
    with open(tmp_path / ".it.partial", "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(DownloadError, match="another process is downloading it"):
            fetch_file("http://127.0.0.1/", tmp_path / "it", 3, "", "it")


def test_a_folder_that_cannot_be_written(servers: Servers, folders: dict[str, Path]) -> None:
    place = folders["checkout"].parent / "cifar10"
    place.write_bytes(b"a file where the folder should be")
    servers(good)
    is_whole(folders["cache"].parent / "cifar10")

"""A web server on this machine that answers well, badly, slowly or for ever."""

import gzip
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from mytorch.datasets import idx_set
from mytorch.system import download
from mytorch.system.download import fetch
from tests.support.standins import CONTENT, NAMES, PACKED
from tests.support.waiting import LIMIT

Request = BaseHTTPRequestHandler
Answer = Callable[[Request], None]
Mirror = Callable[..., list[str]]
"""Starts servers that answer as told, as mirrors in this order; returns the paths asked for."""


over = threading.Event()
"""Set when the test is over, for answers that have no end of their own."""


def name_of(request: Request) -> str:
    return request.path.rpartition("/")[2].removesuffix(".gz")


def packed(request: Request) -> bytes:
    return PACKED[name_of(request)]


def content(request: Request) -> bytes:
    return CONTENT[name_of(request)]


def send(request: Request, body: bytes, length: object = None) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(len(body) if length is None else length))
    request.end_headers()
    request.wfile.write(body)


def chunked(request: Request) -> None:
    request.protocol_version = "HTTP/1.1"
    request.send_response(200)
    request.send_header("Transfer-Encoding", "chunked")
    request.end_headers()


def good(request: Request) -> None:
    send(request, packed(request))


def plain(request: Request) -> None:
    send(request, content(request))


def without_length(request: Request) -> None:
    request.send_response(200)
    request.end_headers()
    request.wfile.write(packed(request))


def in_chunks(request: Request) -> None:
    chunked(request)
    for byte in packed(request):
        request.wfile.write(b"1\r\n%c\r\n" % byte)
    request.wfile.write(b"0\r\n\r\n")


def half(request: Request) -> None:
    send(request, packed(request)[:40], len(packed(request)))


def half_without_length(request: Request) -> None:
    request.send_response(200)
    request.end_headers()
    request.wfile.write(packed(request)[:-1])  # all of the data, and not all of the checksum


def half_in_chunks(request: Request) -> None:
    chunked(request)
    request.wfile.write(b"ff\r\nonly this")


def half_of_the_content(request: Request) -> None:
    send(request, gzip.compress(content(request)[:-1]))


def nothing(request: Request) -> None:
    send(request, b"")


def hung_up(request: Request) -> None:
    request.close_connection = True


def wrong_bytes(request: Request) -> None:
    body = content(request)
    send(request, gzip.compress(body[:-1] + bytes([body[-1] ^ 1])))


def another_file(request: Request) -> None:
    send(request, PACKED[NAMES[NAMES.index(name_of(request)) - 1]])


def damaged_gzip(request: Request) -> None:
    body = packed(request)
    send(request, body[:-6] + bytes([body[-6] ^ 4]) + body[-5:])  # in its checksum


def html(request: Request) -> None:
    send(request, b"\n<!DOCTYPE html><html>Please log in to use this network.</html>")


def endless(request: Request) -> None:
    request.send_response(200)
    request.end_headers()
    while not over.wait(0.001):  # as long as the client doesn't hang up
        request.wfile.write(b"\x00" * 65_536)


def absurd_length(request: Request) -> None:
    send(request, packed(request), "9" * 6000)


def no_number_as_length(request: Request) -> None:
    send(request, packed(request)[:-20], "many")


def not_found(request: Request) -> None:
    request.send_error(404)


def overloaded(request: Request) -> None:
    request.send_error(503)


def rude(request: Request) -> None:
    request.send_response(500, "\x1b[31mred\x07 " + "x" * 5000)
    request.end_headers()


def to(request: Request, place: str, code: int = 302) -> None:
    request.send_response(code)
    request.send_header("Location", place)
    request.end_headers()


def moved(request: Request) -> None:
    to(request, f"/good/{name_of(request)}.gz", 301)


def in_circles(request: Request) -> None:
    to(request, request.path)


def further_and_further(request: Request) -> None:
    to(request, f"{request.path}?x")


def to_a_file(request: Request) -> None:
    to(request, "file:///etc/hostname")


def to_nowhere(request: Request) -> None:
    request.send_response(302)
    request.end_headers()


def no_http(request: Request) -> None:
    request.wfile.write(b"SMTP ready\r\n\r\n")


def slow(request: Request) -> None:
    over.wait(LIMIT)


def stops_half_way(request: Request) -> None:
    half(request)
    request.wfile.flush()
    over.wait(LIMIT)


def trickle(request: Request) -> None:
    """Byte by byte, each in good time for a socket's time-out."""
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    drip(request, b"\x1f")


def trickling_headers(request: Request) -> None:
    request.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
    drip(request, b"x")


def trickling_chunk_size(request: Request) -> None:
    chunked(request)
    drip(request, b"0")


def drip(request: Request, byte: bytes) -> None:
    """For a minute, which no client is to wait for."""
    for _ in range(3000):
        request.wfile.write(byte)
        if over.wait(0.02):
            return


SLOW: dict[Answer, tuple[float, float]] = {
    slow: (0.1, 3),
    stops_half_way: (0.1, 3),
    trickle: (0.3, 3),
    trickling_headers: (60, 0.005),  # so that it is not a byte that comes too late
    trickling_chunk_size: (60, 0.005),
}
"""For these, download.TIMEOUT and PATIENCE; all others are waited for."""


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """Each answer has a server, and so a port, of its own; `/good/` is right on all of them."""
    servers: list[ThreadingHTTPServer] = []

    def start(*answers: Answer) -> list[str]:
        asked: list[str] = []
        addresses = []
        for number, answer in enumerate(answers):
            server = serving(answer, number, asked)
            servers.append(server)
            addresses.append(f"http://127.0.0.1:{server.server_port}/{number}")
        monkeypatch.setenv("MYTORCH_MIRRORS", " ".join(addresses))

        def impatient(url: str, *rest: Any) -> bytes:
            answer = answers[int(urlsplit(url).path.split("/")[1])]
            seconds, times = SLOW.get(answer, (LIMIT, 3))
            monkeypatch.setattr(download, "TIMEOUT", seconds)
            monkeypatch.setattr(download, "PATIENCE", times)
            return fetch(url, *rest)

        monkeypatch.setattr(idx_set, "fetch", impatient)
        return asked

    over.clear()
    yield start
    over.set()
    for server in servers:
        server.shutdown()
        server.server_close()


def serving(answer: Answer, number: int, asked: list[str]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            (good if self.path.startswith("/good/") else answer)(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a client that hung up is no news
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server

"""Bytes from a server that may be slow, wrong or gone."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, NamedTuple

from mytorch.system.progress import Bar, progress_bar

TIMEOUT = 10.0  # seconds without a byte, after which a server is given up
PATIENCE = 3  # times TIMEOUT for the name, the connection, the redirects and the headers together
SLOWEST = 5_000  # bytes a second


class DownloadError(RuntimeError):
    """A download failed; the message says why in a few words, in one line."""


class Head(NamedTuple):
    """How an answer begins."""

    start: int  # the place in the file of the first byte that comes
    length: int  # how many bytes were announced, 0 for not at all


Arrival = Head | bytes | Exception
"""The beginning of an answer, then its pieces, an empty one at the end; or what failed."""


def fetch(url: str, limit: int, what: str) -> bytes:
    """The bytes behind `url`, never more than `limit`, with a progress bar named `what`.

    Raises DownloadError for everything that can go wrong, an answer that comes too slowly included.
    """
    return b"".join(piece for _, piece in received(url, limit, what))


def received(url: str, limit: int, what: str, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """The pieces of the file behind `url` with their places in it, up to `limit` bytes in all.

    They are asked for from byte `start` on; where a server sends the whole file all the same, the
    first place is 0. Raises as `fetch` does.

    A thread talks to the server, because a socket's time-out starts anew with every byte: a server
    that sends its headers byte by byte would hold whoever waits for the socket for hours.
    """
    arrivals: SimpleQueue[Arrival] = SimpleQueue()
    given_up = Event()
    Thread(target=_receive, args=(url, start, arrivals, given_up), daemon=True).start()
    try:
        yield from _collect(arrivals, limit, what)
    except Empty:
        raise DownloadError(_silence(PATIENCE * TIMEOUT)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DownloadError(_reason(error)) from error
    finally:
        given_up.set()


def _receive(url: str, start: int, arrivals: SimpleQueue[Arrival], given_up: Event) -> None:
    """Puts the answer into the queue as it arrives; stops when nobody wants it any more."""
    try:
        headers = {"Range": f"bytes={start}-"} if start else {}
        request = urllib.request.Request(url, headers=headers)
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            length = response.headers.get("Content-Length") or ""
            announced = int(length) if length.isdecimal() and len(length) < 20 else 0
            place = 0
            if response.status == 206:  # a part
                content_range = response.headers.get("Content-Range") or ""
                if not content_range.startswith(f"bytes {start}-"):
                    raise ValueError(f"it sent another part than from byte {start:,} on")
                place = start
            arrivals.put(Head(place, announced))
            while (chunk := response.read1(65_536)) and not given_up.is_set():
                arrivals.put(chunk)
        arrivals.put(b"")
    except Exception as error:  # it belongs to whoever waits for the answer
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        arrivals.put(error)


def _collect(arrivals: SimpleQueue[Arrival], limit: int, what: str) -> Iterator[tuple[int, bytes]]:
    """The pieces of a server that keeps its word and is not too slow."""

    def next_arrival() -> Any:
        arrival = arrivals.get(timeout=PATIENCE * TIMEOUT)
        if isinstance(arrival, Exception):
            raise arrival
        return arrival

    start, length = next_arrival()
    bar: Bar
    with progress_bar(start + length if length else 0, what, "B", True, start) as bar:
        count = 0
        started = time.monotonic()
        while chunk := next_arrival():
            place = start + count
            count += len(chunk)
            bar.update(len(chunk))
            if start + count > limit:
                raise DownloadError(f"it sent more than {limit:,} bytes")
            yield place, chunk
            elapsed = time.monotonic() - started
            if elapsed > TIMEOUT and count < SLOWEST * elapsed:
                raise DownloadError(f"it sent only {count:,} bytes in {elapsed:.0f} seconds")
    if count < length:
        raise DownloadError(f"it sent {count:,} of {length:,} bytes")


def _silence(seconds: float) -> str:
    return f"no answer within {seconds:g} seconds"


def _reason(error: Exception) -> str:
    """An exception in a few words."""
    if isinstance(error, urllib.error.HTTPError):
        if "infinite loop" in str(error.reason):
            return f"it redirects without end ({error.code})"
        return _line(f"the server answered {error.code} {error.reason}")
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, Exception):
        return _reason(error.reason)
    if isinstance(error, TimeoutError):
        return _silence(TIMEOUT)
    if isinstance(error, http.client.IncompleteRead):
        return "it hung up before the end"
    if isinstance(error, http.client.BadStatusLine) and not isinstance(error, ConnectionError):
        return _line(f"what answers there is no web server: {error}")
    if isinstance(error, OSError) and error.strerror:
        return _line(error.strerror)
    return _line(str(error)) or type(error).__name__


def _line(text: str) -> str:
    """`text` in one line of reasonable length: a server's words are shown on a terminal."""
    words = "".join(letter if letter.isprintable() else " " for letter in text).split()
    return " ".join(words)[:200]

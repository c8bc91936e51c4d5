"""Downloading MNIST from a server on this machine: what comes, what is kept, what is said."""

import gzip
import os
import re
import socket
import threading
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from mytorch.datasets import mnist as mnist_files
from mytorch.datasets.mnist import read
from mytorch.system.download import DownloadError, fetch
from mytorch.system.errors import DataMissing
from tests.support import mirrors as answer
from tests.support.mirrors import Answer, Mirror, Request
from tests.support.standins import ARRAYS, CONTENT, FILES, NAMES, PACKED, visible

NAME = NAMES[0]
FILE = FILES[NAME]
pytestmark = pytest.mark.usefixtures("folders")

GOOD = (
    answer.good,
    answer.plain,
    answer.moved,
    answer.without_length,
    answer.in_chunks,
    answer.absurd_length,
)

BAD = {
    answer.half: r"it sent 40 of \d+ bytes",
    answer.half_without_length: "the gzip file is cut short",
    answer.half_in_chunks: "it hung up before the end",
    answer.half_of_the_content: "it is cut short, 168 of 169 bytes",
    answer.nothing: "it is empty",
    answer.hung_up: "Remote end closed connection without response",
    answer.wrong_bytes: "its SHA-256 is",
    answer.another_file: "it begins as t10k-labels-idx1-ubyte does and may be that file",
    answer.damaged_gzip: r"the gzip file is damaged \(incorrect data check\)",
    answer.html: f"this is not {NAME}: it is a web page or the like",
    answer.endless: "it sent more than 1,000,169 bytes",
    answer.no_number_as_length: "it is cut short, 157 of 169 bytes",
    answer.not_found: "the server answered 404 Not Found",
    answer.overloaded: "the server answered 503 Service Unavailable",
    answer.rude: r"the server answered 500 \[31mred x{100,200}$",
    answer.in_circles: r"it redirects without end \(302\)",
    answer.further_and_further: r"it redirects without end \(302\)",
    answer.to_a_file: "the server answered 302 Found - Redirection to url 'file:.* is not allowed",
    answer.to_nowhere: "the server answered 302 Found",
    answer.no_http: "what answers there is no web server: SMTP ready",
    # 0.3 where a busy machine takes so long over the connection
    answer.slow: "no answer within 0.[13] seconds",
    answer.stops_half_way: "no answer within 0.[13] seconds",
    # or where a busy machine sends no byte in time
    answer.trickle: r"it sent only \d+ bytes in \d+ seconds|no answer within 0.3 seconds",
    answer.trickling_headers: "no answer within 0.3 seconds",
    answer.trickling_chunk_size: "no answer within 0.3 seconds",
}


def names(answers: Iterable[Answer]) -> list[str]:
    return [each.__name__ for each in answers]


@pytest.mark.parametrize("right", GOOD, ids=names(GOOD))
def test_a_download_is_kept_for_the_next_time(
    right: Answer, folders: dict[str, Path], mirror: Mirror
) -> None:
    asked = mirror(right)
    for name in NAMES:
        assert np.array_equal(read(FILES[name]), ARRAYS[name])
    assert asked[0] == f"/0/{NAME}.gz"
    count = len(asked)
    for name in NAMES:
        assert np.array_equal(read(FILES[name]), ARRAYS[name])
        kept = folders["checkout"] / f"{name}.gz"
        assert gzip.decompress(kept.read_bytes()) == CONTENT[name]
    assert len(asked) == count
    assert visible(folders["checkout"]) == sorted(f"{name}.gz" for name in NAMES)


@pytest.mark.parametrize("bad", BAD, ids=names(BAD))
def test_after_a_bad_mirror_the_next_is_tried(
    bad: Answer, folders: dict[str, Path], mirror: Mirror
) -> None:
    asked = mirror(bad, answer.good)
    assert np.array_equal(read(FILE), ARRAYS[NAME])
    assert asked[0].split("/")[1] == "0"
    assert asked[-1] == f"/1/{NAME}.gz"
    assert (folders["checkout"] / f"{NAME}.gz").read_bytes() == PACKED[NAME]


@pytest.mark.parametrize("bad", BAD, ids=names(BAD))
def test_without_a_good_mirror_the_message_says_what_was_tried(
    bad: Answer, folders: dict[str, Path], mirror: Mirror
) -> None:
    mirror(bad, answer.not_found)
    with pytest.raises(DataMissing) as info:
        read(FILE)
    head, missing, first, second, *rest = str(info.value).splitlines()
    assert head == f"MNIST's {NAME} is not on this machine"
    assert missing == "and could not be downloaded:"
    assert re.match(r"  http://127.0.0.1:\d+/0: .", first)
    assert re.search(BAD[bad], first)
    assert re.fullmatch(r"  http://127.0.0.1:\d+/1: the server answered 404 Not Found", second)
    assert rest == [
        f"Put the four files into {folders['checkout']}:",
        *(f"  {name}.gz" for name in NAMES),
        "or set MYTORCH_DATA to a folder that has them in its subfolder mnist "
        f"(now it is {folders['chosen'].parent}).",
    ]
    assert visible(folders["checkout"]) == []  # and nothing half written stays


def test_a_redirect_to_another_server_is_followed(folders: dict[str, Path], mirror: Mirror) -> None:
    def elsewhere(request: Request) -> None:
        answer.to(request, f"{other}/good/{NAME}.gz", 307)

    asked_there = mirror(answer.not_found)
    other = os.environ["MYTORCH_MIRRORS"].removesuffix("/0")
    mirror(elsewhere)
    assert np.array_equal(read(FILE), ARRAYS[NAME])
    assert asked_there == [f"/good/{NAME}.gz"]
    assert (folders["checkout"] / f"{NAME}.gz").read_bytes() == PACKED[NAME]


def test_mirrors_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    places = f"http://127.0.0.1:{port} nonsense http://127.0.0.1:port http://[::1 http:// file:///x"
    monkeypatch.setenv("MYTORCH_MIRRORS", places)
    with pytest.raises(DataMissing, match="Connection refused") as info:
        read(FILE)
    message = str(info.value)
    assert "  nonsense: unknown url type" in message
    assert "  http://127.0.0.1:port: nonnumeric port: 'port'" in message
    assert all(f"  {place}: " in message for place in places.split())


def test_no_mirror_at_all() -> None:
    with pytest.raises(DataMissing, match="MYTORCH_MIRRORS names no mirror"):
        read(FILE)


def test_the_real_mirrors_are_several() -> None:
    assert len(mnist_files.SET.mirrors) >= 2
    assert all(url.startswith(("https://", "http://")) for url in mnist_files.SET.mirrors)


def test_who_gives_up_leaves_no_thread_at_work(mirror: Mirror) -> None:
    """The one that reads from an endless answer ends too, and not with the answer."""
    mirror(answer.endless)
    before = {thread.ident for thread in threading.enumerate()}
    with pytest.raises(DownloadError, match="it sent more than 1,000 bytes"):
        fetch(f"{os.environ['MYTORCH_MIRRORS']}/{NAME}.gz", 1000, NAME)
    for thread in threading.enumerate():
        if thread.ident not in before and thread.name.endswith("(_receive)"):
            thread.join(60)
            assert not thread.is_alive()

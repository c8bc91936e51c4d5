"""The sandbox on the command line, and the graph that it draws."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch.graph import Graph, graph_of, to_dot
from mytorch.tensor import Tensor
from tests.conftest import ROOT
from tests.support.terminal import columns
from tests.support.waiting import LIMIT
from tests.walkthrough.library import LIBRARY
from tests.walkthrough.sections import SECTIONS
from tests.walkthrough.session import network_values, of_library

SANDBOX = ROOT / "sandbox.py"
PNG = b"\x89PNG\r\n\x1a\n"


def test_the_whole_run_fits_the_screen_and_has_no_mismatch(python: Callable[..., Any]) -> None:
    result = python(SANDBOX)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[-1].endswith(" errata of the pages, 0 mismatches")
    assert max(map(columns, lines)) <= 80
    assert "\033" not in result.stdout
    assert "      page: 588; right: -588. Why: 147 * -4 is -588: the minus was lost" in lines


def test_one_section(python: Callable[..., Any]) -> None:
    result = python(SANDBOX, "--section", "2.3.1")
    assert result.stdout.count("2.3.1  ") == 4
    assert "6 checks: 5 match, 1 erratum of the pages, 0 mismatches" in result.stdout
    result = python(SANDBOX, "--section", "7")
    assert result.returncode == 2
    assert "there is no section '7'; there are 2.1.1" in result.stderr


def test_json_is_a_list_of_checks_and_nothing_else(python: Callable[..., Any]) -> None:
    result = python(SANDBOX, "--json")
    checks = json.loads(result.stdout, parse_constant=pytest.fail)
    assert result.stderr == ""
    keys = ["section", "name", "shape", "printed", "computed", "status", "reason"]
    assert all(list(check) == keys for check in checks)
    assert {check["status"] for check in checks} == {"match", "erratum"}
    assert all(check["reason"] for check in checks if check["status"] == "erratum")
    one = next(c for c in checks if (c["section"], c["name"]) == ("3.5", "gradW3"))
    assert one["printed"] == [[-21032, -352], [-29397, -492], [-35133, 588]]
    assert one["computed"] == [[-21032, -352], [-29397, -492], [-35133, -588]]
    assert one["shape"] == [3, 2]
    loss = next(c for c in checks if c["name"] == "L for one-hot D")
    assert (loss["printed"], loss["computed"]) == ("-log log Y_c", "-log Y_c")


def test_the_list_names_every_section(python: Callable[..., Any]) -> None:
    result = python(SANDBOX, "--list")
    assert result.returncode == 0
    assert "3.5      Backward through the complete MLP, one input" in result.stdout
    assert "gradW3, gradY2, " in result.stdout
    assert max(map(columns, result.stdout.splitlines())) <= 80


def stepped(keys: str, *options: str) -> str:
    result = subprocess.run(
        [sys.executable, SANDBOX, "--step", *options],
        input=keys, capture_output=True, text=True, timeout=LIMIT, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_stepping_shows_the_formula_the_numbers_and_the_page() -> None:
    shown = stepped("\n\nq\n", "--section", "3.5")
    assert "[3 of 18]" in shown
    assert "[4 of 18]" not in shown
    for line in (
        "formula   Y2.T @ gradY3lin / len(Y2)",
        "numbers   [[88, 123, 147]].T @ [[-239, -4]] / len([[88, 123, 147]])",
        "gradY3lin shape (1, 2)",
        "page      [[-21032, -352], [-29397, -492], [-35133, 588]]",
        "verdict   ERRATUM",
    ):
        assert line in shown.splitlines()
    everything = stepped("\n" * 500)
    assert max(map(columns, everything.splitlines())) <= 80


def screens(shown: str) -> list[list[str]]:
    """What stands on the screen at each question, which is its last row."""
    pages, lines = [], []
    for line in shown.splitlines():
        lines.append(line)
        if re.match(r"\[\d+ of \d+.*\] Enter: next, b: back, q: quit ", line):
            pages.append(lines)
            lines = []
    return pages


def test_no_screen_is_longer_than_a_terminal() -> None:
    pages = screens(stepped("\n" * 1000))
    assert max(map(len, pages)) <= 24
    assert len(pages) > 336
    numbers = [int(page[-1].split()[0][1:]) for page in pages]
    assert sorted(set(numbers)) == list(range(1, 337))
    long = next(i for i, page in enumerate(pages) if "page 2 of" in page[-1])
    assert pages[long][0] == pages[long - 1][0], "the title stands on both"


@pytest.mark.slow
def test_stepping_goes_back() -> None:
    """A letter for each answer: n for Enter."""
    for answers, numbers in (
        ("nnbnq", [1, 2, 3, 2, 3]),
        ("bbnq", [1, 1, 1, 2]),
        ("nnnnbq", [1, 2, 3, 4, 5, 4]),
        ("nnnnnnn", [1, 2, 3, 4, 5]),
    ):
        keys = "".join("\n" if answer == "n" else f"{answer}\n" for answer in answers)
        pages = screens(stepped(keys, "--section", "2.1.1"))
        assert [int(page[-1].split()[0][1:]) for page in pages] == numbers
    pages = screens(stepped("\n" * 12 + "b\n" * 50 + "q\n", "--section", "3"))
    assert pages[-1][:-1] == pages[0][:-1]


def test_stepping_ends_with_its_input() -> None:
    assert "[1 of 5]" in stepped("", "--section", "2.1.1")
    assert "[2 of 5]" not in stepped("", "--section", "2.1.1")


def on_a_terminal(**environment: str) -> str:
    """What the sandbox writes to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, SANDBOX, "--section", "2.1.1"],
        stdout=theirs,
        env={**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, **environment},
    ):
        os.close(theirs)
        shown = b""
        try:
            while data := os.read(ours, 4096):
                shown += data
        except OSError:  # Linux says so when the other end is closed
            pass
    os.close(ours)
    return shown.decode()


def test_colours_on_a_terminal_only_and_not_with_no_color() -> None:
    assert "\033[33mERRATUM\033[0m" in on_a_terminal()
    assert "\033" not in on_a_terminal(NO_COLOR="1")


@pytest.mark.slow
def test_options_that_do_not_go_together_or_do_not_exist(python: Callable[..., Any]) -> None:
    assert "not allowed with argument" in python(SANDBOX, "--json", "--step").stderr
    assert "unrecognized arguments: --jsno" in python(SANDBOX, "--jsno").stderr
    for text in ("-1", "3s", "1e10", "nan"):
        assert "positive number of seconds" in python(SANDBOX, "--timeout", text).stderr
    assert (
        "--errata and --path do not go together" in python(SANDBOX, "--errata", "--path=x").stderr
    )
    assert "--path: expected a value" in python(SANDBOX, "--path=").stderr
    help_text = python(SANDBOX, "--help").stdout
    assert max(map(len, help_text.splitlines())) <= 80


def test_an_interrupt_is_no_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, SANDBOX, "--step"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=LIMIT)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "sandbox.py: interrupted"
    assert "Traceback" not in errors


@pytest.mark.slow
def test_the_networks_and_the_graph_as_pictures(python: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "new folder"
    result = python(SANDBOX, "--plot", folder, "--json")
    assert result.returncode == 0, result.stderr
    json.loads(result.stdout)
    pictures = {path.name for path in folder.iterdir()}
    sections = ("2.1.3", "2.2.3", "3.5", "3.6", "3.7_one_input", "3.7_batch", "4.1", "4.1_softmax")
    assert pictures == {
        *(f"network_{name}.png" for name in (*sections, "4.2", "4.3")),
        "worked_example.png",
    }
    assert all(path.read_bytes()[:8] == PNG for path in folder.iterdir())
    (tmp_path / "file").write_text("")
    result = python(SANDBOX, "--section", "3.5", "--plot", tmp_path / "file")
    assert result.returncode == 2
    assert result.stdout == ""
    assert "file:Fileexists" in "".join(result.stderr.split())  # however long the path is
    result = python(SANDBOX, "--section", "3.4", "--plot", folder)
    assert "no network to draw" in result.stderr


def test_a_picture_shows_the_values_of_its_own_section() -> None:
    values = network_values(of_library(list(SECTIONS), LIBRARY))
    assert values["4.3"]["X"].tolist() == [[10, 14]]
    assert values["4.3"]["Y1lin"].tolist() == [[110, 76, 50]]
    assert "gradY2lin" not in values["4.3"]
    assert values["4.2"]["X"].shape == (3, 2)
    assert values["4.2"]["gradY1lin"].shape == values["4.2"]["Y1bn"].shape == (3, 3)
    assert values["3.7 batch"]["W3"].shape == (3, 2)


def test_the_graph_as_dot(python: Callable[..., Any]) -> None:
    result = python(SANDBOX, "--dot")
    assert result.stdout.startswith("digraph {\n")
    assert '[label="d = Add"];' in result.stdout
    assert '[label="b"];' in result.stdout
    assert '[label="3"];' in result.stdout
    assert result.stdout.count("->") == 8


def test_a_graph_has_each_node_once() -> None:
    x, w = Tensor(2.0, requires_grad=True), Tensor(3.0)
    square = x * x
    out = square * w + square
    graph = graph_of(out, {"x": x, "square": square})
    assert graph == Graph(
        ["Add", "Mul", "square = Mul", "constant", "x"],
        [(0, 1), (0, 2), (1, 2), (1, 3), (2, 4), (2, 4)],
    )
    assert to_dot(graph).splitlines()[-2:] == ["  n2 -> n4;", "}"]


def test_without_a_graph_there_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="no graph leads to this tensor"):
        graph_of(Tensor(np.ones(2)))
    x = Tensor(1.0, requires_grad=True)
    y = x * 2
    y.backward()
    with pytest.raises(ValueError, match="look at it before backward"):
        graph_of(y)

"""What the READMEs say is true: their scripts run, their links, files and options exist."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.mutants import PAIRS, mutants
from tests.conftest import ROOT

PLACES = ("mytorch", "hw1", "data", "tests")
PAGES = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in [ROOT / "README.md", *(p for d in PLACES for p in (ROOT / d).rglob("README.md"))]
}
SCRIPTS = {
    (page, i): script
    for page, text in PAGES.items()
    for i, script in enumerate(re.findall(r"```python\n(.*?)```", text, re.S))
}


def last_number(printed: str) -> float:
    return float(printed.split()[-1].rstrip(")"))


def digits_are_learned(printed: str) -> bool:
    return "MLP(64 -> 64 -> 32 -> 10" in printed and last_number(printed) <= 0.04


def own_layer_is_one_of_ours(printed: str) -> bool:
    agree, count = "PReLU(): gradients agree", "1: PReLU()                32 parameters"
    return agree in printed and count in printed and last_number(printed) <= 0.05


PRINTED: dict[tuple[str, int], Callable[[str], bool]] = {
    ("README.md", 0): digits_are_learned,
    ("README.md", 1): lambda printed: last_number(printed) >= 0.95,
    ("mytorch/README.md", 0): own_layer_is_one_of_ours,
    ("mytorch/README.md", 1): lambda printed: printed == "[ 0.5 -1.5]\n",
    ("mytorch/README.md", 2): lambda printed: "BatchNorm(3): gradients agree" in printed,
    ("mytorch/README.md", 3): lambda printed: last_number(printed) >= 0.9,
    # a loss of ten classes, where a guess has 2.3
    ("tests/benchmarks/README.md", 0): lambda printed: last_number(printed) < 2,
}
"""What each script prints, by its page and its place there; a new one says so here."""


def test_every_page_is_found() -> None:
    folders = ("mytorch", "hw1", "data", *(f"tests/{d}" for d in ("autograder", "benchmarks")))
    assert {"README.md", "tests/README.md", *(f"{d}/README.md" for d in folders)} <= PAGES.keys()
    assert SCRIPTS.keys() == PRINTED.keys()


@pytest.mark.slow
@pytest.mark.parametrize(("page", "index"), SCRIPTS)
def test_a_script_runs_when_it_is_pasted(
    page: str, index: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, python: Any
) -> None:
    file = tmp_path / "script.py"
    file.write_text(SCRIPTS[page, index], "utf-8")
    monkeypatch.chdir(tmp_path)  # where it may leave a file
    result = python(file)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert PRINTED[page, index](result.stdout), result.stdout


def test_a_layer_has_ten_lines() -> None:
    script = SCRIPTS["mytorch/README.md", 0]
    layer = re.search(r"^class PReLU.*?(?=^\S)", script[script.index("class") :], re.S | re.M)
    assert layer is not None
    assert len([line for line in layer[0].splitlines() if line.strip()]) == 10


def test_the_front_page_is_short() -> None:
    page = (ROOT / "README.md").read_bytes()
    assert len(page) <= 6144
    assert len(SCRIPTS["README.md", 0].splitlines()) < 20
    assert page.count(b"![") == 1


def test_what_the_sandbox_ends_with(python: Callable[..., Any]) -> None:
    last = python(ROOT / "sandbox.py").stdout.splitlines()[-1]
    assert f"`{last}`" in PAGES["tests/walkthrough/README.md"]


def test_as_many_mutants_as_the_page_says() -> None:
    numbers = f"in {len(mutants())} known ways and in {PAIRS} pairs"
    assert numbers in " ".join(PAGES["tests/autograder/README.md"].split())


def links(page: str) -> Iterator[str]:
    """The places that a page links to, pictures among them, and not those in the network."""
    for place in re.findall(r"\]\(([^)\s]+)\)", PAGES[page]):
        if "://" not in place:
            yield place.partition("#")[0]


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    assert [place for place in links(page) if not ((ROOT / page).parent / place).exists()] == []


def test_every_page_is_linked_from_the_front_page() -> None:
    """Or from the page of the folder above."""
    linked = set(links("README.md"))
    for page in linked & PAGES.keys():
        linked |= {f"{Path(page).parent}/{place}" for place in links(page)}
    assert PAGES.keys() - {"README.md"} <= linked


def missing(page: str) -> Iterator[str]:
    """Python files that a page names and nobody has, and folders in its tables."""
    text, folder = re.sub(r"```.*?```", "", PAGES[page], flags=re.S), (ROOT / page).parent
    for name in set(re.findall(r"`([\w./-]+\.py)`", text)):
        places = (folder / name, ROOT / name, *(ROOT / "tests").rglob(Path(name).name))
        if not any(place.exists() and str(place).endswith(name) for place in places):
            yield name
    for row in re.findall(r"^\| (`.*?) \|(.*)$", text, re.M):
        for name in re.findall(r"`([\w./-]+/)`", row[0]):
            if not (folder / name).exists() and "once it is downloaded" not in row[1]:
                yield name


@pytest.mark.parametrize("page", PAGES)
def test_files_and_folders_exist(page: str) -> None:
    assert list(missing(page)) == []


def test_every_file_of_the_library_is_on_its_page() -> None:
    """What `mytorch/README.md` leaves out is nobody's lesson and nobody's help."""
    cells = " ".join(re.findall(r"^\| (`.*?) \|", PAGES["mytorch/README.md"], re.M))
    there = {path.name for path in (ROOT / "mytorch").glob("*.py")} - {"__init__.py"}
    packages = {f"{path.parent.name}/" for path in (ROOT / "mytorch").glob("*/__init__.py")}
    assert (there | packages) - set(re.findall(r"`(.*?)`", cells)) == set()


@pytest.mark.parametrize("page", PAGES)
def test_options_exist(page: str) -> None:
    sources = [ROOT / "grade.sh", ROOT / "sandbox.py"]
    for folder in ("hw1", "tests", "mytorch"):
        sources += [p for p in (ROOT / folder).rglob("*.py") if p.parent != ROOT / "tests/tools"]
    known = set(re.findall(r"--[a-z][a-z-]+", " ".join(p.read_text("utf-8") for p in sources)))
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGES[page])) - known == set()


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str, python: Callable[..., Any]) -> None:
    script = (ROOT / "grade.sh").read_text("utf-8")
    known = set(re.findall(r"^  ([a-z]+) ", script, re.M))
    for course in (ROOT / "tests" / "autograder" / "courses").glob("*/course.toml"):
        known |= set(re.findall(r'^command = "(.*)"', course.read_text("utf-8"), re.M))
    assert set(re.findall(r"\./grade\.sh ([a-z0-9]+)", PAGES[page])) - known == set()


@pytest.mark.parametrize("page", PAGES)
def test_lines_fit_100_columns(page: str) -> None:
    """Rows of tables cannot be broken, and are long where they must; not on the front page."""
    lines = PAGES[page].splitlines()
    if page != "README.md":
        lines = [line for line in lines if not line.startswith("|")]
    assert max(map(len, lines)) <= 100

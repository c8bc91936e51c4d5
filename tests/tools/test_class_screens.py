"""The pages of a class in a real browser, where there is a Chromium: nothing is asked for.

Pictures of them are kept in the folder that MYTORCH_ARTEFACTS names, for a person to look at.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from tests.autograder.classes.pages.render import can_render
from tests.support.classroom import CODE, classroom, graded
from tests.support.grading import tanh
from tests.support.waiting import LIMIT

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="Chromium (the package chromium) is not installed"),
    pytest.mark.skipif(not can_render(), reason="the extra class (Jinja2)"),
]
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-extensions", "--virtual-time-budget=1000")  # fmt: skip
EVIL = "<img src=http://asked.example/x onerror=alert(1)><script>alert(2)</script>"
VIEWS = {
    "light": ("--window-size=1100,1700",),
    "dark": ("--window-size=1100,1700", "--blink-settings=preferredColorScheme=0"),
    "phone": ("--window-size=500,1400",),
}  # fmt: skip


def browse(tmp_path: Path, *arguments: str) -> None:
    assert BROWSER is not None
    profile = tmp_path / "profile"
    subprocess.run(
        [BROWSER, *QUIET, f"--user-data-dir={profile}", *arguments],
        capture_output=True, check=True, timeout=LIMIT,
    )  # fmt: skip


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a small class, with a hand-in that holds HTML wherever it can."""
    folder = tmp_path_factory.mktemp("class")
    classroom(folder / "in", "right", "wrong", "raising", "crashing", "unreadable", "notebook")
    body = f"print({EVIL!r})\nraise ValueError({EVIL!r})"
    (folder / "in" / "evil.py").write_text(f"{CODE}{tanh(body)}\n# {EVIL}\nprint({EVIL!r})\n")
    graded(folder / "in", "--out", folder / "out", "--no-sandbox", "--timeout", "60", "--similar")
    return folder / "out"


def hosts(log: Path) -> set[str]:
    """Whom a browser asked, as its log of the network says, but for its maker."""
    found = set(re.findall(r'"url":\s*"https?://([^/"]+)', log.read_text()))
    return {host for host in found if not host.endswith((".google.com", ".googleapis.com"))}


def test_nothing_is_asked_for(out: Path, tmp_path: Path) -> None:
    asking = tmp_path / "asking.html"
    asking.write_text("<!DOCTYPE html><title>asks</title><img src='http://asked.example/x'>")
    asked = {}
    for page in (asking, out / "index.html", next(out.glob("students/evil-*.html"))):
        log = tmp_path / "log.json"
        browse(tmp_path, f"--log-net-log={log}", "--dump-dom", page.as_uri())
        assert json.loads(log.read_text())["events"]
        asked[page.name] = hosts(log)
    assert asked.pop("asking.html") == {"asked.example"}  # so the log would say it
    assert not any(asked.values())


@pytest.mark.parametrize("view", VIEWS)
def test_pictures_for_a_person(out: Path, tmp_path: Path, view: str) -> None:
    """Each is drawn, in the colours of the view, and kept; the usual ones in every view."""
    kept = Path(os.environ.get("MYTORCH_ARTEFACTS", tmp_path))
    kept.mkdir(parents=True, exist_ok=True)
    pages = {"index": out / "index.html", "wrong": next(out.glob("students/wrong-*.html"))}
    if view == "light":
        pages |= {"similar": out / "similar.html", "evil": next(out.glob("students/evil-*.html"))}
    for name, page in pages.items():
        file = kept / f"class-{name}-{view}.png"
        browse(tmp_path, *VIEWS[view], f"--screenshot={file}", page.as_uri())
        with Image.open(file) as picture:
            colours = picture.convert("RGB").getcolors(1 << 20)
        assert colours is not None
        assert len(colours) > 10  # something is drawn
        (_, background) = max(colours)
        assert background == ((20, 24, 28) if view == "dark" else (255, 255, 255))


def test_a_page_is_printed(out: Path, tmp_path: Path) -> None:
    kept = Path(os.environ.get("MYTORCH_ARTEFACTS", tmp_path))
    kept.mkdir(parents=True, exist_ok=True)
    for page in (out / "index.html", next(out.glob("students/wrong-*.html"))):
        file = kept / f"class-{page.stem.partition('-')[0]}.pdf"
        browse(tmp_path, f"--print-to-pdf={file}", "--no-pdf-header-footer", page.as_uri())
        assert file.read_bytes().startswith(b"%PDF")

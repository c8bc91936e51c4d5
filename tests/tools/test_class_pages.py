"""The pages of a class: right figures, valid HTML, and nothing of a student's that is not text."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.classes.handins import HandIn
from tests.autograder.classes.marks import marks
from tests.autograder.classes.naming import Student
from tests.autograder.classes.pages.render import Material, Pages, can_render, listed
from tests.autograder.classes.statistics import statistics
from tests.autograder.classes.tables import Grade
from tests.autograder.course import find_course
from tests.autograder.results.manual import Manual

pytestmark = pytest.mark.skipif(not can_render(), reason="the extra class (Jinja2)")
COURSE = find_course("1")
EVIL = "</title></code><script>alert(1)</script><img src=http://x.example/y onerror=alert(2)>\"'&"
VOID = {"meta", "input", "link", "img", "br", "hr"}


def question(id: str, score: float, most: float, **more: Any) -> dict[str, Any]:
    return {"id": id, "title": f"Title of {id}", "score": score, "max_score": most, "seconds": 0.25,
            "status": "passed" if score == most else "partial", "checks": [], "diagnosis": [],
            "unwritten": [], "standins": [], "repairs": [], "printed": [], **more}  # fmt: skip


def record(*questions: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    return {"score": sum(q["score"] for q in questions), "questions": list(questions),
            "max_score": sum(q["max_score"] for q in questions), "reason": reason, "left_out": [],
            "notes": [], "layout": "2019", "training": None, "printed": []}  # fmt: skip


def grade(name: str, found: dict[str, Any] | None, **more: Any) -> Grade:
    hand_in = HandIn(name, ((name, Path(name)),), (Student(name, name),))
    return Grade(None, hand_in, f"{name}-id".replace("/", "_")[:20], found, **more)


def mistake(id: str) -> list[dict[str, str]]:
    return [{"id": id, "message": f"twice: {COURSE.mistakes[id]}"}]


class Checked(HTMLParser):
    """Checks that elements are closed in order and ids are unique; collects the tags."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(*grades: Grade, sources: dict[str, dict[str, str]] | None = None) -> dict[str, str]:
        Pages(tmp_path, COURSE).write(list(grades), Material(sources or {}))
        return {f.relative_to(tmp_path).as_posix(): f.read_text() for f in tmp_path.rglob("*.html")}

    return write


def hostile() -> tuple[Grade, dict[str, dict[str, str]]]:
    """A hand-in with markup in whatever a student can write."""
    checks = [
        {"name": EVIL, "passed": False, "message": f"ValueError: {EVIL} (hw1.py, line 2)"}
    ] * 9
    checks += [{"name": EVIL, "passed": True, "message": EVIL}]
    bad = question("3.3b", 2, 4, checks=checks, unwritten=[{"id": EVIL, "message": EVIL}])
    found = {**record(bad), "left_out": [EVIL], "notes": [EVIL]}
    one = grade(EVIL, found, manual=Manual(3, EVIL))
    text = f"x = 1\n{EVIL}\n{{{{ 7 * 191 }}}} \u202e \x1b[2J \0\ud800"
    return one, {one.id: {"hw1.py": text, EVIL: EVIL}}


def test_what_a_student_wrote_is_text(written: Any) -> None:
    one, sources = hostile()
    reason = grade("b", record(question("2.1", 0, 5), reason=EVIL))
    pages = written(one, reason, sources=sources)
    assert len(pages) == 3
    for name, text in pages.items():
        page = Checked(text)
        assert page.all("img") == []
        assert len(page.all("script")) == (1 if name == "index.html" else 0)
        assert "1337" not in text
        assert not set(text) & {"\u202e", "\x1b", "\0"}
        assert text.count("alert(1)") == text.count("&lt;script&gt;alert(1)&lt;/script&gt;")
        assert not [a for _, attributes in page.tags for a in attributes if a.startswith("on")]
    assert "alert(1)" in pages["index.html"]


def test_a_page_asks_nobody_for_anything(written: Any) -> None:
    """No address but of other pages of the class; the policy allows none either."""
    one, sources = hostile()
    for text in written(one, sources=sources).values():
        page = Checked(text)
        addresses = [
            value for _, attributes in page.tags for name, value in attributes.items()
            if name in ("src", "href", "action", "srcset", "data", "poster")
        ]  # fmt: skip
        assert all(re.fullmatch(r"#[\w-]+|students/[^:]+\.html", a or "") for a in addresses)
        assert "url(" not in text.split("</style>")[0]
        policy = next(m["content"] for m in page.all("meta") if "http-equiv" in m)
        assert policy is not None
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy


def test_the_figures_of_a_class() -> None:
    twice = question("linear", 1, 5, diagnosis=mistake("average missing"))
    grades = [
        grade("a", record(question("2.1", 5, 5), twice)),
        grade("b", record(question("2.1", 0, 5, diagnosis=mistake("average missing")), twice)),
        grade("c", record(question("2.1", 5, 5), question("linear", 5, 5))),
        grade("d", record(question("2.1", 0, 5), reason="empty")),
        grade("e", None),
    ]
    figures = statistics(grades, COURSE)
    assert (figures.handed_in, figures.ungraded, figures.full) == (4, 1, 1)
    assert figures.mean == pytest.approx(17 / 3)
    assert figures.median == 6
    assert {b.label: b.size for b in figures.bins if b.size} == {
        "10-19 %": 1, "60-69 %": 1, "100 %": 1,
    }  # fmt: skip
    first, second = figures.questions
    assert first.mean == pytest.approx(10 / 3)
    assert (first.full, first.none, first.asked) == (2, 1, 3)
    assert (second.full, second.none) == (1, 0)
    (only,) = figures.mistakes
    assert (only.names, only.questions) == (("a", "b"), ("linear", "2.1"))
    assert only.text == "the average over the batch is missing (001 §3.6)"


def test_the_index_has_a_row_for_everybody(written: Any) -> None:
    absent = grade("gone", None)
    pages = written(grade("a", record(question("2.1", 4, 5))), absent)
    page = Checked(pages["index.html"])
    assert [a["href"] for a in page.all("a")] == ["#main", "students/a-id.html"]
    named = written(grade("a", record(question("2.1", 4, 5, diagnosis=mistake("average missing")))))
    rows = Checked(named["index.html"]).all("tr")
    assert "the average over the batch is missing" in (rows[-1]["data-mistakes"] or "")
    assert "nothing handed in" in pages["index.html"]
    assert all(len(text.encode()) < 200_000 for text in pages.values())


def test_pages_of_hand_ins_that_are_gone_go(written: Any) -> None:
    written(grade("a", record(question("2.1", 4, 5))))
    assert set(written(grade("b", record(question("2.1", 4, 5))))) == {
        "index.html", "students/b-id.html",
    }  # fmt: skip


CODE = "class Tanh:\n    def forward(self, x):\n        return x\n\n    def backward(self): pass\n"


def test_marks_in_the_margin() -> None:
    def check(message: str, passed: bool = False) -> dict[str, Any]:
        return {"name": "n", "passed": passed, "message": message}

    named = question("3.3b", 2, 4, diagnosis=[{"id": "x", "message": "tanh not squared"}],
                     checks=[check("Tanh.backward, x (5, 4): expected 1, got 2")])  # fmt: skip
    raised = question("3.4", 2, 4, checks=[check("MLP(6-4).forward, x (1, 2): E (a.py, line 3)")])
    full = question("2.1", 5, 5, checks=[check("Tanh.forward, x (1, 2): odd")])
    credited = question("3.6", 1, 2, checks=[check("Tanh.forward, x (1, 2): odd", passed=True)])
    outside = question("3.5", 1, 2, checks=[check("E (a.py, line 99)"), check("E (z.py, line 1)")])
    found = marks(record(named, raised, full, credited, outside), {"m/a.py": CODE, "b.py": "x = ("})
    assert found == {
        "m/a.py": {
            5: ["3.3b: tanh not squared"],
            3: ["3.4: MLP(6-4).forward, x (1, 2): E (a.py, line 3)"],
        }
    }


def test_prints_and_found_places_are_shown(written: Any) -> None:
    repair = {"message": "m/a.py line 3, in Tanh.forward: a sign is wrong", "method":
              "Tanh.forward", "kind": "sign", "formula": "", "named": False, "file": "m/a.py",
              "line": 3, "column": 1, "other_lines": []}  # fmt: skip
    bad = question(
        "3.3b",
        2,
        4,
        repairs=[repair],
        printed=["x is <b>5</b>", "\x1b[31mred"],
        checks=[{"name": "n", "passed": False, "message": "Tanh.forward, x (1, 2): no"}],
    )
    loud = question("3.4", 4, 4, printed=[f"line {n}" for n in range(21)])
    found = {**record(bad, loud), "printed": ["imported"]}
    one = grade("a", found)
    page = written(one, sources={one.id: {"m/a.py": CODE}})["students/a-id.html"]
    Checked(page)
    said = f"Mistake: {repair['message']}"
    assert said in page
    assert "took 0.50 s of the processor" in page
    assert page.count(f"3.3b: {repair['message']}") == 1  # in the margin
    assert marks(found, {"m/a.py": CODE}) == {"m/a.py": {3: [f"3.3b: {repair['message']}"]}}
    assert "x is &lt;b&gt;5&lt;/b&gt;\n�[31mred" in page
    assert re.search(r"while it was imported</summary>\n<pre class=\"code\">imported</pre>", page)
    assert "line 19" in page
    assert "line 20" not in page
    assert page.count("More lines are not kept") == 1
    (only,) = statistics([one], COURSE).mistakes
    assert only.text.startswith("in Tanh.forward, a sign is wrong")


def test_no_page_is_too_large(written: Any) -> None:
    """Whatever a hand-in makes the grader say of it: five bytes of a page for a character."""
    checks = [{"name": '"' * 500, "passed": n % 2 == 0, "message": '"' * 500} for n in range(200)]
    named = [{"id": "x", "message": '"' * 500}]
    questions = [
        question(f"{n}", 0, 4, checks=checks, unwritten=named, printed=['"' * 500] * 21)
        for n in range(12)
    ]
    one = grade("a", {**record(*questions), "notes": ['"' * 500] * 20, "left_out": ['"' * 99] * 99})
    page = written(one, sources={one.id: {"a.py": '"' * 60_000}})["students/a-id.html"]
    Checked(page)
    assert len(page.encode()) < 200_000
    assert "&#34;" * 50 in page


def test_code_that_is_too_long_is_left_out() -> None:
    files = dict(listed({"a.py": "<" * 60_000, "b.py": "x = 1", "c.py": "y\n" * 3000}, {}))
    assert files["a.py"] is not None
    assert len(files["a.py"][0][1]) < 2100
    assert files["b.py"] == [(1, "x = 1", [])]
    assert listed({"c.py": "<\n" * 30_000}, {}) == [("c.py", None)]

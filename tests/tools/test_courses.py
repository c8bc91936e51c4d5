"""Courses by their conventions: right solutions, wrong ones, and a course made by one folder."""

from __future__ import annotations

import json
import shutil
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from tests.autograder.answering import written
from tests.autograder.course import Course, all_courses, find_course
from tests.autograder.grading import Limits
from tests.autograder.mutants import Mutant, read
from tests.autograder.references import load
from tests.autograder.session import Session, grade
from tests.submission.copying import handed_in
from tests.support.grading import command
from tests.support.quick import first_is_quick
from tests.support.terminal import columns

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = ROOT / "tests" / "support" / "coursework"
NAMES = ("cmu-s23", "cmu-s24", "uva-2019")
GRADED = {"cmu-s23": 100, "cmu-s24": 100, "uva-2019": 15, "cmu-s24-bonus": 20}
"""The points of the courses' own tables."""


def mutants(name: str) -> list[Mutant]:
    text = (SOLUTIONS / f"{name}.mutants.txt").read_text(encoding="utf-8")
    return list(read(find_course(name), text))


WRONG = [(name, mutant) for name in GRADED for mutant in mutants(name)]


def graded(folder: Path, course: Course) -> Session:
    with handed_in(folder, course, "hand-in") as handin:
        return grade(handin.submission, course, load(course), Limits(60.0))


def named(session: Session) -> list[str]:
    """The mistakes that were named; what waits for others, or may not be written, is none."""
    said = [d.id for r in session.results for d in (*r.diagnosis, *r.unwritten)]
    return [name for name in said if name not in ("waits", "not written")]


@pytest.mark.slow
@pytest.mark.parametrize("name", GRADED)
def test_the_face_of_a_course_gets_full_points(name: str) -> None:
    done = command("grade", f"hw1/courses/{name}", "--course", name)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"course {name}, as --course says"
    assert lines[-1] == f"{GRADED[name]} of {GRADED[name]} in what the course itself grades"
    assert max(map(columns, lines)) <= 80


@pytest.mark.parametrize("name", first_is_quick(GRADED))
def test_a_right_solution_gets_full_points_and_its_course_is_found_out(name: str) -> None:
    done = command("grade", str(SOLUTIONS / name))
    assert done.stdout.startswith(f"course {name}, found out from the files of the hand-in\n")
    assert done.returncode == 0, done.stdout
    assert named(graded(SOLUTIONS / name, find_course(name))) == []


@pytest.mark.slow
@pytest.mark.many
@pytest.mark.parametrize(("name", "mutant"), WRONG, ids=lambda x: getattr(x, "mistake", x))
def test_a_wrong_solution_loses_points_and_is_named(
    name: str, mutant: Mutant, tmp_path: Path
) -> None:
    folder = tmp_path / "hand-in"
    shutil.copytree(SOLUTIONS / name, folder)
    file = folder / mutant.file
    text = file.read_text()
    for old, new in mutant.edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    file.write_text(text)
    session = graded(folder, find_course(name))
    assert session.score < session.max_score
    assert set(named(session)) == {mutant.mistake}


def edited(name: str, target: Path, edits: dict[str, str]) -> Path:
    """A right solution, with texts replaced in all of its files."""
    shutil.copytree(SOLUTIONS / name, target)
    found = set()
    for file in target.rglob("*.py"):
        text = file.read_text()
        for old, new in edits.items():
            found |= {old} & {old for _ in range(text.count(old))}
            text = text.replace(old, new)
        file.write_text(text)
    assert found == edits.keys()
    return target


STYLES = {
    "uva-2019: W (out, in), b (out, 1)": {
        "(in_features, out_features))\n": "(out_features, in_features))\n",
        "np.zeros((1, out_features))": "np.zeros((out_features, 1))",
        'self.params["weight"] + self.params["bias"]': 'self.params["weight"].T + '
        'self.params["bias"].T',
        "self.x.T @ dout": "dout.T @ self.x",
        "np.sum(dout, axis=0, keepdims=True)": "np.sum(dout, axis=0).reshape(-1, 1)",
        'dout @ self.params["weight"].T': 'dout @ self.params["weight"]',
        "np.log(x)": "np.log(x + 1e-8)",
    },
    "uva-2019: b (out,), attributes apart": {
        "np.zeros((1, out_features))": "np.zeros(out_features)",
        "np.sum(dout, axis=0, keepdims=True)": "dout.sum(0)",
        "        self.layers = []\n": "        self.layers, self.out = [], SoftMaxModule()\n",
        "        self.layers.append(SoftMaxModule())\n": "",
        "            x = layer.forward(x)\n        return x": "            x = layer.forward(x)\n"
        "        return self.out.forward(x)",
        "        for layer in reversed": "        dout = self.out.backward(dout)\n"
        "        for layer in reversed",
    },
    "cmu-s24: SGD that skips activations, in place": {
        "self.l = model.layers\n": "self.l = [x for x in model.layers if hasattr(x, 'W')]\n",
        "len(model.layers)": "len(self.l)",
        "self.l[i].W = self.l[i].W - self.lr * self.v_W[i]": "self.l[i].W -= self.lr * self.v_W[i]",
        "-Y * np.log(self.softmax)": "-Y * (shifted - np.log(np.exp(shifted).sum(axis=1, "
        "keepdims=True)))",
    },
    "cmu-s23: float32 and other products": {
        "np.dot(self.A, self.W.T) + np.dot(self.Ones, self.b.T)": "(self.W @ self.A.T + self.b).T",
        "np.dot(dLdZ.T, dZdb)": "dLdZ.sum(axis=0)[:, None]",
        "sum_crossentropy / N": "np.float32(sum_crossentropy / N)",
        "np.where(self.A > 0, 1.0, 0.0)": "(self.A > 0).astype('f')",
        "np.mean(Z, axis=0, keepdims=True)": "(np.sum(Z, axis=0) / self.N).reshape(1, -1)",
    },
}


@pytest.mark.parametrize("style", STYLES)
def test_other_right_ways_to_write_it_get_full_points(style: str, tmp_path: Path) -> None:
    name = style.partition(":")[0]
    session = graded(edited(name, tmp_path / "x", STYLES[style]), find_course(name))
    wrong = [c.message for r in session.results for c in r.checks if not c.passed]
    assert (session.score, wrong) == (session.max_score, [])


def test_models_in_the_package_and_an_archive_with_a_folder(tmp_path: Path) -> None:
    """The 2024 text has `models` in `mytorch`; hand-ins are tar files of the folder's content."""
    folder = tmp_path / "x" / "HW1P1"
    shutil.copytree(SOLUTIONS / "cmu-s24", folder)
    shutil.move(folder / "models", folder / "mytorch" / "models")
    archive = shutil.make_archive(str(tmp_path / "handin"), "tar", tmp_path / "x")
    done = command("grade", archive)
    assert done.stdout.startswith("course cmu-s24, found out"), done.stderr
    assert done.returncode == 0, done.stdout


def test_each_course_has_thirty_mutants() -> None:
    assert all(len(mutants(name)) >= 30 for name in NAMES)


@pytest.mark.slow
def test_another_courses_convention_is_named_as_that(tmp_path: Path) -> None:
    """The activations of 2023, handed in for 2024, and the other way round."""
    for course, other, says in (
        ("cmu-s24", "cmu-s23", "takes the gradient for its output"),
        ("cmu-s23", "cmu-s24", "takes nothing and returns its derivative"),
    ):
        folder = tmp_path / course
        shutil.copytree(SOLUTIONS / course, folder)
        for name in ("linear.py", "loss.py", "activation.py"):
            shutil.copy(SOLUTIONS / other / "mytorch" / "nn" / name, folder / "mytorch" / "nn")
        session = graded(folder, find_course(course))
        messages = " ".join(d.message for r in session.results for d in r.diagnosis)
        assert f"right in the convention of {other}" in messages
        assert f"in this course an activation's backward {says}" in messages
        assert {name.partition(":")[0] for name in named(session)} == {
            "convention mean",
            "convention activation",
            "convention mse",
        }


@pytest.mark.slow
def test_courses_are_listed_and_found_by_old_and_new_names() -> None:
    listed = command("courses").stdout.splitlines()
    names = [line.split()[0] for line in listed]
    assert names == ["cmu-f20", "cmu-s19-s20", "cmu-s23", "cmu-s24", "cmu-s24-bonus", "uva-2019"]
    assert find_course("1") is find_course("cmu-s19-s20")
    assert find_course("a") is find_course("cmu-f20")
    done = command("grade", "--course", "cmu-s22")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no course 'cmu-s22'; there are" in done.stderr
    done = command("grade", "--help")
    assert done.returncode == 0
    assert all(f"  {line}" in done.stdout for line in listed)
    done = command("grade", ".")  # this project is both of the first two
    assert done.returncode == 2
    assert "add --course cmu-f20 or --course cmu-s19-s20" in done.stderr


@lru_cache
def answers() -> dict[str, np.ndarray]:
    with np.load(ROOT / "tests" / "support" / "courses" / "answers.npz") as stored:
        return dict(stored)


@pytest.mark.parametrize("name", NAMES)
def test_right_answers_are_pytorchs(name: str) -> None:
    """By convention an answer is PyTorch's, times a number, transposed, or both."""
    course = find_course(name)
    cases = course.module("cases").draw(7)
    right = course.model(frozenset(), frozenset())
    compared = 0
    for question in course.questions:
        for case_name, case in cases[question.exercise].items():
            for output, value in written(course, question.exercise, right, case).items():
                key = f"{name}|{question.exercise}|{case_name}|{output}"
                if key in answers():
                    np.testing.assert_allclose(value, answers()[key], rtol=1e-9, atol=1e-12)
                    compared += 1
    assert compared == sum(key.startswith(f"{name}|") for key in answers())
    assert compared > 20


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gradescope", "autolab"])
def test_a_course_is_graded_on_platforms_and_to_json(kind: str, tmp_path: Path) -> None:
    done = command("cmu-s24", "--platform", kind, str(tmp_path / "recipe"))
    assert done.returncode == 0, done.stderr
    out = tmp_path / "result.json"
    folder = edited("cmu-s24", tmp_path / "x", {"self.dLdb = dLdZ.T @ self.Ones": "pass"})
    done = command("grade", str(folder), "--json", str(out), "--autolab", "--effort", "0")
    assert done.returncode == 0, done.stderr
    result = json.loads(out.read_text())
    beside = [q["id"] for q in result["questions"] if not q.get("graded_by_the_course", True)]
    assert beside == ["1+", "4+", "6b+", "7+", "8+"]
    scores = json.loads(done.stdout.splitlines()[-1])["scores"]
    assert len(scores) == len(result["questions"])
    assert sum(scores.values()) == result["score"] < result["max_score"] == 120


def test_every_course_has_right_answers() -> None:
    for course in all_courses():
        references = load(course)
        assert all(references.answers[q.exercise] for q in course.questions)


def test_the_page_has_the_conventions_and_points_of_the_folders() -> None:
    page = (ROOT / "tests" / "autograder" / "courses" / "README.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith("|")
    ]
    names = next(row[1:] for row in rows if not row[0] and len(row) > 3)
    assert names == [row[0] for row in rows[2 : 2 + len(names)]]
    assert set(names) == {course.name.replace("_", "-") for course in all_courses()}
    for axis in ("weight", "bias", "mean"):
        written_down = next(row[1:] for row in rows if row[0] == axis)
        assert written_down == [getattr(find_course(n).spelling, axis) for n in names]
    for name in GRADED:
        points = [q.points for q in find_course(name).questions if q.graded]
        more = [q.points for q in find_course(name).questions if not q.graded]
        assert [name, str(round(sum(points))), f"{sum(more):g}"] in rows

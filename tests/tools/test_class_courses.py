"""A class that is graded by a course whose conventions are data."""

import csv
import shutil
from pathlib import Path

import pytest

from tests.support.classroom import graded
from tests.support.grading import ROOT

SOLUTIONS = ROOT / "tests" / "support" / "coursework"


@pytest.mark.slow
def test_pages_and_tables_tell_what_the_course_itself_grades(tmp_path: Path) -> None:
    hand_ins, out = tmp_path / "in", tmp_path / "out"
    shutil.copytree(SOLUTIONS / "uva-2019", hand_ins / "ada")
    wrong = shutil.copytree(SOLUTIONS / "uva-2019", hand_ins / "bob") / "modules.py"
    text = wrong.read_text()
    assert text.count("np.sum(dout, axis=0, keepdims=True)") == 1
    wrong.write_text(text.replace("np.sum(dout, axis=0, ", "np.mean(dout, axis=0, "))
    roster = tmp_path / "roster.csv"
    roster.write_text("Student,ID,SIS Login ID,Section\nAda,1,ada,A\nBob,2,bob,A\n")
    graded(
        hand_ins, "--out", out, "--course", "uva-2019", "--no-sandbox", "--roster", roster,
        "--canvas", "Assignment 1 (7)", "--effort", "0",
    )  # fmt: skip
    with open(out / "gradebook.csv", newline="") as file:
        ada, bob = sorted(csv.DictReader(file), key=lambda row: row["student"])
    assert (ada["score"], ada["max_score"]) == ("25", "25")
    assert (ada["course_score"], ada["course_max_score"]) == ("15", "15")
    # its tests never look at the gradient of the bias, so this mistake costs nothing there
    assert float(bob["score"]) < 25
    assert bob["course_score"] == "15"
    assert "averaged over the batch" in bob["comment"]
    with open(out / "canvas.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Assignment 1 (7)"] for row in rows] == ["15", "15", "15"]
    page = next((out / "students").glob("bob-*.html")).read_text()
    assert "15 of 15 in what the course itself grades" in " ".join(page.split())
    assert page.count("not graded by the course itself") == 4
    index = (out / "index.html").read_text()
    assert "Not graded by the course itself: 1.2a+, 1.2b+, 1.2c+, 1.2d+." in index

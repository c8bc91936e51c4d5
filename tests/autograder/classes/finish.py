"""What is written once the hand-ins of a class have their results: tables, pages, differences."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from tests.autograder.classes import tables
from tests.autograder.classes.handins import HandIn
from tests.autograder.classes.naming import bare
from tests.autograder.classes.pages.render import Material, Pages, can_render
from tests.autograder.classes.plan import Plan
from tests.autograder.classes.roster import matched, read_roster
from tests.autograder.classes.similar import read_handout, similar
from tests.autograder.classes.station import grade_task
from tests.autograder.classes.store import Store, read_json, write_json
from tests.autograder.classes.tables import Grade
from tests.autograder.classes.task import task_of
from tests.autograder.course import find_course
from tests.autograder.options import ROOT
from tests.autograder.results.manual import Manual, manual_rows
from tests.support.terminal import WIDTH, cut

SHOWN = 10
"""How many pairs that are alike the screen shows; the page has all."""
EXPECTED = "expected.json"
LAST = "grades.json"
"""The points of the last run, to say what has changed."""


def finish(
    plan: Plan, store: Store, options: argparse.Namespace, faults: Mapping[str, str] | None = None
) -> int:
    """Writes everything; returns the exit code, 1 where a hand-in has no result."""
    roster = read_roster(options.roster) if options.roster else None
    outcomes = {task.id: store[task] for task in plan.tasks}
    ids = {planned.hand_in: planned.task.id for planned in plan.planned}
    rows, unmatched = matched([planned.hand_in for planned in plan.planned], roster)
    for hand_in, reason in unmatched:
        print(cut(f"roster: {hand_in.name} {reason}", WIDTH))
    grades = []
    for person, hand_in in rows:
        found = outcomes[ids[hand_in]] if hand_in else None
        record = found["record"] if found else None
        if hand_in is None or record is not None:
            grades.append(Grade(person, hand_in, ids[hand_in] if hand_in else "", record))
    if options.manual:
        grades = with_manual(grades, options.manual)
    out: Path = options.out
    written = [_write(tables.gradebook(grades), out / "gradebook.csv")]
    if options.canvas:
        written.append(_write(tables.canvas(grades, roster, options.canvas), out / "canvas.csv"))
    if options.moodle:
        written.append(_write(tables.moodle(grades, roster), out / "moodle.csv"))
    if options.nbgrader:
        written.append(_write(tables.nbgrader(grades, options.nbgrader), out / "nbgrader.csv"))
    if can_render():
        sources = {id: found["sources"] for id, found in outcomes.items() if found is not None}
        pages = Pages(out, find_course(plan.course))
        if options.similar:
            written.append(compare(plan, sources, pages, options.handout))
        drawn = {id: found["pictures"] for id, found in outcomes.items() if found is not None}
        material = Material(
            sources, drawn, expected_pictures(plan, out) if any(drawn.values()) else {}
        )
        written += [file.name for file in pages.write(grades, material, options.similar)]
    else:
        print("no pages were written: they need Jinja2, pip install -e '.[class]'")
    missing = [task for task in plan.tasks if outcomes[task.id] is None]
    if not missing:
        say_changes(grades, out)
    for task in missing:
        reason = (faults or {}).get(task.id, "it has not been graded yet")
        print(cut(f"no result: {task.name}: {reason}", WIDTH))
    summary(grades, [out / name for name in written])
    return 1 if missing else 0


def _write(table: Sequence[Sequence[str]], file: Path) -> str:
    tables.write_table(table, file)
    return file.name


def with_manual(grades: Sequence[Grade], file: Path) -> list[Grade]:
    """The grades with a person's points, found by the name of the hand-in or of the student."""
    rows = manual_rows(file)
    by_name: dict[str, Manual] = {}
    for name, manual in rows:
        if bare(name).casefold() in by_name:
            print(cut(f"manual: {name} has more than one line; the last one counts", WIDTH))
        by_name[bare(name).casefold()] = manual
    used: set[str] = set()
    found = []
    for grade in grades:
        names = _names(grade)
        key = next((name for name in names if name in by_name), None)
        used |= {key} if key else set()
        found.append(grade._replace(manual=by_name[key] if key else None))
    for name, _ in rows:
        if bare(name).casefold() not in used:
            print(cut(f"manual: {name} matches nobody", WIDTH))
    return found


def _names(grade: Grade) -> list[str]:
    """What a row may be called, the surest first."""
    names: list[str] = []
    if grade.person is not None:
        names += [*sorted(grade.person.strong), grade.person.name.casefold()]
    if grade.hand_in is not None:
        names += [bare(grade.hand_in.name).casefold()]
        names += [bare(name).casefold() for name, _ in grade.hand_in.files]
    return names


def expected_pictures(plan: Plan, out: Path) -> dict[str, str]:
    """The curves of this project's own training, drawn once for a folder and a grader."""
    own = HandIn("expected", (("mytorch", ROOT),), ())
    task = plan.tasks[0]._replace(id="expected", name="expected", files=(("mytorch", str(ROOT)),))
    task = task._replace(key=task_of(own, plan.course, ()).key)
    found = read_json(out / EXPECTED)
    if not found or found.get("key") != task.key:
        found = grade_task(task)
        write_json(found, out / EXPECTED)
    return found.get("pictures", {})


def compare(
    plan: Plan, sources: Mapping[str, Mapping[str, str]], pages: Pages, handout: Path | None
) -> str:
    """Writes the page of the hand-ins that are alike; returns its name."""
    named = {task.name: sources[task.id] for task in plan.tasks if task.id in sources}
    pairs = similar(named, read_handout(handout) if handout else None)
    for pair in pairs[:SHOWN]:
        print(cut(f"alike: {pair.first} and {pair.second}: {pair.alike:.0%}", WIDTH))
    if len(pairs) > SHOWN:
        print(f"and {len(pairs) - SHOWN} more pairs that are alike")
    return pages.render("similar.html", pages.folder / "similar.html", pairs=pairs).name


def say_changes(grades: Sequence[Grade], out: Path) -> None:
    """Says whose points are others than at the last run, and keeps those of this one."""
    file = out / LAST
    before = read_json(file) or {}
    now = {grade.key: grade.score for grade in grades}
    changed = [
        (key, before[key], now[key]) for key in now if key in before and before[key] != now[key]
    ]
    for key, old, new in changed:
        print(cut(f"changed: {key}: {_points(old)} -> {_points(new)}", WIDTH))
    write_json(now, file)


def _points(score: Any) -> str:
    return "nothing" if score is None else f"{score:g}"


def summary(grades: Sequence[Grade], files: Sequence[Path]) -> None:
    """The last lines on the screen."""
    scores = [grade.score or 0.0 for grade in grades if grade.record is not None]
    if scores:
        most = tables.most_points(grades)
        print(f"{len(scores)} graded; median {median(scores):g} of {most:g} points")
    records = [g.record for g in grades if g.record is not None and not g.record["reason"]]
    mosts = {record["layout"]: record["max_score"] for record in records}
    if len(set(mosts.values())) > 1:
        said = ", ".join(f"{layout} {most:g}" for layout, most in sorted(mosts.items()))
        print(f"the points that can be had differ by layout: {said}; tables have them unscaled")
    absent = sum(grade.record is None for grade in grades)
    if absent:
        print(f"{absent} of the roster handed in nothing that was matched")
    for file in files:
        print(f"wrote {file}")

"""What `./grade.sh class` does: grade the hand-ins that have no result yet, then write tables."""

from __future__ import annotations

import argparse
import shutil
import sys
from contextlib import closing
from pathlib import Path

from tests.autograder.classes import executors
from tests.autograder.classes.executing import outcomes
from tests.autograder.classes.finish import finish
from tests.autograder.classes.handins import find_hand_ins, unpacked
from tests.autograder.classes.options import parsed
from tests.autograder.classes.plan import Plan, Planned, load_plan, part
from tests.autograder.classes.progress import Shown
from tests.autograder.classes.roster import read_roster
from tests.autograder.classes.store import Store
from tests.autograder.classes.task import Task, task_of
from tests.autograder.course import find_course
from tests.autograder.results.manual import manual_rows
from tests.autograder.sandboxing import sandbox
from tests.autograder.session import WrongUse
from tests.support.terminal import tolerate_any_text

DOWNLOAD = "download"


def main(arguments: list[str]) -> int:
    """Grades a class; returns the exit code. Raises KeyboardInterrupt on Ctrl-C."""
    options = parsed(arguments)
    tolerate_any_text()
    try:
        check_tables(options)
        options.out.mkdir(parents=True, exist_ok=True)
        store = Store(options.out)
        if options.merge:
            plan = merged(store, options.merge[1:])
            return finish(plan, store, options)
        plan = planned(options)
        plan.save(options.out)
        faults = graded(plan, store, options)
        if options.shard is not None:
            return 1 if faults else 0
        for name in store.keep_only(plan.tasks):
            print(f"no longer handed in: {name}")
        return finish(plan, store, options, faults)
    except (WrongUse, LookupError) as error:
        print(f"grade: {error.args[0]}", file=sys.stderr)
    except OSError as error:
        print(f"grade: {error.filename}: {error.strerror or error}", file=sys.stderr)
    return 2


def check_tables(options: argparse.Namespace) -> None:
    """Reads what tables are made of before anything is graded; raises WrongUse for a bad file."""
    if options.roster is not None:
        read_roster(options.roster)
    if options.manual is not None:
        manual_rows(options.manual)
    if options.handout is not None and not options.handout.exists():
        raise WrongUse(f"--handout {options.handout} does not exist")
    if (options.canvas or options.moodle) and options.roster is None:
        option = "--canvas" if options.canvas else "--moodle"
        raise WrongUse(f"{option} needs --roster with the table that the platform exports")


def planned(options: argparse.Namespace) -> Plan:
    """The hand-ins and their tasks; says what was recognised."""
    folder: Path = options.hand_ins
    if not folder.exists():
        raise WrongUse(f"{folder} does not exist; name the folder with the hand-ins")
    if folder.is_file():
        target = options.out / DOWNLOAD
        shutil.rmtree(target, ignore_errors=True)
        folder = unpacked(folder, target)
    course = find_course(options.course)
    more = [f"--timeout={options.timeout:g}", f"--memory={options.memory:g}"]
    if course.has("model"):
        more += [f"--effort={options.effort:g}", f"--hints={options.hints}"]
    if not options.training:
        more.append("--no-training")
    if options.seed is not None:
        more.append(f"--seed={options.seed}")
    if not options.no_sandbox:
        try:
            sandbox()
        except WrongUse as error:
            reason = str(error).removeprefix("--sandbox: ").removeprefix("--sandbox needs ")
            raise WrongUse(
                f"hand-ins are graded in a sandbox, and there is none here: {reason}; with "
                "--no-sandbox each has the rights of the user who grades it"
            ) from None
        more.append("--sandbox")
    found = find_hand_ins(folder, options.due, options.out)
    tasks = [task_of(hand_in, course.command, tuple(more)) for hand_in in found.hand_ins]
    late = sum(hand_in.late for hand_in in found.hand_ins)
    download = f" of a {found.platform} download" if found.platform else ""
    lateness = f", {late} late" if late else ""
    where = "without a sandbox" if options.no_sandbox else "in a sandbox"
    print(f"{course.title} homework: {len(tasks)} hand-ins{download}{lateness}, graded {where}")
    for hand_in in found.hand_ins:
        for remark in hand_in.remarks:
            print(f"  {hand_in.name}: {remark}")
    pairs = [Planned(*pair) for pair in zip(found.hand_ins, tasks, strict=True)]
    return Plan(course.command, found.platform, pairs)


def graded(plan: Plan, store: Store, options: argparse.Namespace) -> dict[str, str]:
    """Grades what has no result of its key yet; returns the grader's faults by task."""
    tasks: list[Task] = list(part(plan.tasks, options.shard))
    missing = [task for task in tasks if store[task] is None]
    if len(missing) < len(tasks):
        print(f"{len(tasks) - len(missing)} have their result from before")
    faults: dict[str, str] = {}
    if not missing:
        return faults
    executor = executors.maker(options.executor, options.jobs)
    with (
        Shown(len(missing), len(tasks)) as shown,
        closing(outcomes(missing, executor, options.jobs)) as running,
    ):
        for outcome in running:
            if "fault" in outcome:
                faults[outcome["id"]] = outcome["fault"]
            else:
                store.add(outcome)
            shown(outcome)
    return faults


def merged(store: Store, others: list[Path]) -> Plan:
    """The plan of a class graded in shards, with the results of further folders taken in."""
    plan = load_plan(store.folder if not others else _first_plan([store.folder, *others]))
    for other in others:
        for outcome in Store(other).all():
            store.add(outcome)
    plan.save(store.folder)
    return plan


def _first_plan(folders: list[Path]) -> Path:
    plans = {folder: load_plan(folder) for folder in folders if (folder / "class.json").exists()}
    tasks = [[(task.id, task.key) for task in plan.tasks] for plan in plans.values()]
    if any(other != tasks[0] for other in tasks):
        raise WrongUse("--merge: the folders are of different hand-ins, courses or options")
    return next(iter(plans), folders[0])

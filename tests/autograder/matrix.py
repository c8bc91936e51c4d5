"""`./grade.sh mutants`: grades every mutant, and shows what was said of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from mytorch.system.progress import progress_bar
from tests.autograder.grading import Limits
from tests.autograder.mutants import Mutant, mutants, pairs, write
from tests.autograder.references import load
from tests.autograder.session import grade
from tests.submission.layout import find
from tests.support.terminal import cut, pad

ENOUGH = 0.95
"""The share of mutants, single ones and pairs, that has to be named."""


class Row(NamedTuple):
    """A mutant, the points that it lost, and the mistakes that were named, the first one first."""

    mutants: tuple[Mutant, ...]
    lost: float
    named: tuple[str, ...]

    @property
    def is_named(self) -> bool:
        """Whether all mistakes that were made are named, one of them first."""
        made = {m.mistake for m in self.mutants}
        return self.named[:1] != () and self.named[0] in made <= set(self.named)


def rows(chosen: Iterable[Sequence[Mutant]]) -> Iterator[Row]:
    """Each mutant, or pair of them, graded."""
    for group in chosen:
        with TemporaryDirectory(prefix="mytorch-") as folder:
            target = Path(folder) / "mutant"
            write(group, target)
            course = group[0].course
            session = grade(find(target), course, load(course), Limits(), with_training=False)
        named = [d.id for r in session.results for d in (*r.diagnosis, *r.unwritten)]
        lost = round(session.max_score - session.score, 2)
        yield Row(tuple(group), lost, tuple(dict.fromkeys(named)))


def line(row: Row) -> str:
    """One line of the matrix."""
    verdict = "named" if row.is_named else "NOT NAMED"
    made = " + ".join(m.mistake for m in row.mutants)
    text = f"{row.lost:6.2f} {pad(verdict, 9)} {cut(made, 60)}"
    rest = [name for name in row.named if name not in {m.mistake for m in row.mutants}]
    return text + (f"\n{'':17}said: {cut(', '.join(row.named), 57)}" if rest else "")


def main() -> int:
    """Prints the matrix; exit code 1 where a mutant loses nothing or too few are named."""
    argparse.ArgumentParser(
        prog="./grade.sh mutants",
        description="Breaks the library in each known way and in pairs of them, and grades each; "
        "takes some minutes.",
    ).parse_args()
    single = [(mutant,) for mutant in mutants()]
    chosen: list[tuple[Mutant, ...]] = [*single, *pairs()]
    print("  lost            mistake")
    found = []
    with progress_bar(len(chosen), "grading mutants", "mutant") as bar:
        for row in rows(chosen):
            found.append(row)
            print(line(row), flush=True)
            bar.update(1)
    named = sum(row.is_named for row in found[: len(single)])
    both = sum(row.is_named for row in found[len(single) :])
    unharmed = [row for row in found if row.lost <= 0]
    print(f"\n{named} of {len(single)} single mutants are named first, "
          f"{both} of {len(found) - len(single)} pairs are named both")  # fmt: skip
    print(f"{len(unharmed)} mutants lose no points")
    return 1 if unharmed or named + both < ENOUGH * len(found) else 0


if __name__ == "__main__":
    sys.exit(main())

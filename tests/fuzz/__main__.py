"""Runs one case again: `python -m tests.fuzz CALLABLE ARGUMENT NUMBER`."""

import sys
import traceback

from tests.fuzz.judge import Case, judge
from tests.fuzz.table import ENTRIES

if __name__ == "__main__":
    *name, argument, number = sys.argv[1:]
    case = Case(ENTRIES[" ".join(name)], argument, int(number))
    print(case)
    value = case.value()
    print("    value:", " ".join(repr(value.given).split())[:1000])
    print("    means:", " ".join(repr(value.plain).split())[:1000])
    arguments = {name: kind.good() for name, kind in case.entry.arguments.items()}
    try:
        print("    gives:", case.entry.call(**arguments | {argument: value.given}))
    except Exception:
        traceback.print_exc()
    print("    verdict:", judge(case) or "right")

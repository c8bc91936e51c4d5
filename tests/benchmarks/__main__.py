"""Speed against other tools: `./grade.sh bench [PART ...] [OPTIONS]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mytorch.system.atomic import replacing
from tests.benchmarks import autograd, growth, machine, pictures, programs, steps
from tests.benchmarks.workloads import WORKLOADS

PARTS = {
    "steps": "a training step on six networks, against PyTorch and others",
    "programs": "whole epochs, start-up and memory of the training scripts",
    "pictures": "the ConvNet's evaluation and peak memory, against PyTorch",
    "growth": "time and memory against layers, width, batch, data and steps done",
    "operations": "what automatic differentiation costs, per operation",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the parts that were asked for and prints a table each."""
    options = parse(arguments)
    facts = machine.describe()
    print(machine.line(facts), end="\n\n", flush=True)
    results: dict[str, Any] = {"machine": facts}
    try:
        for part in options.parts or PARTS:
            results[part] = run(part, options)
    except KeyboardInterrupt:
        print("\nbench: interrupted; the parts above are complete", file=sys.stderr)
        return 130
    finally:
        if options.json and len(results) > 1:
            with replacing(options.json) as file:
                file.write(json.dumps(results, indent=2).encode() + b"\n")
    return 0


def run(part: str, options: argparse.Namespace) -> Any:
    """Measures one part and prints its table; what goes into the JSON file."""
    if part == "steps":
        rows = steps.measure(
            options.workloads or [w.name for w in WORKLOADS],
            options.dtypes or ("float32", "float64"),
            options.rounds,
            options.seconds,
            options.contenders or steps.CONTENDERS,
            options.threads,
            options.busy,
        )
        print((steps.markdown if options.markdown else steps.table)(rows), end="\n\n", flush=True)
        return rows
    if part == "programs":
        measured = programs.measure(options.rounds)
        print(programs.table(measured), end="\n\n", flush=True)
        return measured
    if part == "pictures":
        evaluated = pictures.measure(options.rounds)
        print(pictures.table(evaluated), end="\n\n", flush=True)
        return evaluated
    if part == "growth":
        fits = growth.measure(options.rounds)
        print(growth.table(fits), end="\n\n", flush=True)
        return fits
    return autograd.report()


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        allow_abbrev=False,
        prog="./grade.sh bench",
        description="Times this library against others. The contenders take turns in one process.",
        epilog="Parts: " + "; ".join(f"{name}: {text}" for name, text in PARTS.items()) + ". "
        "Without PART all of them run, in about 15 minutes.",
    )
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (all of them)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    parser.add_argument(
        "--rounds", type=_count, default=9, metavar="N", help="turns of each contender (9)"
    )
    parser.add_argument(
        "--seconds", type=float, default=0.15, metavar="S", help="length of a turn (0.15)"
    )
    parser.add_argument(
        "--workloads", nargs="+", choices=[w.name for w in WORKLOADS], help="of the steps (all)"
    )
    parser.add_argument(
        "--dtypes", nargs="+", choices=("float32", "float64"), help="of the steps (both)"
    )
    parser.add_argument(
        "--contenders", nargs="+", choices=steps.CONTENDERS, metavar="NAME",
        help=f"of {', '.join(steps.CONTENDERS)} (all)",
    )  # fmt: skip
    parser.add_argument(
        "--threads", type=_count, metavar="N", help="BLAS threads of our steps (by their size)"
    )
    parser.add_argument(
        "--busy", action="store_true", help="keep one core busy meanwhile, as other programs do"
    )
    parser.add_argument("--markdown", action="store_true", help="the steps as the README's table")
    options = parser.parse_args(arguments)
    unknown = set(options.parts) - PARTS.keys()
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if options.json and not options.json.resolve().parent.is_dir():
        parser.error(f"--json: the folder of {options.json} is not there; make it first")
    return options


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())

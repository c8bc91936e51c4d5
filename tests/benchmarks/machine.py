"""What the figures were measured on and with."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

RIVALS = ("torch", "scikit-learn")


def describe() -> dict[str, Any]:
    """Processor, operating system, Python, NumPy with its BLAS, and the rivals' versions."""
    blas: dict[str, str] = next((one for one in threadpool_info() if one["user_api"] == "blas"), {})
    versions = {}
    for name in RIVALS:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": f"{blas.get('internal_api', 'unknown')} {blas.get('version', '')}".strip(),
        **versions,
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def line(facts: dict[str, Any]) -> str:
    """The facts in three lines of at most 80 columns."""
    rivals = ", ".join(f"{name} {facts[name]}" for name in RIVALS)
    return (
        f"{facts['processor'][:50]}, {facts['cores']} cores, Python {facts['python']}\n"
        f"NumPy {facts['numpy']} ({facts['blas'][:30]})\n{rivals}"
    )

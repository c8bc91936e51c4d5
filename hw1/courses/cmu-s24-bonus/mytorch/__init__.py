"""The bonus's package `mytorch`: what it lacks itself is the face of Spring 2024, then the library.

Works in its place in the project, and anywhere else where the project's top folder is on
`sys.path`, e.g. after `pip install -e .` there.
"""

import sys
from pathlib import Path

for _place in [*Path(__file__).resolve().parents, *map(Path, sys.path)]:
    if (_place / "hw1" / "courses" / "common").is_dir():
        _courses = _place / "hw1" / "courses"
        __path__ += [
            str(_courses / "cmu-s24" / "mytorch"),
            str(_courses / "common"),
            str(_place / "mytorch"),
        ]
        break
else:
    raise ImportError(
        "expected the project's top folder, which has hw1/courses/common, on sys.path; "
        "add it to PYTHONPATH, or install the project there by: pip install -e ."
    )

from .models import *
from .nn import *
from .optim import *

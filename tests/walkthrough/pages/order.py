"""The sections of all pages, in their order. A handout has `stored.py` in this place."""

from __future__ import annotations

from tests.walkthrough.expressions import WORDS
from tests.walkthrough.pages import (
    amsterdam,
    autograd,
    backward,
    batchnorm,
    batchnorm_formulas,
    closed_form,
    cmu_s23,
    cmu_s24,
    cmu_s24_bonus,
    descent,
    forward,
    gradients,
    homework2019,
    losses,
    pictures,
    uva_2019,
    words,
)
from tests.walkthrough.steps import Section

WORDS.update(words.WORDS)


def _place(section: Section) -> tuple[int, ...]:
    return tuple(map(int, section.number.split(".")))


CLASSIC = sorted(
    (
        *forward.SECTIONS,
        *losses.SECTIONS,
        *gradients.SECTIONS,
        *backward.SECTIONS,
        *descent.SECTIONS,
        *batchnorm_formulas.SECTIONS,
        *batchnorm.SECTIONS,
    ),
    key=_place,
)
AUTOGRAD = autograd.SECTIONS
DERIVATIONS = (
    *homework2019.SECTIONS,
    *amsterdam.SECTIONS,
    *pictures.SECTIONS,
    *closed_form.SECTIONS,
)
COURSES = {
    "cmu_s23": cmu_s23.SECTIONS,
    "cmu_s24": cmu_s24.SECTIONS,
    "cmu_s24_bonus": cmu_s24_bonus.SECTIONS,
    "uva_2019": uva_2019.SECTIONS,
}
"""By a course's folder, the worked numbers of its conventions."""

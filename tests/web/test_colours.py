"""Contrast of every pair of colours in use, and members' marks apart for common kinds of colour vision.

Contrast is that of WCAG 2.2 (relative luminance of sRGB): 4.5 for text (success criterion 1.4.3), 3 for controls and
marks (1.4.11). Colour vision deficiency is modelled by the matrices of Machado, Oliveira and Fernandes (2009) at full
severity, on linear RGB; distance is that of CIELAB (1976), white point D65.
"""

import math
import re
from itertools import combinations
from pathlib import Path

import pytest

from goldseam_web.config.settings import PACKAGE

TEXT, MARK = 4.5, 3.0
STATIC = PACKAGE / "static" / "goldseam"
GROUNDS = ("page", "surface", "sunk")
WORDS = ("ink", "ink-2", "ink-3", "glaze", "gold-text", "iron", "risk")
PAIRS = [
    *((word, ground, TEXT) for word in WORDS for ground in GROUNDS),
    *((f"member-{n}", "surface", TEXT) for n in (1, 2, 3, 4)),
    ("on-glaze", "glaze", TEXT),
    ("on-glaze", "glaze-hover", TEXT),
    ("on-risk", "risk", TEXT),
    ("glaze", "glaze-wash", TEXT),
    ("ink", "glaze-wash", TEXT),
    ("ink-2", "glaze-wash", TEXT),
    ("gold-text", "gold-wash", TEXT),
    ("iron", "iron-wash", TEXT),
    ("page", "ink", TEXT),
    *((mark, ground, MARK) for mark in ("edge", "gold") for ground in GROUNDS),
    ("bowl-seam", "bowl", MARK),
    ("bowl", "surface", MARK),
]
MARKS = ("member-1", "member-2", "member-3", "member-4", "gold", "iron")
USUAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
VISION = {
    "usual": (USUAL, 20),
    "protan": (
        (
            (0.152286, 1.052583, -0.204868),
            (0.114503, 0.786281, 0.099216),
            (-0.003882, -0.048116, 1.051998),
        ),
        15,
    ),
    "deutan": (
        ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
        15,
    ),
    "tritan": (
        ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
        10,
    ),
}


def tokens(css):
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", css))


LIGHT, _REST = (STATIC / "tokens.css").read_text(encoding="utf-8").split("/* Dark.", 1)
DEVICE, CHOICE = _REST.split(':root[data-theme="dark"]', 1)
THEMES = {"light": tokens(LIGHT), "dark": {**tokens(LIGHT), **tokens(DEVICE)}}


def linear(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def luminance(colour):
    r, g, b = linear(colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(colour, matrix):
    rgb = linear(colour)
    r, g, b = (min(1, max(0, sum(m * c for m, c in zip(row, rgb, strict=True)))) for row in matrix)
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def test_contrast_is_that_of_the_standard():
    # WCAG 2.2: black on white is 21 to 1; #777777 on white is the well-known 4.48 that just fails.
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "ground", "needed"), PAIRS)
def test_every_pair_in_use_can_be_read(theme, front, ground, needed):
    colours = THEMES[theme]
    assert contrast(colours[front], colours[ground]) >= needed


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("vision", VISION)
def test_marks_stay_apart(theme, vision):
    matrix, least = VISION[vision]
    for one, other in combinations(MARKS, 2):
        apart = math.dist(lab(THEMES[theme][one], matrix), lab(THEMES[theme][other], matrix))
        assert apart >= least, (one, other)


def test_dark_is_the_same_by_device_and_by_choice():
    assert tokens(DEVICE) == tokens(CHOICE)


def test_no_page_sets_a_colour_of_its_own():
    allowed = {"#fff", "#000"}  # a QR code is black on white in every theme
    for sheet in (STATIC / "dashboard.css",):
        assert set(re.findall(r"#[0-9a-f]{3,8}\b", Path(sheet).read_text(encoding="utf-8"))) <= allowed

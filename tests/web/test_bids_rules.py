"""What the tests hold an export to says of broken data sets what the validator of BIDS said of them."""

import json

import pytest

from tests.core.reference.bids_verdicts import BROKEN, KEPT, write_set
from tests.web.bids_rules import broken_rules

SAID = json.loads(KEPT.read_text(encoding="utf-8"))
# What the schema asks and that release of the validator (3.0.2) lets pass, or only warns of.
BEYOND = {
    "participant unknown": {"PHENOTYPE_SUBJECTS_MISSING"},
    "phenotype of nobody": {"PHENOTYPE_SUBJECTS_MISSING"},
    "long name a number": {"JSON_SCHEMA_VALIDATION_ERROR"},
    "column not described": {"TSV_ADDITIONAL_COLUMNS_UNDEFINED"},
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_broken_set_is_told_as_the_validator_told_it(name, tmp_path):
    """Verdicts of bids-validator 3.0.2, kept by `tests/core/reference/bids_verdicts.py`."""
    write_set(tmp_path, BROKEN[name])
    assert broken_rules(tmp_path) == set(SAID[name]["error"]) | BEYOND.get(name, set())

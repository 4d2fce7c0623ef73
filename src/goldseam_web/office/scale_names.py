"""How scales of progress are called on the pages of the clinic."""

SCALE_NAMES = {
    "wellbeing": "Well-being",
    "relationship": "The relationship",
    "parenting": "Being a parent",
    "household": "Home",
    "close_relationships": "People close by",
    "work_study": "Work or study",
    "hope": "Hope",
}

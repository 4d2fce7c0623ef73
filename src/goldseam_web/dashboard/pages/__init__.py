"""Exactly what the templates may use: frozen, without a model, so that no page can ask for more than it was given."""

from goldseam_web.dashboard.pages.caseload import (
    CaseloadPage,
    CaseRow,
    Chip,
    RowGroup,
    SupervisedPage,
    TherapistGroup,
)
from goldseam_web.dashboard.pages.shared import Badge

__all__ = ["Badge", "CaseRow", "CaseloadPage", "Chip", "RowGroup", "SupervisedPage", "TherapistGroup"]

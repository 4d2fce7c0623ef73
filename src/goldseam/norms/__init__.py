"""What is known of a population before a person's first rating.

A criterion that works from the fourth rating on has to borrow what three ratings cannot tell: where people
usually start, how much they differ from each other, and how much one person varies from session to session.
Norms are given or shipped; fitting them is a step of its own (`fit_norms`), so that adding ratings never changes
an earlier decision. Only a table that is judged without a word about norms is given its own (`choosing`).
"""

from goldseam.norms.fitting import fit_norms
from goldseam.norms.scale_norms import Norms, PersonNorms, ScaleNorms

__all__ = ["Norms", "PersonNorms", "ScaleNorms", "fit_norms"]

"""Courses over a whole treatment: growth models, and the shapes of single courses."""

from goldseam.trajectory.growth import GrowthModel, fit_growth

__all__ = ["GrowthModel", "fit_growth"]

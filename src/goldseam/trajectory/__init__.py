"""Courses over a whole treatment: growth models, and the shapes of single courses."""

from goldseam.trajectory.growth import GrowthModel, fit_growth
from goldseam.trajectory.shapes import CourseShapes, course_shapes

__all__ = ["CourseShapes", "GrowthModel", "course_shapes", "fit_growth"]

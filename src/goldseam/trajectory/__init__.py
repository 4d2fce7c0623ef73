"""Courses over a whole treatment: growth models, and the shapes of single courses."""

from goldseam.trajectory.expected import ExpectedCourse, expected_course
from goldseam.trajectory.growth import GrowthModel, fit_growth
from goldseam.trajectory.shapes import CourseShapes, course_shapes

__all__ = [
    "CourseShapes",
    "ExpectedCourse",
    "GrowthModel",
    "course_shapes",
    "expected_course",
    "fit_growth",
]

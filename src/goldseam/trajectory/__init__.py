"""Courses over a whole treatment: growth models, and the shapes of single courses."""

from goldseam.trajectory.expected import ExpectedCourse, expected_course
from goldseam.trajectory.growth import GrowthModel, fit_growth
from goldseam.trajectory.shapes import CourseShapes, course_shapes
from goldseam.trajectory.single_shape import SingleShape, single_shape
from goldseam.trajectory.track_rule import TrackLook, TrackRate, TrackRule

__all__ = [
    "CourseShapes",
    "ExpectedCourse",
    "GrowthModel",
    "SingleShape",
    "TrackLook",
    "TrackRate",
    "TrackRule",
    "course_shapes",
    "expected_course",
    "fit_growth",
    "single_shape",
]

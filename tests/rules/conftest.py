"""The same people as in the tests of the application."""

from tests.web.conftest import cast, now

__all__ = ["cast", "now"]

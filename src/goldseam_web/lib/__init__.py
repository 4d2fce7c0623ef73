"""Helpers without models, shared by every room."""

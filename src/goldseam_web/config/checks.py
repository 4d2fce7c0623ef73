"""Combinations of settings that must not run."""

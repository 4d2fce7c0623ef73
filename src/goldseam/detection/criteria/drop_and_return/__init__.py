"""Criteria of the rupture-repair literature: a drop from one session to the next, and a return."""

"""Drops below a reference level taken from the person's own earlier ratings."""

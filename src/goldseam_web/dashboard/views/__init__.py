"""Views by page: parse, one call, render."""

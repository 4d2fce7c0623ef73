"""Stevens criteria: a local drop and return, and a whole course that is high, low and high again."""

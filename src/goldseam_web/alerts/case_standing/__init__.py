"""How a case stands for one reader: worked out from its rows, and kept so that a list of many cases reads it."""

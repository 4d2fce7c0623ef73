"""Data for research: what people agreed to give, under other names and on other days."""

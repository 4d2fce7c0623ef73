"""The application: four doors over rooms with tables. The science lives in ``goldseam``."""

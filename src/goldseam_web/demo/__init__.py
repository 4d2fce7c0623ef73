"""A fictional clinic to try everything on. Nothing here runs unless GOLDSEAM_DEMO is on."""

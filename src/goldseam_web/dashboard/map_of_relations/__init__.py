"""Who rates whom in a couple or a family: for therapists and supervisors alone."""

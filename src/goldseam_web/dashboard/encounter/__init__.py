"""What the pages about one session show: its links, and the therapist's own view of it."""

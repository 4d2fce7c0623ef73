"""The page of one episode: its way, and what the therapist notes of it in one tap."""

"""Filling an empty database with a made-up clinic: people, sessions, simulated answers, and real judgements of them."""

from goldseam_web.demo.seed.seeding import seed

__all__ = ["seed"]

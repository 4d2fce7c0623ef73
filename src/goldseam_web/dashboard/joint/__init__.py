"""The joint view: what all of a couple or family look at together, once each of them has released it."""

"""Trackers turn frames into poses: one file per tracker, one factory."""

"""Benchmarks of trackers: speed alone, and agreement of what they lead to."""

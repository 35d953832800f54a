"""Measures what the house costs, as ratios to a limit taken in the same run."""

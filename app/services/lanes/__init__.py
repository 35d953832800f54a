"""Lanes of jobs: how they stand, pause and resume."""

"""What the API process holds in memory after the load of the other lines."""

from benchmarks.measure import Line, memory_mb

GOAL_MB = 250.0


def measure(pid: int) -> Line:
    """Measure a server that has been under load."""
    held = memory_mb(pid)
    return Line(
        "api_memory",
        "MB resident",
        held,
        GOAL_MB,
        "the goal itself",
        held / GOAL_MB,
        goal=1.0,
        at_most=True,
    )

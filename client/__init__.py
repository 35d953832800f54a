"""A typed client of the service. Needs httpx alone; the folder can be copied into any project.

`relief.py` and `schemas.py` are made from openapi/openapi.json by `make client`; the rest is ours.
"""

from .relief import Relief
from .wire import Answer, Problem, Unanswered, Upload

__all__ = ["Answer", "Problem", "Relief", "Unanswered", "Upload"]

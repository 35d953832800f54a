"""People: registering, finding and reading them, and what covers them on a day."""

from app.services.people.look_up_person import look_up_person
from app.services.people.read_covers import CoversView, read_covers
from app.services.people.read_person import read_person
from app.services.people.register_person import register_person
from app.services.people.view import PersonView

__all__ = [
    "CoversView",
    "PersonView",
    "look_up_person",
    "read_covers",
    "read_person",
    "register_person",
]

"""Areas: loading the divisions and listing them."""

from app.services.areas.list_areas import list_areas
from app.services.areas.load_areas import load_areas
from app.services.areas.merge_area import merge_area

__all__ = ["list_areas", "load_areas", "merge_area"]

"""THE LIBRARY: loader, validator and one YAML file per scheme, dated and sourced."""

from app.catalogue.loading import (
    find_versions,
    load_all,
    load_file,
    load_folder,
    load_standards,
    load_versions,
)

__all__ = [
    "find_versions",
    "load_all",
    "load_file",
    "load_folder",
    "load_standards",
    "load_versions",
]

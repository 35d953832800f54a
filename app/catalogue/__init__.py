"""THE LIBRARY: loader, validator and one YAML file per scheme, dated and sourced."""

from app.catalogue.loading import load_all, load_file, load_folder, load_standards

__all__ = ["load_all", "load_file", "load_folder", "load_standards"]

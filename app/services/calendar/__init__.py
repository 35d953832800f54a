"""The days off work that terms of working days leave out."""

"""Totals for dashboards: folded in the background, compared with the full count, mended."""

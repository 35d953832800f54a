"""Acts on endpoints that others are told at, and telling them."""

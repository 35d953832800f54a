"""Notes between colleagues on notices and claims, and who works on them."""

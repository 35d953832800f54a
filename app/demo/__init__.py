"""A county to try things in: invented people, policies and claims, and the story played on them."""

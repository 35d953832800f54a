"""A stand-in insurer as a real HTTP server; public libraries only, nothing of ours."""

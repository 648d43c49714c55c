"""Clients of the API for other people's programs, and what writes their typed half."""

"""The same house as the tests of the API have."""

from tests.api.conftest import anyone, empty_database, hashes, house, served

__all__ = ["anyone", "empty_database", "hashes", "house", "served"]

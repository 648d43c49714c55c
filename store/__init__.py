"""Everything that is kept, and the only room that knows SQLAlchemy."""

"""Write the next migration: `make migration NAME="an index on messages by day"`.

An empty database is brought up to date by the migrations there are, and compared with `store/tables.py`.
"""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from store import migrate
from store.work import open_engine

CONFIG = Path(__file__).resolve().parent.parent / "alembic.ini"


def write_migration(what: str) -> Path:
    """Write what `store/tables.py` has that the migrations lack, under the next number. Returns the file."""
    with tempfile.TemporaryDirectory() as made:
        url = f"sqlite:///{made}/up-to-date.db"
        newest = migrate.migrate(url)
        config = Config(str(CONFIG))
        config.set_main_option("script_location", str(migrate.MIGRATIONS).replace("%", "%%"))
        engine = open_engine(url)
        try:
            with engine.connect() as connection:
                config.attributes["connection"] = connection
                script = command.revision(config, what, autogenerate=True, rev_id=f"{int(newest) + 1:04}")
        finally:
            engine.dispose()
    if script is None or isinstance(script, list):
        raise RuntimeError("Alembic wrote no single file.")
    return Path(script.path)


if __name__ == "__main__":
    sys.stdout.write(f"{write_migration(sys.argv[1])}: read it, and run  make test\n")

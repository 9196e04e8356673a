"""Run migrations on the connection the program hands over, or on a database named by hand.

For development: `alembic -x url=sqlite:///scratch.db revision --autogenerate -m "..."`.
"""

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool


def run(connection, metadata=None):
    """Run inside the transaction that is already open on `connection`."""
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=False)
    context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    run(connection)
else:
    from forecast_ledger.store.schema import complete_metadata

    engine = create_engine(context.get_x_argument(as_dictionary=True)["url"], poolclass=NullPool)
    with engine.begin() as connection:
        run(connection, complete_metadata())

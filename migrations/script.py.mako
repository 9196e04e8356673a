"""${message}

A migration adds tables and nullable columns, with triggers on every new table. It imports
nothing of forecast_ledger: tables and trigger texts are written out, so that it never changes.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """There is no way back: restore the backup made before the upgrade."""
    raise NotImplementedError("restore the backup made before the upgrade: fl db restore")

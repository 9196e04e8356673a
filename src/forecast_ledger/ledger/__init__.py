"""The use cases of a ledger, and the public API of this package.

>>> from datetime import UTC, datetime
>>> import tempfile
>>> folder = tempfile.TemporaryDirectory()
>>> clock = lambda: datetime(2026, 11, 22, 12, tzinfo=UTC)
>>> with Ledger(f"{folder.name}/ledger.db", clock=clock) as ledger:
...     added = ledger.add("Will it rain?", Answer(yes=350_000_000), who="Mia Jensen")
>>> added.state.key
'rain'
>>> folder.cleanup()
"""

from forecast_ledger.domain.entries import Answer
from forecast_ledger.domain.moments import When
from forecast_ledger.ledger.articles import Articles
from forecast_ledger.ledger.resolving import Resolving
from forecast_ledger.ledger.transfer import Transfer
from forecast_ledger.ledger.views import Views


class Ledger(Views, Resolving, Articles, Transfer):
    """A ledger at a path or database URL. Every method is one transaction.

    `clock` returns the present moment, aware; `notify` is told, in a line each, what takes
    long or was done unasked. Methods that read take `as_of`, and then see what was recorded
    by that moment and take it as now. Errors are those of `forecast_ledger.errors`.
    """


__all__ = ["Answer", "Ledger", "When"]

"""Whether a ledger still is what was recorded."""

from __future__ import annotations

from forecast_ledger.domain.canonical import digest_of, leaf_of
from forecast_ledger.errors import LedgerError, Problem, VerificationError
from forecast_ledger.store.read import Reader


def verified(reader: Reader) -> int:
    """Recompute every digest and every leaf; return how many entries there are.

    Raises VerificationError, with every entry that does not match.
    """
    from forecast_ledger.store.verify import strays

    problems, expected, last = list(strays(reader)), 1, None
    for seq, recorded_at, nonce, digest, kind, leaf in reader.rows():
        place = f"entry {seq}"
        if seq != expected:
            problems.append(Problem(place, f"stands where entry {expected} should"))
        if last is not None and recorded_at < last:
            problems.append(Problem(place, "was recorded before the one above it"))
        if leaf != leaf_of(seq, recorded_at, nonce, digest):
            problems.append(Problem(place, "its leaf does not match its row in the log"))
        expected, last = seq + 1, recorded_at
        try:
            (row,) = reader.load([seq])
            if kind != row.entry.TYPE or digest_of(row.entry) != digest:
                problems.append(Problem(place, f"the {kind} does not match its digest"))
        except VerificationError as error:
            problems.extend(error.problems)
        except (LedgerError, ValueError, KeyError) as error:
            problems.append(Problem(place, f"the {kind} cannot be read: {error}"))
    if problems:
        count = f"{len(problems)} fault{'s' if len(problems) > 1 else ''}"
        raise VerificationError(
            f"the ledger is not what was recorded: {count}. Put a backup in its place.",
            tuple(problems),
        )
    return reader.cut

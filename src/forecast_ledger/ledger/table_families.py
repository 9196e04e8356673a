"""The families of a table's questions, joined to those recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from forecast_ledger.domain.entries import Family
from forecast_ledger.ledger.table_plan import Fault, Planned
from forecast_ledger.store.read import Reader


def families_of(
    reader: Reader | None, planned: Sequence[Planned], fault: Fault
) -> tuple[list[Family], int]:
    """Return new families, which replace those of their keys, and how many are recorded already.

    A question that is in another family is told to `fault`.
    """
    members: dict[str, list[Planned]] = defaultdict(list)
    for one in planned:
        if one.asked.family is None:
            continue
        other = [name for name in one.families if name != one.asked.family]
        if other:
            fault(
                one.asked.lines["family"],
                "family",
                f"{one.key} is in the family {other[0]} already; a question turns on one event.",
            )
            continue
        members[one.asked.family].append(one)
    new, already = [], 0
    for key in sorted(members):
        before = reader.find("family", key=key) if reader else []
        named = dict.fromkeys(q for row in before for q in row.entry.questions)
        wanted = [one.digest for one in members[key]]
        if before and all(digest in named for digest in wanted):
            already += 1
            continue
        titles = [row.entry.title for row in before if row.entry.title]
        new.append(
            Family(
                key=key,
                title=titles[-1] if titles else None,
                questions=tuple(dict.fromkeys((*named, *wanted))),
                replaces=tuple(row.digest for row in before),
            )
        )
    return new, already

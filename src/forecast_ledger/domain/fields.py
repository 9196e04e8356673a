"""The parts an entry is made of, and what each part means to every form of it.

An entry type states its fields once, as annotations of a dataclass. The canonical
form, JSON Lines, books and the store read this one statement, so that a field cannot
be in one form and missing from another.
"""

from __future__ import annotations

import hashlib
import re
import types
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum
from typing import Annotated, Any, NewType, Union, get_args, get_origin, get_type_hints

from forecast_ledger.domain.moments import When
from forecast_ledger.domain.probability import WHOLE
from forecast_ledger.errors import InvalidError

Digest = NewType("Digest", str)
"""SHA-256 of an entry's canonical form, as 64 lower-case hexadecimal digits."""


class Role(Enum):
    """What a field holds."""

    NAME = "name"
    KEY = "key"
    URL = "url"
    HASH = "hash"
    TEXT = "text"
    REFERENCE = "reference"
    REFERENCES = "references"
    WHEN = "when"
    PARTS = "parts"
    FLAG = "flag"
    RECORD = "record"
    ROWS = "rows"


Name = Annotated[str, Role.NAME]
"""One short line: a name, a place, a word from a closed list."""
Key = Annotated[str, Role.KEY]
"""A readable key: lower-case letters, digits, `-`, `_` and `.`."""
Url = Annotated[str, Role.URL]
"""An address, http or https only."""
Hash = Annotated[str, Role.HASH]
"""SHA-256 of something outside the ledger, as 64 hexadecimal digits."""
Text = Annotated[str, Role.TEXT]
"""Free text. It enters a digest by its own SHA-256 and is kept apart."""
Reference = Annotated[Digest, Role.REFERENCE]
"""Another entry, named by its digest."""
References = Annotated[tuple[Digest, ...], Role.REFERENCES]
"""Other entries, named by their digests, in order."""
Parts = Annotated[int, Role.PARTS]
"""A probability as an integer: parts per 10⁹."""
Flag = Annotated[bool, Role.FLAG]
"""Yes or no."""

LONGEST_NAME = 300
LONGEST_KEY = 100
LONGEST_URL = 2_000
LONGEST_TEXT = 100_000

_PLAIN = (Role.NAME, Role.KEY, Role.URL, Role.HASH, Role.REFERENCE, Role.PARTS, Role.FLAG)
_FIELDS: dict[type[Any], tuple[Field, ...]] = {}
_KEY = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_HASH = re.compile(r"[0-9a-f]{64}")
# C0 and C1 controls, DEL, line and paragraph separators, lone surrogates.
_ADDRESS = re.compile(r"https?://[^/?#]")
_CONTROL_IN_NAME = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROL_IN_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class Value:
    """What is equal if it is of one class with equal fields.

    A dataclass can write this for each class anew, but the many of them would take a good
    part of the time a command needs to start.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Compare field by field."""
        return type(self) is type(other) and _contents(self) == _contents(other)

    def __hash__(self) -> int:
        """Hash the class with its fields."""
        return hash((type(self), *_contents(self)))

    def __repr__(self) -> str:
        """Show the fields that say something."""
        names = (field.name for field in fields_of(type(self)))
        shown = ", ".join(
            f"{name}={content!r}"
            for name, content in zip(names, _contents(self), strict=True)
            if content is not None and content != ()
        )
        return f"{type(self).__name__}({shown})"


def _contents(value: Value) -> tuple[Any, ...]:
    return tuple(getattr(value, field.name) for field in fields_of(type(value)))


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entry: its name, its role, and whether it may be absent.

    `record` is the class of a nested record, or of each row. `check` is how its role is checked;
    what has none checks itself. `is_plain` says that it is written as it is in every form.
    """

    name: str
    role: Role
    optional: bool
    record: type[Any] | None = None
    check: Callable[[str, Any], Any] | None = None
    is_plain: bool = False


def fields_of(cls: type[Any]) -> tuple[Field, ...]:
    """Return the fields of an entry type or nested record, in the order of its definition."""
    known = _FIELDS.get(cls)
    if known is None:
        hints = get_type_hints(cls, include_extras=True)
        known = tuple(_field(field.name, hints[field.name]) for field in fields(cls))
        _FIELDS[cls] = known
    return known


def _field(name: str, hint: Any) -> Field:
    optional = False
    if get_origin(hint) in (Union, types.UnionType):
        hint = next(arg for arg in get_args(hint) if arg is not type(None))
        optional = True
    if get_origin(hint) is Annotated:
        inner, role = get_args(hint)
        optional = optional or get_origin(inner) is tuple
        return Field(name, role, optional, check=_CHECKS[role], is_plain=role in _PLAIN)
    if hint is When:
        return Field(name, Role.WHEN, optional, check=_CHECKS[Role.WHEN])
    if get_origin(hint) is tuple:
        return Field(name, Role.ROWS, optional=True, record=get_args(hint)[0])
    return Field(name, Role.RECORD, optional, record=hint)


def check_fields(value: Any) -> None:
    """Bring every text of `value` to its normal form; refuse what no field may hold."""
    for field in fields_of(type(value)):
        content = getattr(value, field.name)
        if content is None:
            if not field.optional:
                raise InvalidError(f"{field.name} is missing")
            continue
        if field.check is not None:
            normal = field.check(field.name, content)
            if normal is not content:
                object.__setattr__(value, field.name, normal)


def check_field(role: Role, name: str, content: Any) -> Any:
    """Return `content` in the normal form of its role; refuse what that role may not hold.

    `name` is how the message names it. Nested records and rows check themselves.
    """
    check = _CHECKS.get(role)
    return content if check is None else check(name, content)


def normal_text(text: str) -> str:
    """Return `text` as it is digested: NFC, line ends as a single newline."""
    if text.isascii() and "\r" not in text:
        return text
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def text_digest(text: str) -> str:
    """Return the SHA-256 of a free text in its normal form, in hexadecimal."""
    return hashlib.sha256(normal_text(text).encode()).hexdigest()


def _check_text(name: str, text: str) -> str:
    _check_str(name, text)
    if len(text) > LONGEST_TEXT:
        raise InvalidError(
            f"{name} has {len(text):,} characters; at most {LONGEST_TEXT:,} are kept. Shorten it."
        )
    text = normal_text(text)
    if found := _CONTROL_IN_TEXT.search(text):
        raise _control(name, found)
    if not text.strip():
        raise InvalidError(f"{name} is empty. Leave it out or say something.")
    return text


def _check_name(name: str, text: str) -> str:
    _check_str(name, text)
    if len(text) > LONGEST_NAME:
        raise InvalidError(
            f"{name} has {len(text):,} characters; at most {LONGEST_NAME} are allowed. Shorten it."
        )
    if found := _CONTROL_IN_NAME.search(text):
        raise _control(name, found)
    if not text.strip():
        raise InvalidError(f"{name} is empty")
    if text != text.strip():
        raise InvalidError(f"{name} {text!r} begins or ends with white space. Take it away.")
    return normal_text(text)


def _check_key(name: str, text: str) -> str:
    _check_str(name, text)
    if len(text) > LONGEST_KEY:
        raise InvalidError(
            f"{name} has {len(text):,} characters; at most {LONGEST_KEY} are allowed. Shorten it."
        )
    if not _KEY.fullmatch(text):
        raise InvalidError(
            f"{name} {text!r} is not a key: lower-case letters and digits, joined by - _ or ."
            " (such as uk-rates-2026-12)"
        )
    return text


def _check_url(name: str, text: str) -> str:
    _check_str(name, text)
    if len(text) > LONGEST_URL:
        raise InvalidError(
            f"{name} has {len(text):,} characters; at most {LONGEST_URL:,} are allowed."
        )
    if not _ADDRESS.match(text) or any(c.isspace() for c in text):
        raise InvalidError(
            f"{name} {text[:80]!r} is not an http or https address, such as"
            " https://example.org/page"
        )
    if found := _CONTROL_IN_NAME.search(text):
        raise _control(name, found)
    return normal_text(text)


def _check_hash(name: str, text: str) -> str:
    _check_str(name, text)
    if not _HASH.fullmatch(text):
        raise InvalidError(f"{name} is not a SHA-256: 64 lower-case hexadecimal digits")
    return text


def _check_references(name: str, digests: tuple[Digest, ...]) -> tuple[Digest, ...]:
    if not isinstance(digests, tuple):
        raise InvalidError(f"{name} is not a list")
    for digest in digests:
        _check_hash(name, digest)
    if len(set(digests)) != len(digests):
        raise InvalidError(f"{name} names one entry twice. Name it once.")
    return digests


def _check_parts(name: str, parts: int) -> int:
    if type(parts) is not int:
        raise InvalidError(f"{name} is not an integer of parts per 1,000,000,000")
    if not 0 <= parts <= WHOLE:
        raise InvalidError(f"{name} is {parts} parts per 1,000,000,000: outside 0 to 100 %")
    return parts


def _check_flag(name: str, flag: object) -> bool:
    if not isinstance(flag, bool):
        raise InvalidError(f"{name} is neither true nor false")
    return flag


def _check_when(name: str, when: When) -> When:
    if not isinstance(when, When):
        raise InvalidError(f"{name} is not a moment or a date")
    return when


def _check_str(name: str, text: object) -> None:
    if not isinstance(text, str):
        raise InvalidError(f"{name} is not text")


def _control(name: str, found: re.Match[str]) -> InvalidError:
    return InvalidError(
        f"{name} holds a control character (U+{ord(found[0]):04X} at place {found.start() + 1})."
        " Take it away."
    )


_CHECKS: dict[Role, Callable[[str, Any], Any]] = {
    Role.TEXT: _check_text,
    Role.NAME: _check_name,
    Role.KEY: _check_key,
    Role.URL: _check_url,
    Role.HASH: _check_hash,
    Role.REFERENCE: _check_hash,
    Role.REFERENCES: _check_references,
    Role.PARTS: _check_parts,
    Role.FLAG: _check_flag,
    Role.WHEN: _check_when,
}

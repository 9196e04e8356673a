"""Where the tables and keys of a TOML text stand, which tomllib does not say.

A path names a place as `tomllib` nests it: `("question", 2, "forecast", 0, "made")` is the
key `made` of the first forecast of the third question.
"""

from __future__ import annotations

import re
import tomllib

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'""")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_SCALAR = re.compile(r"[^,\]}\n#]+")
# In this order: the opening of a long string begins with the one of a short string.
_STRINGS = (
    re.compile(r'"""[^"\\]*+(?:(?:\\.|"{1,2}(?!"))[^"\\]*+)*+"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'''(?:'{0,2})", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*+"'),
    re.compile(r"'[^'\n]*+'"),
)


def places_of(text: str) -> dict[Path, int]:
    """Return the line, from 1, of every table, key and list item of `text`.

    `text` must be TOML that tomllib accepts.
    """
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0
        self._places: dict[Path, int] = {}
        self._tables: dict[Path, int] = {}

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_BLANK)
        return self._places

    def _header(self) -> Path:
        """Read a `[table]` or `[[table]]` header; return the path of the table it opens."""
        is_list = self._text.startswith("[[", self._at)
        line = self._line_here()
        self._at += 2 if is_list else 1
        self._skip(_BLANK)
        *outer, last = self._dotted()
        self._skip(_BLANK)
        self._at += 2 if is_list else 1
        path: Path = ()
        for part in outer:
            path = self._inside((*path, part))
        path = (*path, last)
        if is_list:
            self._places.setdefault(path, line)
            number = self._tables.get(path, 0)
            self._tables[path] = number + 1
            path = (*path, number)
        self._places[path] = line
        return path

    def _inside(self, path: Path) -> Path:
        """Return `path`, or that of its last table where it is a list of tables."""
        count = self._tables.get(path)
        return path if count is None else (*path, count - 1)

    def _pair(self, table: Path) -> None:
        line = self._line_here()
        path = table
        for part in self._dotted():
            path = (*path, part)
            self._places.setdefault(path, line)
        self._skip(_EQUALS)
        self._value(path)

    def _dotted(self) -> list[str]:
        parts = [self._key()]
        while self._skip(_DOT):
            parts.append(self._key())
        return parts

    def _key(self) -> str:
        raw = self._take(_KEY)
        if raw[0] == '"':
            return str(tomllib.loads(f"key = {raw}")["key"])
        return raw[1:-1] if raw[0] == "'" else raw

    def _value(self, path: Path) -> None:
        opening = self._text[self._at]
        if opening == "[":
            self._list(path)
        elif opening == "{":
            self._inline_table(path)
        elif opening in "\"'":
            next(pattern for pattern in _STRINGS if self._skip(pattern))
        else:
            self._take(_SCALAR)

    def _list(self, path: Path) -> None:
        self._at += 1
        number = 0
        while True:
            self._skip(_BLANK)
            if self._text[self._at] == "]":
                break
            self._places[*path, number] = self._line_here()
            self._value((*path, number))
            number += 1
            self._comma()
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        while True:
            self._skip(_BLANK)
            if self._text[self._at] == "}":
                break
            self._pair(path)
            self._comma()
        self._at += 1

    def _comma(self) -> None:
        self._skip(_BLANK)
        if self._text[self._at] == ",":
            self._at += 1

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self._text, self._at)
        if found is None:
            return False
        self._at = found.end()
        return True

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise ValueError(f"not TOML at line {self._line_here()}")
        self._at = found.end()
        return found[0]

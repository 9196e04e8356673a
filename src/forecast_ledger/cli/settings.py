"""What the user has set: the ledger's place, the zone, the name. Read only when needed."""

from __future__ import annotations

import os
from datetime import date, datetime, tzinfo
from pathlib import Path

from forecast_ledger.errors import DatabaseError, LedgerError, UsageError

PROGRAM = "forecast-ledger"


def library(text: str, now: datetime, zone: tzinfo) -> datetime | date | None:
    """Ask the library of dates, which is loaded only now."""
    from forecast_ledger.cli.date_library import date_library

    return date_library(text, now, zone)


def location_of(given: str | None) -> str:
    """Return where the ledger is: as given, as FORECAST_LEDGER says, else the user's own."""
    named = os.environ.get("FORECAST_LEDGER") if given is None else given
    if named or given is not None:
        return named or ""
    import platformdirs

    return str(Path(platformdirs.user_data_dir(PROGRAM, appauthor=False)) / "ledger.db")


def zone_of(given: str | None) -> tzinfo:
    """Return the zone: as given, as FORECAST_LEDGER_ZONE says, else the computer's."""
    from forecast_ledger.domain.zones import zone_named

    if given is not None:
        return zone_named(given)
    if named := os.environ.get("FORECAST_LEDGER_ZONE"):
        try:
            return zone_named(named)
        except UsageError as error:
            raise UsageError(f"FORECAST_LEDGER_ZONE: {error.message}") from None
    return _system_zone()


def _system_zone() -> tzinfo:
    import warnings

    from forecast_ledger.domain.zones import zone_named

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import tzlocal

        try:
            return zone_named(tzlocal.get_localzone_name() or "UTC")
        except Exception:  # noqa: BLE001 - a computer that does not know its zone is in UTC
            return zone_named("UTC")


# -- the user's own name ---------------------------------------------------------------------


def checked_name(text: str) -> str:
    """Return a name in its normal form; refuse what names nobody, such as "me"."""
    from forecast_ledger.domain.entries import Forecaster

    try:
        return Forecaster(name=text.strip()).name
    except LedgerError as error:
        raise UsageError(error.message) from None


def config_path() -> Path:
    """Return the file of the user's settings: FORECAST_LEDGER_CONFIG, else the usual place."""
    named = os.environ.get("FORECAST_LEDGER_CONFIG")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_dir(PROGRAM, appauthor=False)) / "config.toml"


def known_name() -> str | None:
    """Return the user's name: FORECAST_LEDGER_WHO, else the one kept in the settings."""
    named = os.environ.get("FORECAST_LEDGER_WHO")
    if named:
        return checked_name(named)
    path = config_path()
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}. Mend it or take it away.") from None
    import tomllib

    try:
        name = tomllib.loads(text).get("name")
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}. Mend it or take it away.") from None
    if name is None:
        return None
    if not isinstance(name, str):
        raise UsageError(f"{path}: name is not text. Say it anew: fl me NAME")
    return checked_name(name)


def save_name(name: str) -> Path:
    """Keep the user's name, beside whatever else the settings hold; return the file."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = config_path()
    try:
        text = path.read_text("utf-8") if path.exists() else ""
        settings = tomlkit.parse(text)
        settings["name"] = name
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_text(tomlkit.dumps(settings), "utf-8")
        fresh.replace(path)
    except (UnicodeDecodeError, TOMLKitError) as error:
        raise UsageError(f"{path} is not TOML: {error}. Mend it or take it away.") from None
    except OSError as error:
        raise DatabaseError(
            f"{path} cannot be written: {error.strerror}. Name another file with"
            " FORECAST_LEDGER_CONFIG, or the name itself with FORECAST_LEDGER_WHO."
        ) from None
    return path

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import FixedClock
from tests.refusals.bench import LEDGER, SCENE, Bench


def set_out(folder: Path, patch: pytest.MonkeyPatch) -> Bench:
    """Stand in a folder as Mia Jensen of Berlin; paths in messages are then short and known."""
    patch.chdir(folder)
    patch.setenv("FORECAST_LEDGER_WHO", "Mia Jensen")
    patch.setenv("FORECAST_LEDGER_ZONE", "Europe/Berlin")
    return Bench(folder, FixedClock())


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a ledger in which the scene has been played."""
    with pytest.MonkeyPatch.context() as patch:
        bench = set_out(tmp_path_factory.mktemp("scene"), patch)
        for line in SCENE.strip().splitlines():
            bench.fl(line)
        return Path(LEDGER).read_bytes()


@pytest.fixture
def bench(scene: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The scene, a day later."""
    bench = set_out(tmp_path, monkeypatch)
    bench.write(LEDGER, scene)
    bench.clock.advance(days=1)
    return bench

"""What every test may ask for."""

import gc
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.database import DirectoryBasedExampleDatabase

from licences import kinds
from tests import chromium, workers
from tests.settled import SETTLED, Settled
from tests.sizes import PROVE, size

REPOSITORY = Path(__file__).resolve().parent.parent
SHORT_BYTES = 60

hypothesis_settings.register_profile(
    "orbitrage",
    max_examples=size(small=30, large=2_000),
    deadline=None,
    derandomize=not PROVE,
    database=DirectoryBasedExampleDatabase(REPOSITORY / "var" / "cache" / "hypothesis")
    if PROVE
    else None,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("orbitrage")


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: no sweep looks at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("serial"):
            item.add_marker(pytest.mark.xdist_group("serial"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if settled := item.config.stash.get(SETTLED, None):
        settled.make_way(item)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """A file that a test makes says its hour: workers would not agree on its name."""
    return argname if isinstance(val, bytes) and len(val) > SHORT_BYTES else None


# --- The programme --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def settled(django_db_setup, django_db_blocker, request) -> Iterator[Settled]:
    """One for all folders: two would be open at once."""
    from tests.requests_app import world

    made = request.config.stash[SETTLED] = Settled(world.programme, django_db_blocker)
    yield made
    made.close()


# --- Real data ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data that lies beside the project, never inside it."""
    folder = settings.ORBITRAGE_SHARED_DATA
    if not folder.is_dir():
        message = f"real data absent: {folder} (ORBITRAGE_SHARED_DATA)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


# --- Language -------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def language_of_one_test_only() -> Iterator[None]:
    """A page leaves its language behind."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


# --- Files ----------------------------------------------------------------------------------------


@pytest.fixture
def signed_kind(tmp_path: Path, settings) -> None:
    """Kinds that the legal representative or the requester signs on the site, each time."""
    folder = tmp_path / "kinds"
    shutil.copytree(kinds.folder(), folder)
    for path in folder.glob("pleiades_*/1/kind.toml"):
        text = path.read_text(encoding="utf-8")
        text = text.replace('signature = "at_joining"', 'signature = "per_request"')
        text = re.sub(
            "^signatories = .*$",
            'signatories = ["legal_representative", "requester"]',
            text,
            flags=re.MULTILINE,
        )
        path.write_text(text, encoding="utf-8")
    settings.ORBITRAGE_LICENCE_KINDS = folder


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, settings) -> Path:
    """A folder of this test's own for what the service stores."""
    folder = tmp_path / "storage"
    folder.mkdir()
    settings.MEDIA_ROOT = folder
    return folder


# --- A real worker --------------------------------------------------------------------------------


@pytest.fixture
def start_worker(
    transactional_db, storage: Path, tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts real Celery workers on this test's database; ends them with the test.

    The worker listens to a queue of this database only; its log is in ``tmp_path``.
    """
    started: list[subprocess.Popen[bytes]] = []

    with workers.own_queue() as queue:

        def start(*, beat: bool = True) -> subprocess.Popen[bytes]:
            worker = workers.start(
                storage,
                queue,
                log=tmp_path / f"worker-{len(started)}.log",
                beat=tmp_path / "beat" if beat else None,
            )
            started.append(worker)
            return worker

        yield start

        for worker in started:
            worker.terminate()
        for worker in started:
            workers.end(worker)


# --- Browser --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    found = chromium.executable()
    if found is None:
        pytest.fail("Chromium is not installed: run `make setup`.")
    return {"executable_path": found, "headless": True, "args": chromium.ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    return {**browser_context_args, "locale": "fr-FR", "timezone_id": "Europe/Paris"}

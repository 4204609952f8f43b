"""What the tests of the core share: the founding policy as it is read, an assistant over it, the command line.

The index is kept under pytest's cache folder. It brings itself up to date, so a rerun opens it at once and a changed
policy embeds only what has changed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import pytest

from app.assistant import Assistant
from app.settings import load_settings
from corpus import Library
from corpus.models import Policy

FOUNDING = "sz-new-materials-2023"
# A day on which the founding policy is in force; no answer of a test depends on when it runs.
TODAY = date(2026, 3, 2)

SMALL_POLICY = """示例市机器人产业促进办法

示例市为促进机器人产业发展，制定本办法。

第一条 支持机器人整机研发。对新认定的整机企业，给予最高80万元资助。（责任单位：市科技局）

第二条 支持机器人应用推广。对年度应用场景示范项目，按实际投入的30%给予不超过45万元补助。（责任单位：市商务局、科技局）

第三条 本办法自2024年5月1日起施行，有效期3年。
"""


@dataclass(frozen=True)
class Done:
    """A command that has run. ``stderr`` is without progress bars' carriage returns."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line with which the command says what is wrong; fails the test when it is not one line."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, f"not one line: {self.err!r}"
        assert "Traceback" not in self.err
        return lines[0]


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.load()


@pytest.fixture(scope="session")
def founding(library: Library) -> Policy:
    return library.policy(FOUNDING)


@pytest.fixture(scope="session")
def source_text(founding: Policy) -> str:
    return founding.source_text


def open_assistant(data_dir: Path, today: date = TODAY, corpus_dir: Path | None = None) -> Assistant:
    return Assistant.open(
        load_settings(data_dir=data_dir, today=today.isoformat(), corpus_dir=corpus_dir, embedder="bundled")
    )


@pytest.fixture(scope="session")
def data_dir(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an index of the founding policy that fits it."""
    cache = getattr(request.config, "cache", None)
    folder = Path(cache.mkdir("policy-data")) if cache else tmp_path_factory.mktemp("policy-data")
    open_assistant(folder)
    return folder


class OpenPolicy(Protocol):
    """Opens an assistant on an invented policy that is nothing but its source text."""

    def __call__(self, name: str, source: str, places: Sequence[str], subjects: Sequence[str]) -> Assistant: ...


@pytest.fixture(scope="session")
def open_policy(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> OpenPolicy:
    """Each policy gets a folder of its own; ``places`` are the names of its jurisdiction."""

    def opened(name: str, source: str, places: Sequence[str], subjects: Sequence[str]) -> Assistant:
        folder = tmp_path_factory.mktemp(name)
        policy = folder / "policies" / name
        policy.mkdir(parents=True)
        (policy / "source.txt").write_text(source, encoding="utf-8")
        (policy / "policy.toml").write_text(
            f'id = "{name}"\nsource = "source.txt"\nsubjects = {_quoted(subjects)}\n\n'
            f"[jurisdiction]\nnames = {_quoted(places)}\n",
            encoding="utf-8",
        )
        # The vectors of the exemplars are the same for every policy.
        shutil.copytree(data_dir / "exemplars", folder / "data" / "exemplars")
        return open_assistant(folder / "data", corpus_dir=folder / "policies")

    return opened


def _quoted(names: Sequence[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)


@pytest.fixture(scope="session")
def assistant(data_dir: Path) -> Assistant:
    """Answers from the founding policy on a day on which it is in force."""
    return open_assistant(data_dir)


@pytest.fixture(scope="session")
def assistant_on(data_dir: Path) -> Callable[[date], Assistant]:
    """An assistant that answers on the day given."""
    return lambda today: open_assistant(data_dir, today)


@pytest.fixture(scope="session")
def small_index_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an index of the invented policy. For copying; no test changes it."""
    folder = tmp_path_factory.mktemp("small")
    write_policy(folder / "policies", "robots", SMALL_POLICY)
    open_assistant(folder / "data", corpus_dir=folder / "policies")
    return folder / "data"


@pytest.fixture
def small_corpus(tmp_path: Path) -> Path:
    """A folder of policies with one invented policy of three articles in it, quick to index."""
    folder = tmp_path / "policies"
    write_policy(folder, "robots", SMALL_POLICY)
    return folder


def write_policy(folder: Path, policy_id: str, source: str) -> Path:
    home = folder / policy_id
    home.mkdir(parents=True)
    (home / "policy.toml").write_text(f'id = "{policy_id}"\n', encoding="utf-8")
    (home / "source.txt").write_text(source, encoding="utf-8")
    return home


@pytest.fixture
def environment(data_dir: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a command: this one without its own settings, over the shared index."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POLICY_")}
    return {**kept, "POLICY_DATA_DIR": str(data_dir), "POLICY_TODAY": TODAY.isoformat(), "PYTHONIOENCODING": "utf-8"}


Run = Callable[..., Done]


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    """Run the command line in a process of its own: ``run("ask", "…", POLICY_LOG_LEVEL="ERROR")``."""

    def call(*args: str | Path, **settings: str | Path) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "app", *[os.fspath(arg) for arg in args]],
            capture_output=True,
            cwd=tmp_path,
            env={**environment, **{name: os.fspath(value) for name, value in settings.items()}},
            timeout=300,
        )
        return Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    return call


@pytest.fixture
def cli(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Run:
    """As ``run`` but in this process, which is quicker: the same entry point, its output caught at the descriptors."""
    from app.cli import main

    for name in list(os.environ):
        if name.startswith("POLICY_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def call(*args: str | Path, **settings: str | Path) -> Done:
        with monkeypatch.context() as patch:
            for name, value in {**environment, **settings}.items():
                if name.startswith("POLICY_"):
                    patch.setenv(name, os.fspath(value))
            capfd.readouterr()
            try:
                code = main([os.fspath(arg) for arg in args])
            except SystemExit as stopped:
                code = stopped.code if isinstance(stopped.code, int) else 1
            caught = capfd.readouterr()
        return Done(code, caught.out, caught.err)

    return call


@pytest.fixture(scope="session")
def founding_folder() -> Path:
    """The folder of the founding policy."""
    from corpus.library import POLICIES_FOLDER

    return POLICIES_FOLDER / FOUNDING


def copy_policy(folder: Path, to: Path) -> Path:
    """A copy of a policy's folder inside the folder of policies ``to``; the copy's path."""
    return Path(shutil.copytree(folder, to / folder.name))

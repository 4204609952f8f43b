"""The examples of docs/programs.md do what the page says, against a server that runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from app.assistant import Assistant
from app.server import create_app
from tests.app.conftest import TODAY, running
from tests.docs.test_docs import FENCE, read

PAGE = "docs/programs.md"
ADDRESS = "http://127.0.0.1:7860"
BLOCKS = [(m["info"].split(), m["body"]) for m in FENCE.finditer(read(PAGE))]
SERVED = [(info[0], body) for info, body in BLOCKS if info[1:] == ["served"]]


@pytest.fixture(scope="module")
def printed(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each example prints, in the order of the page."""
    folder = tmp_path_factory.mktemp("examples")
    with running(create_app(assistant, today=lambda: TODAY)) as address:
        return [run(kind, body.replace(ADDRESS, address), folder) for kind, body in SERVED]


def run(kind: str, example: str, folder: Path) -> str:
    """What an example prints."""
    command = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}[kind]
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [*command, example], cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_curl_is_there() -> None:
    assert shutil.which("curl"), "the examples need curl: apt-get install curl"


def test_the_examples_give_what_the_page_says(printed: list[str]) -> None:
    assert all(ADDRESS in body for _, body in SERVED)
    assert not any('"error"' in one for one in printed)
    curl, openai, langchain, mcp = printed
    assert "不超过50万元" in curl
    assert curl.count("data: [DONE]") == 1
    assert '"policy-assistant:sz-new-materials-2023"' in curl
    assert "answered ['(十九)'" in openai
    assert openai.splitlines()[-1] == "关于(十九)推进建立统一的新材料检测和认证标准：那由谁负责？"
    assert "answered" in langchain
    assert langchain.splitlines()[-1] == "(三)"
    assert "list_measures - List measures" in mcp
    assert "'(九)'" in mcp.splitlines()[-1]


def test_the_other_blocks_are_well_formed() -> None:
    (compose,) = [yaml.safe_load(body) for info, body in BLOCKS if info == ["yaml"]]
    environment = compose["services"]["open-webui"]["environment"]
    assert environment["OPENAI_API_BASE_URL"] == f"{ADDRESS}/v1"
    assert environment["DEFAULT_MODELS"] == "policy-assistant"
    assert all(isinstance(value, str) for value in environment.values())
    (configuration,) = [json.loads(body) for info, body in BLOCKS if info == ["json"]]
    assert configuration["mcpServers"]["policy"]["url"] == f"{ADDRESS}/mcp"


def test_the_command_for_a_longer_run_is_one_that_there_is(tmp_path: Path) -> None:
    (command,) = [body for info, body in BLOCKS if info == ["sh"] and body.startswith("st run")]
    usage = subprocess.run(
        [str(Path(sys.executable).with_name("st")), "run", "--help"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=60, check=True,
    ).stdout  # fmt: skip
    for option in re.findall(r"--[a-z-]+", command):
        assert option in usage

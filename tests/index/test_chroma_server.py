"""The same index on a Chroma server, started here for the purpose."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from index_samples import CHUNKS, GLOSSARY, LetterEmbedder, clause

from corpus.terms import Tokenizer
from index import IndexUnavailable, PolicyIndex


@pytest.fixture(scope="module")
def chroma_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("chroma")
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(folder)]
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{url}/api/v2/heartbeat", timeout=1).close()
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                assert server.poll() is None, "the Chroma server did not start"
                time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def opened(
    url: str, tokenizer: Tokenizer, version: str = "v1", namespace: str = "policies"
) -> tuple[PolicyIndex, LetterEmbedder]:
    embedder = LetterEmbedder()
    chunks = CHUNKS if version == "v1" else [*CHUNKS, clause(4, "zh", "支持中试基地。")]
    index = PolicyIndex.open(
        Path("/nowhere"), chunks, embedder, tokenizer, GLOSSARY, version, chroma_url=url, namespace=namespace
    )
    return index, embedder


def test_it_answers_as_the_embedded_one_does(chroma_url: str, tokenizer: Tokenizer, tmp_path: Path) -> None:
    embedded = PolicyIndex.open(tmp_path, CHUNKS, LetterEmbedder(), tokenizer, GLOSSARY, "v1")
    served, first = opened(chroma_url, tokenizer)
    again, second = opened(chroma_url, tokenizer)
    assert first.embedded
    assert second.embedded == []
    for index in (served, again):
        for query, language in (("国家标准", "zh"), ("national standard", "en")):
            found, expected = index.search(query, language), embedded.search(query, language)
            assert [hit.chunk for hit in found] == [hit.chunk for hit in expected]
            assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], abs=1e-5)


def test_a_new_generation_takes_over_and_readers_go_on(chroma_url: str, tokenizer: Tokenizer) -> None:
    before, _ = opened(chroma_url, tokenizer, namespace="switching")
    after, embedder = opened(chroma_url, tokenizer, "v2", namespace="switching")
    assert not any(CHUNKS[0].text in text for text in embedder.embedded)
    assert after.search("中试基地", "zh")[0].chunk.clause_id == "demo#4"
    assert before.search("国家标准", "zh")[0].chunk.clause_id == "demo#2"


def test_namespaces_do_not_see_each_other(chroma_url: str, tokenizer: Tokenizer) -> None:
    opened(chroma_url, tokenizer, namespace="one")
    _, embedder = opened(chroma_url, tokenizer, namespace="two")
    assert embedder.embedded


def test_collections_that_went_missing_are_built_anew(chroma_url: str, tokenizer: Tokenizer) -> None:
    import chromadb
    from chromadb.config import Settings

    opened(chroma_url, tokenizer, namespace="damaged")
    host, port = chroma_url.removeprefix("http://").split(":")
    client = chromadb.HttpClient(host=host, port=int(port), settings=Settings(anonymized_telemetry=False))
    (victim,) = [c.name for c in client.list_collections() if c.name.startswith("damaged.") and "zh-clause" in c.name]
    client.delete_collection(victim)
    index, embedder = opened(chroma_url, tokenizer, namespace="damaged")
    assert embedder.embedded
    assert index.search("国家标准", "zh")[0].chunk.clause_id == "demo#2"


def test_a_server_that_is_not_there_is_one_clear_line(tokenizer: Tokenizer) -> None:
    with pytest.raises(
        IndexUnavailable, match=r"the Chroma server http://127\.0\.0\.1:9 failed .*check POLICY_CHROMA_URL"
    ):
        opened("http://127.0.0.1:9", tokenizer)

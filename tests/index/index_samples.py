"""Small real objects: an embedder whose vectors a reader can predict, and three invented clauses in two languages."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from corpus.glossary import Glossary, Term
from index import Chunk, Grain
from index.embedders import EmbedderIdentity, Vectors
from index.fusion import Scale


class LetterEmbedder:
    """A text's vector counts its pairs of letters: texts are near when they share pairs. Remembers its work."""

    scale: Scale | None = Scale(0.0, 1.0)

    def __init__(self, name: str = "letters", dimension: int = 256) -> None:
        self.identity = EmbedderIdentity(name, "1", dimension)
        self.embedded: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.identity.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 1e-3
            for first, second in pairwise(text):
                row[zlib.crc32((first + second).encode("utf-8", "replace")) % len(row)] += 1
            row /= np.linalg.norm(row)
        return rows

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded.extend(texts)
        return self.encode_queries(texts)


def clause(number: int, language: str, text: str, heading: str = "", policy: str = "demo") -> Chunk:
    clause_id = f"{policy}#{number}"
    return Chunk(f"{clause_id}/{language}", policy, clause_id, Grain.CLAUSE, language, text, heading)


CHUNKS = [
    clause(1, "zh", "支持固态电解质研发，单个项目资助不超过3000万元。", "新能源材料"),
    clause(2, "zh", "对主导或参与国家标准制定的单位，给予不超过50万元资助。", "检测认证标准"),
    clause(3, "zh", "支持举办新材料行业的高端展会、论坛，单个活动资助不超过300万元。", "公共服务平台"),
    Chunk(
        "demo#2.1/zh",
        "demo",
        "demo#2",
        Grain.PROVISION,
        "zh",
        "国家标准，50万元",
        "检测认证标准",
        provision_id="demo#2.1",
    ),
    clause(1, "en", "Support the development of solid electrolytes with a grant per project.", "New-energy materials"),
    clause(2, "en", "Grants for entities that take part in drawing up a national standard.", "Testing standards"),
]

GLOSSARY = Glossary(
    [
        Term("固态电解质", ("solid electrolyte",), ("固态电池",), ("solid-state battery",), "material"),
        Term("国家标准", ("national standard",), ("国标",), ("GB standard",), "standard"),
        Term("展会", ("exhibition",), ("展览会",), ("trade show",), "activity"),
    ]
)

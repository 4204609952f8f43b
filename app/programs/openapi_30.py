"""A description in OpenAPI 3.1 said in 3.0.3, which more programs read: the page at ``/docs`` and most generators of
clients among them. Covers what pydantic and FastAPI write."""

from __future__ import annotations

from typing import Any

VERSION = "3.0.3"
_NULL = {"type": "null"}
# Examples of these are kept by name and not in a list; their keys are not those of a schema.
_NOT_SCHEMAS = ("example", "examples", "default")


def as_openapi_30(node: Any) -> Any:
    """The same with ``nullable`` for the type null, ``enum`` for ``const``, one ``example`` for a list of them, and
    exclusive bounds as marks."""
    if isinstance(node, list):
        return [as_openapi_30(one) for one in node]
    if not isinstance(node, dict):
        return node
    said = {key: value if key in _NOT_SCHEMAS else as_openapi_30(value) for key, value in node.items()}
    if isinstance(said.get("anyOf"), list) and _NULL in said["anyOf"]:
        said = _nullable(said, [one for one in said.pop("anyOf") if one != _NULL])
    if "const" in said:
        said["enum"] = [said.pop("const")]
    if isinstance(said.get("examples"), list):
        said["example"] = said.pop("examples")[0]
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(said.get(exclusive), (int, float)) and not isinstance(said[exclusive], bool):
            said[bound], said[exclusive] = said[exclusive], True
    return said


def _nullable(said: dict[str, Any], others: list[dict[str, Any]]) -> dict[str, Any]:
    if len(others) == 1 and "$ref" not in others[0]:
        merged = {**others[0], **said, "nullable": True}
        if "enum" in merged:
            # In 3.0 null has to be among the values too.
            merged["enum"] = [*merged["enum"], None]
        return merged
    # Beside a $ref nothing is read.
    return {**said, ("allOf" if len(others) == 1 else "anyOf"): others, "nullable": True}

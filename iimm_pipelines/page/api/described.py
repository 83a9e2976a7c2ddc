"""What the description (OpenAPI) says of a route, and the description made of all of them.

Here: from the one table of routes to an OpenAPI 3.1 document.
Not here: the models (page/api/contracts), the table (page/routes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic.json_schema import models_json_schema

from iimm_pipelines.page.api.contracts import IN_PATH, Model, Problem

if TYPE_CHECKING:
    from iimm_pipelines.page.routes import Route

VERSION = "1"
_REFUSALS = {
    400: "a value that cannot be",
    401: "no token, or one that does not count",
    403: "the account's role does not include this",
    404: "there is none, or none for you: nobody can tell which",
    503: "the search node does not answer",
}
_REFUSALS_OF_WHAT_IS_SENT = {413: "more is sent than is taken", 415: "what is sent is no JSON"}
_IN_BRACES = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Described:
    """A route for programs: what it is for, the values that it takes, and what it answers (a model, or types of files)."""

    summary: str
    asked: type[Model]
    answered: type[Model] | tuple[str, ...]
    sent: type[Model] | None = None
    """What the request carries as JSON, where it changes something."""


def description(routes: Iterable[Route]) -> dict[str, Any]:
    """The description of the routes for programs."""
    described = [(route, route.api) for route in routes if route.api is not None]
    told = {m for _, d in described for m in (d.asked, d.answered) if isinstance(m, type)} | {Problem}
    sent = {d.sent for _, d in described if d.sent is not None}
    modes: list[tuple[type[Model], Literal["validation", "serialization"]]] = [
        *((m, "serialization") for m in sorted(told, key=_name)), *((m, "validation") for m in sorted(sent, key=_name))
    ]  # fmt: skip
    _, schemas = models_json_schema(modes, ref_template="#/components/schemas/{model}")
    paths: dict[str, dict[str, Any]] = {}
    for route, what in described:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, what)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Evidence",
            "version": VERSION,
            "description": "What an account may see of a holding. Every request that shows something of it is written "
            "to the log of access first. What is not for you answers as what does not exist.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "`iimm user token`"}},
        },
        "security": [{"token": []}],
    }


def _name(model: type[Model]) -> str:
    return model.__name__


def _operation(route: Route, what: Described) -> dict[str, Any]:
    names = _IN_BRACES.findall(route.path)
    parameters: list[Mapping[str, Any]] = [
        {"name": n, "in": "path", "required": True, "schema": IN_PATH[n]} for n in names
    ]
    for name, schema in what.asked.model_json_schema().get("properties", {}).items():
        parameters.append({"name": name, "in": "query", "required": False, "schema": schema,
                           **({"description": schema["description"]} if "description" in schema else {})})  # fmt: skip
    answered = what.answered
    content: dict[str, Any]
    if isinstance(answered, tuple):
        content = {media: {"schema": {"type": "string", "format": "binary"}} for media in answered}
    else:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{answered.__name__}"}}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    named = "_".join(_IN_BRACES.sub(r"by_\1", route.path).strip("/").split("/")[2:]).replace(".", "_")
    refusals, more = dict(_REFUSALS), dict[str, Any]()
    if what.sent is not None:
        refusals |= _REFUSALS_OF_WHAT_IS_SENT
        schema = {"$ref": f"#/components/schemas/{what.sent.__name__}"}
        more = {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
    return {
        "operationId": named if route.method == "GET" else f"{route.method.lower()}_{named}",
        "summary": what.summary,
        "parameters": parameters,
        **more,
        "responses": {
            "200": {"description": "what was asked for", "content": content},
            **{str(status): {"description": why, "content": problem} for status, why in refusals.items()},
        },
    }

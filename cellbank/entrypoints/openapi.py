"""The OpenAPI 3.1 document, made from the register of commands and the resources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from cellbank.core.command import Command
from cellbank.toolkit.rest import ResourceRow

PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "The sentence, in the reader's language."},
        "message": {"type": "string", "description": "The sentence's id: its English form with {names}."},
        "values": {"type": "object", "additionalProperties": {"type": "string"}},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["type", "title", "status"],
}


def document(
    resources: Iterable[ResourceRow],
    commands: Mapping[str, type[Command]],
    asked: type[BaseModel],
    done: type[BaseModel],
    version: str,
) -> dict[str, Any]:
    """The whole document as plain data."""
    rows = sorted(resources, key=lambda row: row.rule)
    acts = [command for _, command in sorted(commands.items()) if command.is_open_to_api]
    models = {*(row.returns for row in rows), *acts, asked, done}
    _, schema = models_json_schema(
        [
            (model, "validation" if issubclass(model, Command) or model is asked else "serialization")
            for model in sorted(models, key=lambda m: m.__name__)
        ],
        ref_template="#/components/schemas/{model}",
    )
    schemas: dict[str, Any] = {**schema.get("$defs", {}), "Problem": PROBLEM}
    paths: dict[str, Any] = {}
    for command in acts:
        paths[f"/api/v1/do/{command.__name__}"] = {"post": _act(command, asked, done)}
    for row in rows:
        paths["/api/v1" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", row.rule)] = {"get": _resource(row)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "cellbank",
            "version": version,
            "description": "Inventory and traceability of a cell bank. Acts are idempotent by key and journalled.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _sentence(thing: Any) -> str:
    return (thing.__doc__ or "").strip().split("\n")[0]


def _answers(done: str) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    words = {
        "400": "Bad request",
        "401": "Sign in",
        "403": "Not permitted",
        "404": "Unknown, or another's",
        "409": "Refused or changed meanwhile",
        "415": "Wrong content type",
        "422": "Invalid",
    }
    answers: dict[str, Any] = {
        "200": {
            "description": "Done",
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{done}"}}},
        }
    }
    return answers | {status: {"description": word, "content": problem} for status, word in words.items()}


def _act(command: type[Command], asked: type[BaseModel], done: type[BaseModel]) -> dict[str, Any]:
    body = {
        "allOf": [
            {"$ref": f"#/components/schemas/{asked.__name__}"},
            {
                "type": "object",
                "properties": {"command": {"$ref": f"#/components/schemas/{command.__name__}"}},
            },
        ]
    }
    return {
        "operationId": command.__name__,
        "summary": command.label,
        "description": f"{_sentence(command)} Needs {command.permission}; records {command.records}.",
        "tags": [command.records.split(".")[0]],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": _answers(done.__name__),
    }


def _resource(row: ResourceRow) -> dict[str, Any]:
    names = re.findall(r"<(?:(\w+):)?(\w+)>", row.rule)
    return {
        "operationId": f"{row.domain}_{row.name}",
        "summary": _sentence(row.reader),
        "description": f"Needs {row.permission}.",
        "tags": [row.domain],
        "parameters": [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": {"type": "integer" if kind == "int" else "string"},
            }
            for kind, name in names
        ],
        "responses": _answers(row.returns.__name__),
    }

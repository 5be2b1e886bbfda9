"""The OpenAPI document of both layouts, made from the declarations."""

import re
from functools import cache
from typing import Any

from .feeds import BASES, FEEDS, SERIES_PATHS, Feed
from .options import SimulatorOptions
from .pages import MOST_ROWS
from .writes import ADDRESS, WRITES, Field, Write

Json = dict[str, Any]

_TOKEN: list[Json] = [{"token": []}]
_TEXT = {"type": "string"}
_OBJECT = {"type": "object"}
_CURSOR = {"type": ["integer", "null"]}
_ERROR: Json = {
    "type": "object",
    "required": ["success", "code", "errors"],
    "properties": {
        "success": {"const": False},
        "code": _TEXT,
        "errors": {"type": "array", "items": _TEXT, "minItems": 1},
    },
}
_STATUS: Json = {
    "type": "object",
    "required": ["statusCode", "statusMessage"],
    "properties": {"statusCode": {"type": "integer"}, "statusMessage": _TEXT},
}
_SAYS = {
    200: "OK",
    202: "Accepted: the export is being prepared",
    204: "The access is revoked",
    400: "The token or a value is bad",
    401: "The token does not belong to this airmeet's community",
    403: "The keys are revoked",
    404: "The airmeet, or what is asked of it, is not there",
    412: "The token has expired",
    429: "Too many requests",
    500: "Generic server error",
}
_ANSWERS: dict[str, Json] = {
    "add_user": {"email": _TEXT},
    "add_attendee": {"email": _TEXT, "entryLink": _TEXT},
    "create_airmeet": {"uuid": _TEXT, "airmeet status": {"const": "CREATED"}},
    "add_speaker": {"email": _TEXT, "status": {"const": "ADDED_TO_EVENT"}},
    "create_session": {"uuid": _TEXT, "token": {"type": "array", "items": _OBJECT}},
    "set_status": {"statusUpdated": {"const": True}},
    "block_attendee": {"success": {"const": True}},
    "unblock_attendee": {"success": {"const": True}},
    "delete_session": {"success": {"const": True}},
    "create_booth": {"uid": _TEXT},
    "duplicate_airmeet": {"airmeetId": _TEXT},
}


@cache
def document() -> Json:
    """The whole document."""
    paths: dict[str, Json] = {}
    for layout, base in BASES.items():
        paths[f"{base}/auth"] = {"post": _auth()}
        paths[f"{base}/airmeets"] = {"get": _listing()}
        for feed in FEEDS:
            if layout == "gateway" or not feed.gateway_only:
                path = (layout == "gateway" and feed.gateway) or feed.path
                paths[f"{base}/{path}"] = {"get": _feed(feed, path, layout == "gateway")}
        for name, path in SERIES_PATHS.items() if layout == "gateway" else ():
            paths[f"{base}/{path}"] = {"get": _series(name, path)}
        for write in WRITES:
            if not write.served_in(layout):
                continue
            path = write.path_in(layout)
            operation = {write.method.lower(): _write(write, layout, path)}
            paths.setdefault(f"{base}/{path}", {}).update(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "A simulated Airmeet", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": {"Error": _ERROR},
            "securitySchemes": {
                "token": _header("X-Airmeet-Access-Token"),
                "access": _header("X-Airmeet-Access-Key"),
                "secret": _header("X-Airmeet-Secret-Key"),
            },
        },
    }


def _header(name: str) -> Json:
    return {"type": "apiKey", "in": "header", "name": name}


def _auth() -> Json:
    return {
        "summary": "§1.2 Authentication",
        "security": [{"access": [], "secret": []}],
        "responses": _responses({"success": {"const": True}}, (200, 400, 403, 429, 500)),
    }


def _listing() -> Json:
    rows = {"data": {"type": "array", "items": _OBJECT}}
    return {
        "summary": "§2.1 List Airmeets",
        "security": _TOKEN,
        "parameters": _cursor_parameters(),
        "responses": _responses(rows, (200, 400, 412, 429, 500)),
    }


def _series(name: str, path: str) -> Json:
    return {
        "summary": name,
        "security": _TOKEN,
        "parameters": _path_parameters(path) + _cursor_parameters(),
        "responses": _responses(
            {"data": {"type": "array", "items": _OBJECT}}, (200, 400, 403, 404, 412, 429, 500)
        ),
    }


def _feed(feed: Feed, path: str, on_gateway: bool) -> Json:
    # The key of the participants is an option.
    rows: Json = {"type": "array", "items": _OBJECT}
    key = SimulatorOptions().participants_key if feed.table == "participants" else feed.key
    statuses = (200, 400, 412, 429, 500) if feed.analytics else (200, 400, 401, 404, 412, 429, 500)
    if feed.export:
        statuses = (202, *statuses)
    parameters = _path_parameters(path)
    if feed.paging == "cursor":
        parameters += _cursor_parameters()
    elif feed.paging == "number":
        parameters += _numbered_parameters()
        parameters += [_query("emailIds", _TEXT)] if on_gateway else []
    elif feed.table == "session_recordings":
        parameters.append(_query("sessionIds", _TEXT))
    return {
        "summary": f"§{feed.section} {feed.table}" if feed.section else feed.table,
        "security": _TOKEN,
        "parameters": parameters,
        "responses": _responses({key: rows}, statuses),
    }


def _write(write: Write, layout: str, path: str) -> Json:
    operation: Json = {
        "summary": f"§{write.section} {write.name}" if write.section else write.name,
        "security": _TOKEN,
        "parameters": _path_parameters(path),
        "responses": _responses(
            _ANSWERS.get(write.name, {}), tuple(sorted({*write.statuses, 412, 429, 500}))
        ),
    }
    if fields := write.fields_in(layout):
        content = {"application/json": {"schema": _object(fields)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _responses(properties: Json, statuses: tuple[int, ...]) -> Json:
    made: Json = {}
    for status in statuses:
        schema: Json = {"$ref": "#/components/schemas/Error"}
        if status == 200:
            schema = {"type": "object", "required": [*properties], "properties": properties}
        elif status == 202:
            schema = _STATUS
        made[str(status)] = {"description": _SAYS[status]}
        if status != 204:
            made[str(status)]["content"] = {"application/json": {"schema": schema}}
    return made


def _path_parameters(path: str) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "schema": schema}


def _cursor_parameters() -> list[Json]:
    return [
        _query("after", {"type": "integer", "minimum": 0}),
        _query("before", {"type": "integer", "minimum": 0}),
        _query("size", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}),
    ]


def _numbered_parameters() -> list[Json]:
    return [
        _query("resultSize", {"type": "integer", "minimum": 1}),
        _query("pageNumber", {"type": "integer", "minimum": 1}),
        _query("sortingKey", {"enum": ["name", "email", "registrationDate"]}),
        _query("sortingDirection", {"enum": ["ASC", "DESC"]}),
    ]


def _object(fields: tuple[Field, ...]) -> Json:
    return {
        "type": "object",
        "required": [field.name for field in fields if field.required],
        "properties": {field.name: _schema(field) for field in fields},
    }


def _schema(field: Field) -> Json:
    match field.kind:
        case "text":
            schema: Json = {"type": "string"}
            if field.choices:
                schema["enum"] = [*field.choices]
            if field.least:
                schema["minLength"] = field.least
            if field.most:
                schema["maxLength"] = field.most
            return schema
        case "email":
            return {"type": "string", "pattern": ADDRESS}
        case "number":
            return {"type": "integer", "minimum": field.least, "maximum": 2**53 - 1}
        case "flag":
            return {"type": "boolean"}
        case "texts":
            return {"type": "array", "items": _TEXT}
        case "emails":
            return {"type": "array", "items": {"type": "string", "pattern": ADDRESS}}
        case "answers":
            value = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
            properties = {"fieldId": _TEXT, "value": value}
            required = ["fieldId", "value"]
            item = {"type": "object", "required": required, "properties": properties}
            return {"type": "array", "items": item}
        case "object":
            return _object(field.fields)

"""The OpenAPI description turned into words: what the page for people shows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

type Schema = dict[str, Any]

REFERENCE = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is: ``words``, then the name of a shape, or nothing, then ``end``."""

    words: str
    shape: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A parameter of an operation, or a property of a shape."""

    name: str
    kind: Kind
    details: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    details: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    anchor: str
    summary: str
    details: str
    parameters: list[Part] = field(default_factory=list)
    sent: Kind | None = None
    answers: list[Answer] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    details: str
    parts: list[Part]
    choices: list[str]


def list_operations(description: Schema) -> list[Operation]:
    return [
        _read_operation(method, path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


def list_shapes(description: Schema) -> list[Shape]:
    """Shapes of objects and lists of choices, by name."""
    schemas: dict[str, Schema] = description["components"]["schemas"]
    return [
        Shape(name, _plain(schema.get("description", "")), list(_read_properties(schema)), _choices_of(schema))
        for name, schema in sorted(schemas.items())
    ]


def _read_operation(method: str, path: str, operation: Schema) -> Operation:
    return Operation(
        method.upper(),
        path,
        operation["operationId"],
        operation.get("summary", ""),
        _plain(operation.get("description", "")),
        [_read_parameter(parameter) for parameter in operation.get("parameters", [])],
        _name_content(operation["requestBody"]) if "requestBody" in operation else None,
        [_read_answer(status, answer) for status, answer in operation["responses"].items()],
    )


def _read_parameter(parameter: Schema) -> Part:
    where = " in the address" if parameter["in"] == "path" else ""
    kind = name_kind(parameter["schema"])
    details = " ".join(filter(None, (_plain(parameter.get("description", "")), _bounds_of(parameter["schema"]))))
    return Part(parameter["name"], Kind(kind.words, kind.shape, kind.end + where), details)


def _read_answer(status: str, answer: Schema) -> Answer:
    if "content" not in answer:
        return Answer(status, "", Kind("nothing"))
    return Answer(status, _plain(answer.get("description", "")), _name_content(answer))


def _name_content(message: Schema) -> Kind:
    """What a request or an answer holds: JSON alone, whatever else the description lists."""
    content: Schema = message["content"]["application/json"]
    return name_kind(content["schema"])


def _read_properties(schema: Schema) -> Iterator[Part]:
    for name, inner in schema.get("properties", {}).items():
        yield Part(name, name_kind(inner), _plain(inner.get("description", "")))


def name_kind(schema: Schema) -> Kind:
    """Name what a schema lets through: ``list of`` *Session*, ``integer or null``."""
    end = " or null" if schema.get("nullable") or _is_nothing_an_option(schema) else ""
    if reference := _reference_of(schema):
        return Kind("", reference, end)
    if schema.get("type") == "array":
        inner = name_kind(schema["items"])
        return Kind(f"list of {inner.words}", inner.shape, inner.end + end)
    if isinstance(values := schema.get("additionalProperties"), dict):
        inner = name_kind(values)
        return Kind(f"object whose values are {inner.words}", inner.shape, inner.end + end)
    if choices := _choices_of(schema):
        return Kind("one of " + ", ".join(choices) + end)
    return Kind(" ".join(filter(None, (schema.get("type", "anything"), _format_of(schema)))) + end)


def _reference_of(schema: Schema) -> str:
    """The shape a schema refers to, alone or among options of which the others say « or null »."""
    options = [schema, *schema.get("allOf", []), *schema.get("oneOf", [])]
    names = (option.get("$ref", "").removeprefix(REFERENCE) for option in options)
    return next((name for name in names if name and name != "NullEnum"), "")


def _is_nothing_an_option(schema: Schema) -> bool:
    return any(option.get("$ref") == f"{REFERENCE}NullEnum" for option in schema.get("oneOf", []))


def _choices_of(schema: Schema) -> list[str]:
    return [str(choice) for choice in schema.get("enum", [])]


def _format_of(schema: Schema) -> str:
    return f"({schema['format']})" if "format" in schema else ""


def _bounds_of(schema: Schema) -> str:
    if "minimum" not in schema or "maximum" not in schema:
        return ""
    return f"From {schema['minimum']} to {schema['maximum']}, {schema['default']} unless said."


def _plain(text: str) -> str:
    """Without the marks of Markdown, nor the list of choices that a description repeats after a blank line."""
    return "" if text.startswith("*") else text.partition("\n\n")[0].replace("`", "")

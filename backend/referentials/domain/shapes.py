"""Reads parsed JSON into frozen dataclasses, and notes each place where the two do not fit.

A field's annotation is the whole rule: ``str``, ``int`` and ``bool``, a ``StrEnum``-like class, ``X | None``,
``tuple[X, ...]`` for a list, ``dict[str, X]`` for an object with free keys, another dataclass for an object with these
keys and no other, ``Annotated[str, TextRule(…)]`` for a text with a limit. A field with a default may be absent.
"""

import re
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from backend.referentials.domain.problems import MisfitError, Spot

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LARGEST_NUMBER = 32767  # of a small column


@dataclass(frozen=True, slots=True)
class TextRule:
    """What a text must be besides a text."""

    max_length: int | None = None
    is_slug: bool = False
    may_be_blank: bool = False


def read_record[T](shape: type[T], value: object, spot: Spot) -> T | None:
    """An instance of ``shape``; after a problem, noted at its place, ``None`` or an instance with holes."""
    record: T | None = read_value(shape, value, spot)
    return record


def read_value(expected: Any, value: object, spot: Spot) -> Any:
    """``value`` read as ``expected``; ``None`` after a problem."""
    try:
        return _fit(expected, value, spot)
    except MisfitError as misfit:
        spot.refuse(str(misfit))
        return None


def _fit(expected: Any, value: object, spot: Spot) -> Any:
    expected, rule = _split_rule(expected)
    origin = get_origin(expected)
    if origin in (Union, UnionType):
        return None if value is None else _fit(_without_none(expected), value, spot)
    if origin is tuple:
        return _fit_list(get_args(expected)[0], value, spot)
    if origin is dict:
        return _fit_free_object(get_args(expected)[1], value, spot)
    if is_dataclass(expected):
        return _fit_record(expected, value, spot)
    if issubclass(expected, Enum):
        return _fit_choice(expected, value)
    return _fit_text(rule, value) if expected is str else _fit_plain(expected, value)


def _fit_record(shape: Any, value: object, spot: Spot) -> Any:
    if not isinstance(value, dict):
        raise MisfitError("must be an object")
    expected = {field.name: field for field in fields(shape)}
    for name in [name for name in value if name not in expected]:
        spot.at(name).refuse("unknown key")
    hints = _hints(shape)
    content = {name: read_value(hints[name], value[name], spot.at(name)) for name in expected if name in value}
    missing = [name for name, field in expected.items() if name not in value and _is_required(field)]
    for name in missing:
        spot.at(name).refuse("missing")
    return None if missing else shape(**content)


def _is_required(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


@cache
def _hints(shape: Any) -> dict[str, Any]:
    return get_type_hints(shape, include_extras=True)


def _split_rule(expected: Any) -> tuple[Any, TextRule]:
    if get_origin(expected) is Annotated:
        bare, rule = get_args(expected)
        return bare, rule
    return expected, TextRule()


def _without_none(union: Any) -> Any:
    return next(member for member in get_args(union) if member is not NoneType)


def _fit_list(expected: Any, value: object, spot: Spot) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise MisfitError("must be a list")
    return tuple(read_value(expected, item, spot.at(index)) for index, item in enumerate(value))


def _fit_free_object(expected: Any, value: object, spot: Spot) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MisfitError("must be an object")
    return {key: read_value(expected, item, spot.at(key)) for key, item in value.items()}


def _fit_choice(expected: type[Enum], value: object) -> Enum:
    values = [str(member.value) for member in expected]
    if value not in values:
        raise MisfitError(f"must be one of {', '.join(values)}")
    return expected(value)


def _fit_text(rule: TextRule, value: object) -> str:
    if not isinstance(value, str):
        raise MisfitError("must be a text")
    if not value.strip() and not rule.may_be_blank:
        raise MisfitError("must not be empty")
    if rule.max_length is not None and len(value) > rule.max_length:
        raise MisfitError(f"must be at most {rule.max_length} characters long")
    if rule.is_slug and not SLUG.fullmatch(value):
        raise MisfitError("must be small letters, digits and hyphens")
    return value


def _fit_plain(expected: type, value: object) -> object:
    if expected is bool and not isinstance(value, bool):
        raise MisfitError("must be true or false")
    if expected is int and (type(value) is not int or not 0 <= value <= LARGEST_NUMBER):
        raise MisfitError("must be a whole number")
    return value

"""What plain scalars mean: the core schema of YAML 1.2, and what YAML 1.1 took them for."""

import math
import re
from datetime import date
from types import MappingProxyType
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

NUMBER_LIMIT = 64

_WORDS = MappingProxyType(
    {
        **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
        **dict.fromkeys(("true", "True", "TRUE"), True),
        **dict.fromkeys(("false", "False", "FALSE"), False),
        **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
        **dict.fromkeys((sign + word for sign in ("", "+") for word in (".inf", ".Inf", ".INF")), math.inf),
        **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    }
)
_BASES = MappingProxyType({"0o": 8, "0x": 16})
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
# What both versions read alike, told without asking either: most numbers of a config are written so.
_UNCHANGED = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_TEXT_TAG = "tag:yaml.org,2002:str"
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def quote(text: str) -> str:
    """Return a text for messages: in quotes, invisible characters escaped, at most 40 characters of it."""
    return repr(text if len(text) <= 40 else f"{text[:39]}…")


def is_number(text: str) -> bool:
    """Tell whether a plain scalar is written as a number; ``.inf`` and ``.nan`` do not count."""
    return bool(_FLOAT.fullmatch(text) or _BASED.fullmatch(text))


def resolve(text: str) -> bool | int | float | str | None:
    """Return what a plain (unquoted) scalar means.

    Parameters
    ----------
    text
        The scalar as written.

    Returns
    -------
    bool | int | float | str | None
        Its value; the text itself where it is nothing else, and where it is a number of more than
        `NUMBER_LIMIT` characters. ``.inf``, ``.nan`` and an overflow such as ``1e999`` are non-finite floats.

    Notes
    -----
    YAML 1.2.2, section 10.3.2, core schema tag resolution.

    """
    if text in _WORDS:
        return _WORDS[text]
    if len(text) > NUMBER_LIMIT:
        return text
    if _DECIMAL.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text[2:], _BASES[text[:2]])
    return float(text) if _FLOAT.fullmatch(text) else text


def _as_yaml_1_1(text: str) -> Any:
    resolver: Any = Resolver()
    tag = resolver.resolve(yaml.ScalarNode, text, (True, False))
    if tag == _TEXT_TAG:
        return text
    constructor: Any = SafeConstructor()
    return constructor.construct_object(yaml.ScalarNode(tag, text))


def _same(one: object, other: object) -> bool:
    both_nan = one != one and other != other  # noqa: PLR0124 - only nan differs from itself
    return type(one) is type(other) and (one == other or both_nan)


def _described(value: object) -> str:
    if isinstance(value, str):
        return f"the text {quote(value)}"
    if isinstance(value, date):
        return f"the date {value.isoformat()}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def old_meaning(text: str) -> str | None:
    """Return what YAML 1.1 took a plain scalar for, where that differs from YAML 1.2.

    ``yes`` was ``true``, ``010`` was ``8``, ``1:30`` was ``90``, ``1e-4`` was ``the text '1e-4'``. Here
    YAML 1.1 is what PyYAML's safe loader makes of it, since most Python programs read configs with it.

    Parameters
    ----------
    text
        The scalar as written, without quotes.

    Returns
    -------
    str | None
        The old reading in words, or None where both agree, where YAML 1.1 had no reading (``2001-99-99``), or
        where the text has more than `NUMBER_LIMIT` characters.

    """
    if len(text) > NUMBER_LIMIT or _UNCHANGED.fullmatch(text):
        return None
    try:
        old = _as_yaml_1_1(text)
    except (ValueError, OverflowError, yaml.YAMLError):
        return None  # it was an error then, so there is no other meaning to warn of
    return None if _same(old, resolve(text)) else _described(old)

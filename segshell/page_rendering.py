"""The text of a page from its value: the templates of this package, everything from outside escaped."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from attrs import frozen

from segcore.page import Page
from segshell.folders import on_one_line
from segshell.page_pictures import Colour, Shot

if TYPE_CHECKING:
    import jinja2


@frozen
class Gallery:
    """The pictures of an experiment with their legends, and why some or all are missing."""

    shots: tuple[Shot, ...] = ()
    classes: tuple[Colour, ...] = ()
    errors: tuple[Colour, ...] = ()
    fault: str = ""

    @property
    def size(self) -> int:
        """Characters that the pictures take in a page."""
        return sum(one.size for one in self.shots)


def _printable(value: Any) -> Any:
    """Escape what cannot be seen, such as marks that turn the direction of writing, before HTML is escaped."""
    from markupsafe import Markup

    return on_one_line(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def environment() -> "jinja2.Environment":
    """Return what renders the templates.

    Raises
    ------
    ModuleNotFoundError
        When jinja2 is not installed.

    """
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("segshell"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_printable,
        keep_trailing_newline=True,
    )


def _policy(script: str) -> str:
    """Return what a browser may load: nothing from outside, and no script but this one.

    References
    ----------
    W3C, Content Security Policy Level 3, https://www.w3.org/TR/CSP3/.

    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


def rendered(page: Page, galleries: Mapping[int, Gallery]) -> str:
    """Return the page as HTML in one file; the same value gives the same text.

    Parameters
    ----------
    page
        What it shows.
    galleries
        Pictures by the rank of the experiment.

    Raises
    ------
    ModuleNotFoundError
        When jinja2 is not installed.

    """
    from markupsafe import Markup

    templates = environment()
    style, script = (
        templates.loader.get_source(templates, name)[0]  # type: ignore[union-attr]
        for name in ("report.css", "report.js")
    )
    return templates.get_template("report.html.j2").render(
        page=page,
        galleries=galleries,
        states={one.number: one.state for one in page.entries},
        policy=_policy(script),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704
    )

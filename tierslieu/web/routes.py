"""Routes that are made quickly: what builds an address is compiled when one is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule


class Route(Rule):
    """A rule of Werkzeug, which compiles two functions for each when it is added to the map: of
    our six hundred, a command calls none and a page some twenty, and a third of the time that
    making the application takes went into them."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            if not made:  # two threads that come at once make it twice, alike
                made.append(compile_now(append_unknown))
            return made[0](rule, **values)

        return build

"""What people write in Markdown, as the harmless HTML a page shows of it."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markupsafe import Markup

from tierslieu.web.formats import bound


def _bind(state: StateCore) -> None:
    """Punctuation stays on the line of its words; code and addresses are left as they are."""
    for block in state.tokens:
        for token in block.children or ():
            if token.type == "text":
                token.content = bound(token.content)


# No raw HTML, no images; headings start below those of the page.
_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False}).disable("image")
_PARSER.core.ruler.push("bind", _bind)
_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "code", "pre", "blockquote", "h3", "h4"}


def render_markdown(text: str) -> Markup:
    """Clean HTML of ``text``: a page may show it as it is."""
    html = _PARSER.render(text)
    for level in "12":
        html = html.replace(f"<h{level}>", "<h3>").replace(f"</h{level}>", "</h3>")
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )
    return Markup(clean)  # noqa: S704 - cleaned the line above

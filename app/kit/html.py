"""HTML that strangers wrote: cleaned by an allow-list, and turned into text.

The first of two walls (reliability.md section 6): what comes out holds nothing that runs, loads or reaches out of its
box. The second wall is the frame it is shown in. Nothing outside is called: pictures lose their ``src``.
"""

from __future__ import annotations

import re
from html import escape, unescape
from html.parser import HTMLParser

import nh3

LONGEST = 1_000_000
"""Characters that are looked at; mails of shops have 200,000."""
DEEPEST = 200
"""Elements within elements. The cleaner's time grows with their square."""

TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "caption", "center", "code", "col", "colgroup", "dd", "del", "div", "dl"),
    *("dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "s"),
    *("small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u"),
    "ul",
}
_ALIGNED = {"align", "valign", "width", "height", "bgcolor"}
ATTRIBUTES = {
    "*": {"style", "dir", "lang", "align"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "table": _ALIGNED | {"border", "cellpadding", "cellspacing"},
    "td": _ALIGNED | {"colspan", "rowspan"},
    "th": _ALIGNED | {"colspan", "rowspan"},
    "tr": _ALIGNED,
    "font": {"color", "size", "face"},
    "ol": {"start", "type"},
}
STYLES = {
    *(
        "color",
        "background-color",
        "font-family",
        "font-size",
        "font-style",
        "font-weight",
        "line-height",
        "text-align",
    ),
    *("text-decoration", "text-indent", "vertical-align", "white-space", "letter-spacing", "direction"),
    *("padding", "padding-top", "padding-right", "padding-bottom", "padding-left"),
    *("border", "border-top", "border-right", "border-bottom", "border-left", "border-color", "border-style"),
    *("border-width", "border-collapse", "border-spacing", "border-radius", "width", "max-width", "height"),
}
"""Nothing that loads, moves or covers something else: no url(), position, content, margin below zero or animation."""
_GONE_WITH_CONTENT = {"script", "style", "title", "noscript", "template", "iframe", "object", "embed", "svg", "math"}
_GONE_WITH_CONTENT |= {"head", "select", "textarea", "xmp", "noembed", "noframes", "plaintext", "audio", "video"}

_LINKS = ("https:", "mailto:", "tel:")
_OWN_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)
_BAD_STYLE = re.compile(r"[\\@<>{}]|/\*|url|image|expression|javascript|behaviou?r|binding|var\(", re.IGNORECASE)
_NEVER_CLOSED = {"p", "li", "td", "th", "tr", "dd", "dt", "br", "img", "hr", "input", "meta", "link", "col", "option"}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})")
# What the cleaner writes: attributes in double quotes, with no quote and no "<" inside them.
_PICTURE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')


def clean_html(html: str) -> str:
    """Return what may be shown of it; empty where nothing is left or it is built to harm.

    A picture from the net becomes ``data-src``, one of the mail's own files ``data-cid``: see ``with_pictures``.
    """
    html = html[:LONGEST].replace("\x00", "")
    if is_too_deep(html):
        return ""
    return _PICTURE.sub(lambda found: _quiet_picture(found[1]), _CLEANER.clean(html)).strip()


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "style":
        return None if _BAD_STYLE.search(value) else value
    if name == "href":
        return value if value.strip().lower().startswith(_LINKS) else None
    if name == "src" and tag == "img":
        kind = value.strip().lower()
        return value if kind.startswith(("https:", "http:", "cid:")) or _OWN_PICTURE.fullmatch(value.strip()) else None
    return value


# Made once: reading the lists takes longer than cleaning a mail.
_CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=_GONE_WITH_CONTENT,
    attributes=ATTRIBUTES,
    attribute_filter=_attribute,
    filter_style_properties=STYLES,
    link_rel="noopener noreferrer",
    set_tag_attribute_values={"a": {"target": "_blank"}},
    url_schemes={"https", "http", "mailto", "tel", "cid", "data"},
    strip_comments=True,
)


def _quiet_picture(attributes: str) -> str:
    quiet = []
    for name, value in _ATTRIBUTE.findall(attributes):
        scheme = value.strip().lower()
        if name != "src" or scheme.startswith("data:"):
            quiet.append(f' {name}="{value}"')
        elif scheme.startswith("cid:"):
            quiet.append(f' data-cid="{value.strip()[4:]}"')
        else:
            quiet.append(f' data-src="{value}"')
    return f"<img{''.join(quiet)}>"


def is_too_deep(html: str) -> bool:
    """Say whether more than ``DEEPEST`` elements stand within each other."""
    open_now: dict[str, int] = {}
    depth = 0
    for found in _TAG.finditer(html):
        name = found[2].lower()
        if name in _NEVER_CLOSED:
            continue
        if not found[1]:
            open_now[name] = open_now.get(name, 0) + 1
            depth += 1
            if depth > DEEPEST:
                return True
        elif open_now.get(name):
            open_now[name] -= 1
            depth -= 1
    return False


_QUIET = re.compile(r'<img((?: [a-z-]+="[^"]*")*)>')
_QUIET_ATTRIBUTE = re.compile(r' data-(src|cid)="([^"]*)"')


def with_pictures(cleaned: str, own: dict[str, str], *, remote: bool) -> str:
    """Return cleaned HTML with the mail's own pictures in place, by Content-ID, and if asked those of the net."""

    def address(found: re.Match[str]) -> str:
        if found[1] == "cid":
            link = own.get(unescape(found[2]))
            return f' src="{escape(link)}"' if link else ""
        return f' src="{found[2]}"' if remote else ""

    return _QUIET.sub(lambda found: f"<img{_QUIET_ATTRIBUTE.sub(address, found[1])}>", cleaned)


def has_remote_pictures(cleaned: str) -> bool:
    """Say whether cleaned HTML has pictures that lie on somebody else's server."""
    return any(' data-src="' in found[1] for found in _QUIET.finditer(cleaned))


class _TextOf(HTMLParser):
    _BLOCKS = frozenset(TAGS) & {
        *("blockquote", "caption", "center", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li"),
        *("ol", "p", "pre", "table", "tr", "ul"),
    }

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._new_line(always=True)
        elif tag in self._BLOCKS:
            self._new_line()
            if tag == "p" and self._lines and self._lines[-1]:
                self._lines.append("> " * self._quotes)
            if tag == "li":
                self._line.append("- ")
        elif tag in {"td", "th"}:
            self._line.append(" ")
        elif tag == "img":
            self._line.append(dict(attrs).get("alt") or "")
        if tag == "blockquote":
            self._quotes += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in self._BLOCKS:
            self._new_line()
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)

    def handle_data(self, data: str) -> None:
        self._line.append(data)

    def _new_line(self, *, always: bool = False) -> None:
        line = " ".join("".join(self._line).split())
        self._line = []
        if line or always:
            self._lines.append("> " * self._quotes + line)

    def text(self) -> str:
        self._new_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in self._lines)).strip()


def html_to_text(cleaned: str) -> str:
    """Return the text of HTML that ``clean_html`` made. Quotes get ``>``, as in a mail without HTML."""
    reader = _TextOf()
    reader.feed(cleaned)
    reader.close()
    return reader.text()


_ANY_TAG = re.compile(r"<[^<>]*>")


def bare_text(html: str) -> str:
    """Return the words of HTML that is not worth cleaning: everything between angle brackets is left out."""
    return " ".join(unescape(_ANY_TAG.sub(" ", html[:LONGEST])).split())

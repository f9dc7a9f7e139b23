"""The environment: escaping, addresses with a hash, views as dicts and as structs, and words people must not see."""

import re

import msgspec
import pytest

from app.kit.templating import STATIC, TEMPLATES, asset, icon, render
from tests.support.ui_pages import PAGES
from tests.support.ui_samples import CLINIC, MESSAGES, THREADS

# ui.md section 4: never shown. Looked for in what a page says, not in its markup.
DEVELOPER_WORDS = re.compile(r"\b(JSON|HTTP|queue|worker|webhook|null|undefined|token|SMS|bot|None|auth)\b")


def plain(html):
    return re.sub(r"<(script|style|template|code)\b.*?</\1>|<[^>]*>", " ", html, flags=re.DOTALL)


def as_json(view):
    return msgspec.json.decode(msgspec.json.encode(view))


def test_an_asset_address_carries_the_contents_hash():
    assert re.fullmatch(r"/static/css/app\.css\?v=[0-9a-f]{12}", asset("css/app.css"))
    assert asset("js/not-there.js") == "/static/js/not-there.js"


def test_every_icon_used_is_in_the_sprite():
    known = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "vendor" / "icons.svg").read_text()))
    used = set()
    for name, (template, context) in PAGES.items():
        found = set(re.findall(r'icons\.svg[^"#]*#([^"]+)"', render(template, **context)))
        assert found <= known, name
        used |= found
    assert used
    assert 'aria-hidden="true"' in icon("check")


def test_what_a_patient_writes_is_escaped():
    message = {
        **MESSAGES[-1],
        "body": "<script>alert(1)</script>",
        "author": {"type": "patient", "id": None, "name": "<b>"},
    }
    html = render("desk/_message.html", message=message, clinic=CLINIC)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("kind", ["row", "message"])
def test_event_data_and_views_draw_the_same(kind):
    view = THREADS[0] if kind == "row" else MESSAGES[2]
    shown = {key: value for key, value in view.items() if key != "unread"}
    name = "thread" if kind == "row" else "message"
    first, second = (render(f"desk/_{kind}.html", clinic=CLINIC, **{name: data}) for data in (shown, as_json(shown)))
    assert first == second
    assert "<form" not in first


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_need_no_inline_script_or_style(name):
    template, context = PAGES[name]
    html = render(template, **context)
    assert not re.search(r"\sstyle=|\son[a-z]+=|hx-on|javascript:|<style|<script(?! src)", html)


@pytest.mark.parametrize("name", sorted(set(PAGES) - {"channels"}))
def test_pages_speak_plainly(name):
    template, context = PAGES[name]
    assert not DEVELOPER_WORDS.findall(plain(render(template, **context)))


def test_every_form_that_changes_something_is_protected():
    for path in TEMPLATES.rglob("*.html"):
        for form in re.findall(r'<form[^>]*method="post".*?</form>', path.read_text(), flags=re.DOTALL):
            assert "csrf" in form, path


def test_only_tokens_carry_colours():
    css = (STATIC / "css" / "app.css").read_text()
    assert not re.search(r"(?<!&)#[0-9a-f]{3,8}\b(?=[;\s])|rgb\(|hsl\(", css)

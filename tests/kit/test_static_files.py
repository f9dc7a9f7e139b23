"""What browsers get from ``static/``: small, kept for ever under its own address, and never loaded twice."""

import gzip
import re

import httpx
import pytest

from app.kit import static_files
from app.kit.static_files import STATIC, asset, minified, read_all

IMPORTED = re.compile(r"""["'](\./[\w-]+\.js[^"']*)["']""")


@pytest.fixture(scope="module")
def files():
    return read_all()


@pytest.fixture
async def browser(product):
    async with httpx.AsyncClient(base_url=product.url, headers={"accept-encoding": "gzip, deflate, br"}) as client:
        yield client


def test_every_file_is_there_with_a_media_type(files):
    assert set(files) == {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()}
    assert "application/octet-stream" not in {file.media_type for file in files.values()}
    assert files["js/app.js"].media_type == "text/javascript"
    assert files["vendor/inter-latin.woff2"].gzipped is None


def test_modules_and_styles_are_minified(files):
    for path in ("js/inbox.js", "js/list.js", "css/app.css"):
        assert len(files[path].body) < 0.9 * (STATIC / path).stat().st_size, path
        assert b"/*" not in files[path].body
    assert files["vendor/htmx.min.js"].body == (STATIC / "vendor/htmx.min.js").read_bytes()


def test_a_module_has_one_address_only(files):
    known = {f"./{path.removeprefix('js/')}?v={file.version}" for path, file in files.items() if path.startswith("js/")}
    assert len({address.partition("?")[2] for address in known}) == 1
    for path, file in files.items():
        if path.startswith("js/"):
            assert set(IMPORTED.findall(file.body.decode())) <= known, path
    assert asset("js/app.js") == f"/static/js/app.js?v={files['js/app.js'].version}"


def test_a_font_has_one_address_only(files):
    assert asset("vendor/inter-latin.woff2") in files["css/app.css"].body.decode()


def test_the_same_files_make_the_same_bytes(files):
    assert read_all() == files


def test_without_the_minifier_the_originals_are_sent(monkeypatch, tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text("import no_such_library")
    monkeypatch.setattr(static_files, "MINIFIER", broken)
    texts = {"js/x.js": "export const   answer = 42;"}
    assert minified(texts) == texts
    assert b"export function morph(" in read_all()["js/dom.js"].body


async def test_an_address_with_its_version_is_kept_for_ever(browser):
    answer = await browser.get(asset("js/app.js"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_another_release_s_address_is_not_kept(browser):
    assert "max-age=60" in (await browser.get("/static/js/app.js?v=0123456789ab")).headers["cache-control"]


async def test_a_bare_address_is_asked_for_again(browser):
    first = await browser.get("/static/css/app.css")
    assert first.headers["cache-control"] == "no-cache"
    again = await browser.get("/static/css/app.css", headers={"if-none-match": f'"other", {first.headers["etag"]}'})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["vary"] == "Accept-Encoding"
    assert (await browser.get("/static/css/app.css", headers={"if-none-match": '"other"'})).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "encoding"), [("gzip", "gzip"), ("br, gzip;q=0.5", "gzip"), ("identity", None), ("gzip;q=0", None)]
)
async def test_the_callers_encodings_are_respected(browser, files, accepted, encoding):
    async with browser.stream("GET", "/static/js/dom.js", headers={"accept-encoding": accepted}) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert (gzip.decompress(raw) if encoding else raw) == files["js/dom.js"].body
    assert int(answer.headers["content-length"]) == len(raw)


@pytest.mark.parametrize(
    "path",
    ["js/nothing.js", "%2e%2e/pyproject.toml", "..%2fpyproject.toml", "js/%2e%2e/js/app.js", "js", "", "/etc/passwd"],
)
async def test_nothing_else_is_served(browser, path):
    answer = await browser.get(f"/static/{path}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"

"""The application: routes of all features, one guard, one error form, and what must run beside it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import Any

import structlog
from litestar import Litestar, Request, Router, get
from litestar.config.app import AppConfig
from litestar.config.compression import CompressionConfig
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import FromPath
from litestar.response import Redirect, Response

from app.auth.guards import allow
from app.auth.idempotent import Idempotent
from app.config import Settings, settings
from app.events.service import use_bus
from app.features import parts
from app.kit import csrf, database
from app.kit.api_docs import Document, complete, summarize
from app.kit.crypto import use_password_memory
from app.kit.errors import NotFound
from app.kit.http import LARGEST_BODY, Edge
from app.kit.logs import configure_logs
from app.kit.migrate import app_dsn, refuse_bypass
from app.kit.principal import Principal
from app.kit.problem import EXCEPTION_HANDLERS
from app.kit.pubsub import make_bus
from app.kit.static_files import StaticFile, read_all
from app.kit.templating import render

log = structlog.get_logger()

VERSION = "0.1.0"
# Pages and scripts shrink to a quarter. Webhooks, health and sockets do not pass here.
SMALLER = CompressionConfig(backend="gzip", gzip_compress_level=5, minimum_size=1_000, exclude_opt_key="is_compressed")
CALLERS: dict[str, Any] = {
    "key": SecurityScheme(type="http", scheme="bearer", description="A connection key, `ok_...`"),
    "session": SecurityScheme(
        type="apiKey",
        name="orasync_session",
        security_scheme_in="cookie",
        description="A browser's session; unsafe calls repeat the cookie `csrftoken` in the header `x-csrftoken`",
    ),
}


async def provide_caller(request: Request[Any, Any, Any]) -> Principal:
    """Return whom the guard let in."""
    caller: Principal = request.scope["state"]["principal"]
    return caller


@get("/", opt={"public": True}, include_in_schema=False)
async def index() -> Redirect:
    """The desk begins at the inbox."""
    return Redirect("/inbox", status_code=303)


@get("/static/{path:path}", opt={"public": True, "is_compressed": True}, include_in_schema=False)
async def static_file(request: Request[Any, Any, Any], path: FromPath[Path]) -> Response[bytes]:
    """A file of ours; kept for ever where its address carries its version."""
    found: StaticFile | None = request.app.state.static_files.get(path.as_posix().removeprefix("/"))
    if found is None:
        raise NotFound
    headers = {"ETag": found.etag, "Cache-Control": found.cache_control(request.query_params.get("v"))}
    body, which = found.pick(request.headers.get("accept-encoding", ""))
    if found.is_known(request.headers.get("if-none-match", "")):
        return Response(b"", status_code=304, headers=headers | which)
    return Response(body, media_type=found.media_type, headers=headers | which)


@get("/docs", opt={"public": True}, include_in_schema=False)
async def docs(request: Request[Any, Any, Any]) -> Response[str]:
    """The API for people: made from the OpenAPI document by us, so that nobody else is asked for a script."""
    groups = summarize(complete(request.app.openapi_schema.to_schema()))
    return Response(render("docs.html", groups=groups, version=VERSION), media_type="text/html")


def collect(name: str) -> list[Any]:
    """Return the routes of all features' modules of that name."""
    return [route for part in parts(name) for route in part.ROUTES]


def check_operations(routes: list[Any]) -> None:
    """Refuse to start with a route that says neither its operation nor that it is public, or that is there twice."""
    seen = set()
    for route in routes:
        if not isinstance(route, HTTPRouteHandler):
            continue
        if not (route.opt.get("operation") or route.opt.get("public")):
            raise RuntimeError(f"{route.paths}: say its operation, or that it is public")
        for one in product(route.paths, route.http_methods):
            if one in seen:  # Litestar would take the last one and say nothing
                raise RuntimeError(f"{one}: two handlers answer this")
            seen.add(one)


@contextlib.asynccontextmanager
async def run_parts(app: Litestar) -> AsyncIterator[None]:
    """Open what a web process needs, lowest first, and close it in the opposite order."""
    told = settings()
    dsn = app_dsn(told)
    # Beside the connecting, which takes as long.
    files = asyncio.create_task(asyncio.to_thread(read_all))
    await _connect(dsn, told)
    app.state.static_files = await files
    bus = make_bus(dsn, told.redis_url)
    use_bus(bus)
    running = parts("lifecycle")
    for part in running:
        await part.start(dsn)
    await bus.start()
    # What is loaded now stays: the collector need not walk through it again and again. It took 80 ms each time, which
    # one frame in a hundred waited for.
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        for part in reversed(running):
            await part.stop()
        use_bus(None)
        await bus.stop()
        await database.stop()


async def _connect(dsn: str, told: Settings) -> None:
    """Open the pool, waiting at most 30 s for a database that is still starting."""
    for attempt in range(60):
        try:
            limits = database.Limits(told.statement_timeout, told.lock_timeout, told.idle_transaction_timeout)
            await database.start(dsn, name="web", size=told.pool_size, limits=limits)
        except database.LOST:
            if attempt == 59:
                raise
            await asyncio.sleep(0.5)
        else:
            break
    async with database.pool().acquire() as connection:
        await refuse_bypass(connection)


def create_app(told: Settings | None = None) -> Litestar:
    """Build the application. No work at import, none of it here needs the database."""
    told = told or settings()
    configure_logs(told)
    csrf.configure(told.secret_key, secure=told.is_secure)
    use_password_memory(told.password_memory)
    parts("page_parts")
    parts("events")
    http = [index, static_file, docs, *collect("api"), *collect("pages")]
    check_operations(http)
    guarded = Router(
        path="/",
        route_handlers=http,
        guards=[allow],
        dependencies={"caller": Provide(provide_caller)},
        middleware=[DefineMiddleware(CompressionMiddleware, config=SMALLER), DefineMiddleware(Idempotent)],
    )
    plain: list[BaseRouteHandler] = [*collect("webhooks"), *collect("sockets")]
    app = Litestar(
        route_handlers=[guarded, *plain],
        exception_handlers=EXCEPTION_HANDLERS,
        lifespan=[run_parts],
        request_max_body_size=LARGEST_BODY,
        multipart_form_part_limit=100,
        cors_config=CORSConfig(allow_origins=list(told.cors_origin)) if told.cors_origin else None,
        openapi_config=OpenAPIConfig(
            title="Orasync",
            version=VERSION,
            path="/schema",
            render_plugins=[Document()],
            description="The live front desk for clinics. Errors are RFC 9457 problem details; lists take `limit` and "
            "`cursor`; every unsafe call takes `Idempotency-Key`. README.md says how to begin.",
            components=Components(security_schemes=CALLERS),
            security=[{"key": []}, {"session": []}],
        ),
        on_app_init=[_quiet],
        logging_config=None,
    )
    # Around everything: Litestar's own middleware does not see addresses and methods that are not there.
    app.asgi_handler = Edge(app.asgi_handler, told)
    return app


def _quiet(config: AppConfig) -> AppConfig:
    """Leave logging to us: Litestar's own would write bodies and cookies."""
    config.logging_config = None
    return config

"""What `orasync doctor` looks at beside the providers: the database, the logins, the migrations, Redis, Qdrant."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

import asyncpg
import httpx
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.kit import database, migrate

if TYPE_CHECKING:
    from app.config import Settings


_TROUBLE = (
    *database.LOST,
    asyncpg.PostgresError,
    RedisError,
    httpx.HTTPError,
    httpx.InvalidURL,
    migrate.UnsafeLoginError,
)


class Finding(NamedTuple):
    """One thing that was looked at."""

    what: str
    good: bool
    says: str


async def examine(settings: "Settings") -> list[Finding]:
    """Look at everything; one broken part hides no other."""
    looks: list[tuple[str, Callable[[Settings], Awaitable[str]]]] = [
        ("address", _address),
        ("database", _database),
        ("login", _login),
        ("migrations", _migrations),
        ("redis", _redis),
        ("vectors", _vectors),
    ]
    findings: list[Finding] = []
    for what, look in looks:
        if what in ("login", "migrations") and not all(found.good for found in findings):
            continue  # they would only repeat what is wrong with the database
        try:
            findings.append(Finding(what, good=True, says=await look(settings)))
        except _TROUBLE as error:
            findings.append(Finding(what, good=False, says=str(error) or type(error).__name__))
    return findings


async def _address(settings: "Settings") -> str:
    if settings.is_secure:
        return settings.public_url
    return f"{settings.public_url}, without TLS: fine on this machine, not for patients' data over a network"


async def _database(settings: "Settings") -> str:
    if settings.embedded and not migrate.embedded(settings).is_running():
        raise OSError("the embedded PostgreSQL does not run; `orasync up` starts it")
    connection = await asyncpg.connect(migrate.owner_dsn(settings), timeout=settings.connect_timeout)
    try:
        version = await connection.fetchval("select current_setting('server_version')")
    finally:
        await connection.close()
    if settings.embedded:
        return f"PostgreSQL {version}, embedded, in {settings.var_dir / 'postgres'}, because DATABASE_URL is not set"
    return f"PostgreSQL {version}"


async def _login(settings: "Settings") -> str:
    connection = await asyncpg.connect(migrate.app_dsn(settings), timeout=settings.connect_timeout)
    try:
        await migrate.refuse_bypass(connection)
        login = await connection.fetchval("select current_user")
    finally:
        await connection.close()
    return f"{login}, held by row level security"


async def _migrations(settings: "Settings") -> str:
    pending = await migrate.pending(settings)
    if pending:
        raise OSError(f"not applied: {', '.join(pending)}; run `orasync migrate`")
    return "all applied"


async def _redis(settings: "Settings") -> str:
    if settings.redis_url is None:
        return "not used: PostgreSQL carries jobs and notifications, because REDIS_URL is not set"
    redis = Redis.from_url(settings.redis_url, socket_connect_timeout=settings.connect_timeout)
    try:
        return f"Redis {(await redis.info('server'))['redis_version']}"
    finally:
        await redis.aclose()


async def _vectors(settings: "Settings") -> str:
    if settings.qdrant_url is None:
        return "kept in PostgreSQL, because QDRANT_URL is not set"
    headers = {"api-key": settings.qdrant_api_key} if settings.qdrant_api_key else {}
    async with httpx.AsyncClient(timeout=settings.connect_timeout, headers=headers, trust_env=False) as client:
        answer = await client.get(f"{settings.qdrant_url.rstrip('/')}/collections")
    if not answer.is_success:
        raise OSError(f"Qdrant answers {answer.status_code}; PostgreSQL serves meanwhile")
    return "Qdrant answers; what facts say stays in PostgreSQL"

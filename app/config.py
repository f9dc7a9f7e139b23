"""Settings: everything the environment may say, read once, checked whole, frozen.

Nothing else reads the environment. Each field is the environment variable of the same name in capitals; `ALIASES` lists
the second names the specifications allow. An empty variable counts as absent. Everything is optional: with nothing set,
Orasync runs on the embedded database with simulated providers.
"""

import os
import re
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from app.kit import environment

ROOT = Path(__file__).resolve().parents[1]


class ConfigError(Exception):
    """The environment cannot be used; `problems` lists everything that is wrong with it, not just the first thing."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("The configuration cannot be used:\n" + "\n".join(f"  - {one}" for one in problems))


def says(description: str, kind: str = "", **limits: Any) -> Meta:
    """Describe one setting; `kind` names its reader in `READERS`, or `secret`, which is never printed."""
    return Meta(description=description, extra={"kind": kind}, **limits)


class Settings(Struct, frozen=True, kw_only=True):
    """What this process was told. Durations are seconds and may be written `90`, `15m`, `12h` or `7d`."""

    # Where things are
    database_url: Annotated[
        str | None, says("login of the application; never one that by-passes row security", "dsn")
    ] = None
    database_owner_url: Annotated[str | None, says("login that owns the tables, for `orasync migrate`", "dsn")] = None
    redis_url: Annotated[
        str | None, says("Redis for jobs and notifications; PostgreSQL does both without it", "redis")
    ] = None
    public_url: Annotated[str, says("address people and providers use, e.g. `https://desk.example.com`", "url")] = ""
    host: Annotated[str, says("address to listen on")] = "127.0.0.1"
    port: Annotated[int, says("port to listen on", ge=1, le=65535)] = 8000
    cors_origin: Annotated[tuple[str, ...], says("other origins whose pages may call the API", "urls")] = ()
    trusted_proxies: Annotated[tuple[str, ...], says("proxies whose X-Forwarded-* headers are believed", "list")] = ()
    var_dir: Annotated[
        Path, says("folder for what the program makes: embedded database, keys, stored files", "path")
    ] = ROOT / "var"

    # Secrets: made and kept in var/secrets when the database is embedded, required otherwise
    secret_key: Annotated[
        str, says("signs cookies, links and one-time codes; at least 16 characters", "secret", min_length=16)
    ] = ""
    encryption_keys: Annotated[
        tuple[tuple[str, bytes], ...], says("master keys `id:base64,...` of 32 bytes each; the first encrypts", "keys")
    ] = ()
    jwt_access_secret: Annotated[
        str, says("signs patients' access tokens; made from SECRET_KEY when absent", "secret")
    ] = ""
    jwt_refresh_secret: Annotated[
        str, says("signs patients' refresh tokens; made from SECRET_KEY when absent", "secret")
    ] = ""
    jwt_access_expiry: Annotated[float, says("life of a patient's access token", "duration", gt=0)] = 15 * 60
    jwt_refresh_expiry: Annotated[float, says("life of a patient's refresh token", "duration", gt=0)] = 7 * 24 * 3600

    # What the program does
    demo_mode: Annotated[bool, says("simulate every provider, whatever credentials are set")] = False
    log_format: Annotated[str, says("`console` for people, `json` for machines", pattern="^(console|json)$")] = (
        "console"
    )
    log_level: Annotated[str, says("least severe level that is logged", pattern="^(debug|info|warning|error)$")] = (
        "info"
    )
    sentry_dsn: Annotated[str | None, says("where to report crashes", "secret")] = None
    rate_limits: Annotated[bool, says("apply the rate limits; benches lift them and say so")] = True

    # Mail
    email_from: Annotated[str | None, says("sender of mail in the clinic's name")] = None
    email_smtp_host: Annotated[str | None, says("SMTP server")] = None
    email_smtp_port: Annotated[int, says("port of the SMTP server", ge=1, le=65535)] = 587
    email_smtp_user: Annotated[str | None, says("SMTP user")] = None
    email_smtp_pass: Annotated[str | None, says("SMTP password", "secret")] = None
    sendgrid_api_key: Annotated[str | None, says("SendGrid", "secret")] = None
    sendgrid_api_url: Annotated[str, says("base address of SendGrid", "url")] = "https://api.sendgrid.com"
    postmark_token: Annotated[str | None, says("Postmark server token", "secret")] = None
    postmark_api_url: Annotated[str, says("base address of Postmark", "url")] = "https://api.postmarkapp.com"

    # Texts and WhatsApp
    twilio_account_sid: Annotated[str | None, says("Twilio account")] = None
    twilio_auth_token: Annotated[
        str | None, says("Twilio token; also checks the signatures of its calls", "secret")
    ] = None
    twilio_from: Annotated[str | None, says("number texts are sent from when a clinic has none of its own")] = None
    twilio_api_url: Annotated[str, says("base address of Twilio", "url")] = "https://api.twilio.com"
    whatsapp_phone_number_id: Annotated[str | None, says("WhatsApp Cloud API number")] = None
    whatsapp_waba_id: Annotated[str | None, says("WhatsApp business account")] = None
    whatsapp_access_token: Annotated[str | None, says("WhatsApp token", "secret")] = None
    whatsapp_app_secret: Annotated[str | None, says("checks the signatures of Meta's calls", "secret")] = None
    whatsapp_verify_token: Annotated[str | None, says("word Meta repeats when the webhook is set up", "secret")] = None
    whatsapp_api_url: Annotated[str, says("base address of the WhatsApp Cloud API", "url")] = (
        "https://graph.facebook.com"
    )
    gallabox_api_key: Annotated[str | None, says("Gallabox key", "secret")] = None
    gallabox_api_secret: Annotated[str | None, says("Gallabox secret", "secret")] = None
    gallabox_channel_id: Annotated[str | None, says("Gallabox channel")] = None
    gallabox_api_url: Annotated[str, says("base address of Gallabox", "url")] = "https://server.gallabox.com"

    # Assistant
    openai_api_key: Annotated[str | None, says("suggestions by a model; templates answer without it", "secret")] = None
    openai_model: Annotated[str, says("model for triage and suggestions")] = "gpt-4o-mini"
    openai_base_url: Annotated[str, says("base address of OpenAI or a compatible server", "url")] = (
        "https://api.openai.com/v1"
    )
    ai_calls_a_day: Annotated[int, says("calls to the model a clinic may make in a day", ge=0)] = 5_000
    qdrant_url: Annotated[
        str | None, says("vector store for the assistant's memory; PostgreSQL serves without it", "url")
    ] = None
    qdrant_api_key: Annotated[str | None, says("key of that store, where it asks for one", "secret")] = None

    # Payments
    paypal_client_id: Annotated[str | None, says("PayPal client")] = None
    paypal_secret: Annotated[str | None, says("PayPal secret", "secret")] = None
    paypal_webhook_id: Annotated[str | None, says("checks the signatures of PayPal's calls")] = None
    paypal_api_url: Annotated[str, says("base address of PayPal", "url")] = "https://api-m.paypal.com"
    razorpay_key_id: Annotated[str | None, says("Razorpay key")] = None
    razorpay_key_secret: Annotated[str | None, says("Razorpay secret", "secret")] = None
    razorpay_webhook_secret: Annotated[str | None, says("checks the signatures of Razorpay's calls", "secret")] = None
    razorpay_api_url: Annotated[str, says("base address of Razorpay", "url")] = "https://api.razorpay.com"
    stripe_secret_key: Annotated[str | None, says("Stripe secret key", "secret")] = None
    stripe_publishable_key: Annotated[str | None, says("Stripe key the browser may see")] = None
    stripe_webhook_secret: Annotated[str | None, says("checks the signatures of Stripe's calls", "secret")] = None
    stripe_api_url: Annotated[str, says("base address of Stripe", "url")] = "https://api.stripe.com"

    # Calendar, sign-in, meetings, files
    google_client_id: Annotated[str | None, says("Google sign-in client")] = None
    google_client_secret: Annotated[str | None, says("Google sign-in secret", "secret")] = None
    google_service_account_email: Annotated[str | None, says("account that writes to the calendar")] = None
    google_private_key: Annotated[str | None, says("key of that account", "secret")] = None
    google_calendar_id: Annotated[str | None, says("calendar visits are written to")] = None
    google_api_url: Annotated[str, says("base address of Google's APIs", "url")] = "https://www.googleapis.com"
    zoom_account_id: Annotated[str | None, says("Zoom account for meeting links")] = None
    zoom_client_id: Annotated[str | None, says("Zoom client")] = None
    zoom_client_secret: Annotated[str | None, says("Zoom secret", "secret")] = None
    zoom_api_url: Annotated[str, says("base address of Zoom", "url")] = "https://api.zoom.us"
    s3_endpoint: Annotated[str | None, says("object store for attachments; var/ holds them without it", "url")] = None
    s3_bucket: Annotated[str | None, says("bucket in that store")] = None
    s3_access_key: Annotated[str | None, says("access key of that store")] = None
    s3_secret_key: Annotated[str | None, says("secret key of that store", "secret")] = None

    # Time-outs and sizes: the defaults are the product's; tests and benches shrink or lift them
    send_timeout: Annotated[float, says("longest a provider may take to accept a message", "duration", gt=0)] = 10
    unknown_after: Annotated[
        float, says("a send without an answer counts as unknown from then on", "duration", gt=0)
    ] = 30
    review_after: Annotated[
        float, says("an unknown send without evidence asks a person from then on", "duration", gt=0)
    ] = 900
    poll_seconds: Annotated[
        float, says("safety net: how often the log and due jobs are looked at unasked", "duration", gt=0)
    ] = 2
    header_timeout: Annotated[float, says("longest the head of a request may take to arrive", "duration", gt=0)] = 10
    body_timeout: Annotated[float, says("longest the body of a request may take to arrive", "duration", gt=0)] = 20
    request_timeout: Annotated[
        float, says("longest a request may be worked on, and its answer wait to be taken", "duration", gt=0)
    ] = 30
    ping_seconds: Annotated[float, says("how often an idle socket is pinged", "duration", gt=0)] = 20
    pong_seconds: Annotated[float, says("how long a socket may take to answer a ping", "duration", gt=0)] = 20
    pool_size: Annotated[int, says("most database connections a process takes", ge=2, le=200)] = 15
    connect_timeout: Annotated[float, says("longest wait for a database or Redis connection", "duration", gt=0)] = 5
    statement_timeout: Annotated[float, says("longest a statement of a request may run", "duration", gt=0)] = 5
    lock_timeout: Annotated[float, says("longest a statement may wait for a lock", "duration", gt=0)] = 2
    idle_transaction_timeout: Annotated[float, says("longest a transaction may lie idle", "duration", gt=0)] = 10
    password_memory: Annotated[
        int, says("MiB a password's hash takes; what was stored with less is hashed anew at a sign-in", ge=1, le=1024)
    ] = 64
    job_heartbeat: Annotated[
        float, says("a running job that says nothing for so long is taken over", "duration", ge=1)
    ] = 15
    job_base_backoff: Annotated[
        float, says("wait before a job's second attempt; doubles each time", "duration", gt=0)
    ] = 5
    orasync_crash_at: Annotated[
        str | None, says("tests only: kill the process at the n-th pass of a named point, `name:n`", "point")
    ] = None

    @property
    def embedded(self) -> bool:
        """Whether Orasync brings its own PostgreSQL, because nobody named another one."""
        return not (self.database_url or self.database_owner_url)

    @property
    def origin(self) -> str:
        """The origin browsers must come from."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def app_role_password(self) -> str:
        """Password of the login `orasync_app`, which `migrate` makes when only an owner's address is given."""
        return derived(self.secret_key, "database-login")

    @property
    def is_secure(self) -> bool:
        """Whether people reach Orasync over TLS, so that cookies may insist on it."""
        return self.public_url.startswith("https:")

    def simulated_because(self, provider: str) -> str | None:
        """Why `provider` (a name in `PROVIDERS`) is simulated, in words a person can act on; None when it is live."""
        if self.demo_mode:
            return "DEMO_MODE is on"
        if provider == "openai" and self.openai_base_url != _DEFAULTS.openai_base_url:
            return None  # Ollama and other servers of one's own ask for no key
        missing = [name for name in PROVIDERS[provider] if not getattr(self, name)]
        if missing:
            return (
                " and ".join(name.upper() for name in missing) + (" is" if len(missing) == 1 else " are") + " not set"
            )
        stand_ins = [name.upper() for name in PROVIDERS[provider] if is_placeholder(getattr(self, name))]
        return f"{' and '.join(stand_ins)} is a placeholder" if stand_ins else None

    def is_live(self, provider: str) -> bool:
        """Whether the process itself holds usable credentials; a clinic's own, stored ones are asked first."""
        return self.simulated_because(provider) is None

    def __repr__(self) -> str:
        """Name what differs from the default, never a value: this ends up in logs and tracebacks."""
        names = (field.name for field in msgspec.structs.fields(Settings))
        return f"Settings({', '.join(n for n in names if getattr(self, n) != getattr(_DEFAULTS, n))})"


# What each provider needs to be live. The order is that of `orasync doctor`.
PROVIDERS: Mapping[str, tuple[str, ...]] = {
    "twilio": ("twilio_account_sid", "twilio_auth_token"),
    "whatsapp_cloud": ("whatsapp_phone_number_id", "whatsapp_access_token", "whatsapp_app_secret"),
    "gallabox": ("gallabox_api_key", "gallabox_api_secret", "gallabox_channel_id"),
    "smtp": ("email_smtp_host",),
    "sendgrid": ("sendgrid_api_key",),
    "postmark": ("postmark_token",),
    "openai": ("openai_api_key",),
    "paypal": ("paypal_client_id", "paypal_secret"),
    "razorpay": ("razorpay_key_id", "razorpay_key_secret"),
    "stripe": ("stripe_secret_key",),
    "google_sign_in": ("google_client_id", "google_client_secret"),
    "google_calendar": ("google_service_account_email", "google_private_key", "google_calendar_id"),
    "zoom": ("zoom_account_id", "zoom_client_id", "zoom_client_secret"),
    "s3": ("s3_endpoint", "s3_bucket", "s3_access_key", "s3_secret_key"),
}
PAYMENT_PROVIDERS = ("paypal", "razorpay", "stripe")

ALIASES: Mapping[str, tuple[str, ...]] = {
    "twilio_from": ("TWILIO_PHONE_NUMBER",),
    "paypal_secret": ("PAYPAL_CLIENT_SECRET",),
}

_DEFAULTS = Settings()
_PLACEHOLDER = re.compile(r"test_\w*|your[-_].*|change[-_]?me|placeholder|x{3,}|<.*>", re.IGNORECASE)


def is_placeholder(value: str) -> bool:
    """Whether a credential is a stand-in such as `test_key`, which no provider has ever given out."""
    return _PLACEHOLDER.fullmatch(value.strip()) is not None


READERS: Mapping[str, Callable[[str], Any]] = {
    "url": environment.url,
    "urls": environment.urls,
    "dsn": environment.with_scheme("postgresql", "postgres"),
    "redis": environment.with_scheme("redis", "rediss", "unix"),
    "duration": environment.duration,
    "list": environment.words,
    "keys": environment.keys,
    "point": environment.numbered_point,
    "path": lambda text: (ROOT / text).resolve(),
}


def _read(field: msgspec.structs.FieldInfo, text: str) -> Any:
    """One variable's value; raises ValueError in words that follow the variable's name."""
    meta = field.type.__metadata__[0]
    wanted = field.type.__origin__
    kind = meta.extra["kind"]
    value: Any = text
    if kind in READERS:
        value = READERS[kind](text)
    elif wanted is bool:
        value = environment.boolean(text)
    try:
        return msgspec.convert(value, field.type, strict=wanted is not int)
    except msgspec.ValidationError:
        raise ValueError(_expectation(wanted, meta)) from None


def _expectation(wanted: type, meta: Meta) -> str:
    """What a value out of its limits should have been."""
    if wanted is int:
        return f"must be a whole number from {meta.ge} to {meta.le}"
    if meta.min_length:
        return f"must have at least {meta.min_length} characters"
    if meta.pattern and meta.pattern.startswith("^("):
        return "must be " + meta.pattern[2:-2].replace("|", " or ")
    return "must be above zero"


def load(environ: Mapping[str, str]) -> Settings:
    """Read and check `environ`. Raises one ConfigError that lists everything wrong with it."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field in msgspec.structs.fields(Settings):
        for name in (field.name.upper(), *ALIASES.get(field.name, ())):
            if text := environ.get(name, "").strip():
                try:
                    values[field.name] = _read(field, text)
                except ValueError as error:
                    problems.append(f"{name} {error}")
                break
    named = msgspec.structs.replace(_DEFAULTS, **values)
    problems += _contradictions(named, problems)
    if problems:
        raise ConfigError(problems)
    return _completed(named)


def _contradictions(named: Settings, known: list[str]) -> list[str]:
    """What is wrong with settings that are each readable; `known` problems are not told twice."""
    problems = []
    for name in ("secret_key", "encryption_keys"):
        if not named.embedded and not getattr(named, name) and not any(p.startswith(name.upper()) for p in known):
            example = "openssl rand -hex 32" if name == "secret_key" else 'echo "k1:$(openssl rand -base64 32)"'
            problems.append(f"{name.upper()} is required with a database of your own. Make one: {example}")
    live = [name for name in PAYMENT_PROVIDERS if msgspec.structs.replace(named, demo_mode=False).is_live(name)]
    if named.demo_mode and live:
        # Simulated orders hand out credits without money: never on a system that takes real payments.
        problems.append(f"DEMO_MODE cannot be on while credentials of {' and '.join(live)} are set")
    return problems


def _completed(named: Settings) -> Settings:
    """Fill in what follows from the rest: the address, the kept keys, the derived secrets."""
    secret_key = named.secret_key or _kept(named.var_dir, "secret_key", lambda: secrets.token_urlsafe(32))
    keys = named.encryption_keys or environment.keys(
        _kept(named.var_dir, "encryption_keys", lambda: "k1:" + b64encode(secrets.token_bytes(32)).decode())
    )
    return msgspec.structs.replace(
        named,
        public_url=named.public_url or f"http://localhost:{named.port}",
        secret_key=secret_key,
        encryption_keys=keys,
        jwt_access_secret=named.jwt_access_secret or derived(secret_key, "jwt-access"),
        jwt_refresh_secret=named.jwt_refresh_secret or derived(secret_key, "jwt-refresh"),
    )


def derived(secret_key: str, purpose: str) -> str:
    """A secret of its own for `purpose`: who learns one learns neither the others nor SECRET_KEY."""
    return digest(secret_key.encode(), f"orasync:{purpose}".encode(), sha256).hex()


def _kept(var_dir: Path, name: str, make: Any) -> str:
    """The secret in var/secrets/`name`, made at the first call; two processes starting together agree on one."""
    path = var_dir / "secrets" / name
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            draft = path.with_name(f"{name}.{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_text(make())
            try:
                path.hardlink_to(draft)  # fails when another process was first: its secret is the one
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text().strip()
    except PermissionError:
        raise ConfigError(
            [f"{path} belongs to another user. Run Orasync as that user, or set VAR_DIR to a folder of your own"]
        ) from None


@cache
def settings() -> Settings:
    """The settings of this process. The environment wins over `.env`."""
    return load({**environment.dotenv(ROOT / ".env"), **os.environ})


def reset_settings() -> None:
    """Read the environment again at the next call; for tests."""
    settings.cache_clear()

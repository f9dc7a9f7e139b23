"""The environment is read whole, checked whole, and never shown."""

import subprocess
import sys
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from app.config import ALIASES, PROVIDERS, ROOT, ConfigError, Settings, load
from app.kit.environment import dotenv

KEY = "k1:" + b64encode(b"1" * 32).decode()
OWN_DATABASE = {
    "DATABASE_URL": "postgresql://orasync_app:secret@db/orasync",
    "SECRET_KEY": "a-secret-of-decent-length",
    "ENCRYPTION_KEYS": KEY,
}


def problems(environ):
    with pytest.raises(ConfigError) as caught:
        load(environ)
    return caught.value.problems


def test_nothing_set_runs_embedded_with_everything_simulated(tmp_path):
    told = load({"VAR_DIR": str(tmp_path)})
    assert told.embedded
    assert told.public_url == told.origin == "http://localhost:8000"
    assert not any(told.is_live(provider) for provider in PROVIDERS)


def test_one_error_names_everything_that_is_wrong():
    found = problems(
        {
            "PORT": "eighty",
            "DATABASE_URL": "mysql://x",
            "JWT_ACCESS_EXPIRY": "soon",
            "DEMO_MODE": "perhaps",
            "LOG_FORMAT": "xml",
            "PUBLIC_URL": "desk.example.com",
            "ENCRYPTION_KEYS": "k1:short",
            "SECRET_KEY": "short",
            "ORASYNC_CRASH_AT": "anywhere",
        }
    )
    assert sorted(one.split()[0] for one in found) == [
        "DATABASE_URL",
        "DEMO_MODE",
        "ENCRYPTION_KEYS",
        "JWT_ACCESS_EXPIRY",
        "LOG_FORMAT",
        "ORASYNC_CRASH_AT",
        "PORT",
        "PUBLIC_URL",
        "SECRET_KEY",
    ]
    assert "PORT must be a whole number from 1 to 65535" in found
    assert "LOG_FORMAT must be console or json" in found


def test_a_database_of_ones_own_needs_both_secrets():
    found = problems({"DATABASE_URL": OWN_DATABASE["DATABASE_URL"]})
    assert [one.split()[0] for one in found] == ["SECRET_KEY", "ENCRYPTION_KEYS"]
    assert not load(OWN_DATABASE).embedded


@pytest.mark.parametrize("name", [alias for aliases in ALIASES.values() for alias in aliases])
def test_second_names_are_read_and_the_first_name_wins(name, tmp_path):
    field = next(field for field, aliases in ALIASES.items() if name in aliases)
    told = load({"VAR_DIR": str(tmp_path), name: "second"})
    assert getattr(told, field) == "second"
    told = load({"VAR_DIR": str(tmp_path), name: "second", field.upper(): "first"})
    assert getattr(told, field) == "first"


def test_an_empty_variable_counts_as_absent():
    assert load({**OWN_DATABASE, "PORT": "", "TWILIO_ACCOUNT_SID": "  "}).port == 8000


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("1.5s", 1.5), ("15m", 900), ("12h", 43200), ("7d", 604800)])
def test_durations(text, seconds):
    assert load({**OWN_DATABASE, "JWT_ACCESS_EXPIRY": text}).jwt_access_expiry == seconds


@pytest.mark.parametrize("placeholder", ["test_key", "test_client_id", "your-key-here", "changeme", "<token>"])
def test_placeholder_credentials_mean_a_practice_run(placeholder):
    told = load({**OWN_DATABASE, "OPENAI_API_KEY": placeholder})
    assert told.simulated_because("openai") == "OPENAI_API_KEY is a placeholder"
    assert load({**OWN_DATABASE, "OPENAI_API_KEY": "sk-proj-4f9"}).is_live("openai")


def test_demo_mode_simulates_everything_and_refuses_real_payments():
    live = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t1"}
    assert load({**OWN_DATABASE, **live}).is_live("twilio")
    assert load({**OWN_DATABASE, **live, "DEMO_MODE": "true"}).simulated_because("twilio") == "DEMO_MODE is on"
    assert problems({**OWN_DATABASE, "DEMO_MODE": "true", "STRIPE_SECRET_KEY": "sk_live_1"}) == [
        "DEMO_MODE cannot be on while credentials of stripe are set"
    ]


def test_secrets_are_made_once_and_kept_private(tmp_path):
    environ = {"VAR_DIR": str(tmp_path)}
    first = load(environ)
    assert load(environ).secret_key == first.secret_key
    assert load(environ).encryption_keys == first.encryption_keys
    assert len(first.encryption_keys[0][1]) == 32
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o600}


def test_processes_that_start_together_agree_on_the_secrets(tmp_path):
    script = f"from app.config import load; print(load({{'VAR_DIR': {str(tmp_path)!r}}}).secret_key)"

    def start(_):
        return subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(start, range(4)))) == 1


def test_neither_repr_nor_error_shows_a_secret():
    secrets = {
        name: f"canary-{name.lower()}-{'x' * 16}y"
        for name in (field.name.upper() for field in msgspec.structs.fields(Settings))
        if name.endswith(("_KEY", "_SECRET", "_TOKEN", "_PASS", "_API_KEY"))
    }
    told = load({**OWN_DATABASE, **secrets})
    assert "canary" not in repr(told)
    assert "canary" not in f"{told}"
    with pytest.raises(ConfigError) as caught:
        load({**secrets, "DATABASE_URL": "canary://user:canary@db", "ENCRYPTION_KEYS": "canary:canary", "PORT": "0"})
    assert "canary" not in str(caught.value)


def test_every_field_is_described_and_named_by_its_providers():
    fields = {field.name: field for field in msgspec.structs.fields(Settings)}
    for field in fields.values():
        assert field.type.__metadata__[0].description
    assert {name for names in PROVIDERS.values() for name in names} <= fields.keys()


def test_dotenv(tmp_path):
    path = tmp_path / ".env"
    path.write_text(
        "# comment\nPORT=9000\nexport EMAIL_FROM='desk@x.example' \nSECRET_KEY=\"a b\"\nEMPTY=\nnot a line\n"
    )
    assert dotenv(path) == {"PORT": "9000", "EMAIL_FROM": "desk@x.example", "SECRET_KEY": "a b", "EMPTY": ""}
    assert dotenv(tmp_path / "absent") == {}

"""Which settings are valid; an error names the setting and quotes no secret."""

from __future__ import annotations

import pytest

from app.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "42:token")
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://hn_pal:password@postgres/hn_pal")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql+asyncpg://u:s3cret@h:port/x"),
        ("DATABASE_URL", "postgresql+asyncpg://u:s3cret@h:99999/x"),
        ("DATABASE_URL", "postgresql+asyncpg://u:s3cret/more@h:5432/x"),
        ("DATABASE_URL", "postgresql+asyncpg://u:s3cret@[h/x"),
        ("OPENAI_BASE_URL", "http://x:port"),
        ("OPENAI_BASE_URL", "http://x:99999"),
        ("OPENAI_BASE_URL", "http://x:0"),
        ("HN_API_URL", "http://x:port/v0"),
        ("TELEGRAM_API_URL", "http://x:port"),
        ("LANGFUSE_HOST", "https://[x"),
        ("REDIS_URL", "foo"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "redis://:s3cret@h:port/0"),
        ("ADMIN_CHAT_ID", "9223372036854775808"),
        ("ADMIN_CHAT_ID", "-9223372036854775809"),
        ("TELEGRAM_BOT_TOKEN", "42:s3cret and more"),
        ("TELEGRAM_BOT_TOKEN", "42:s3cret\n"),
        ("FETCH_PRIVATE_HOSTS", "localhost:80/path"),
        ("FETCH_PRIVATE_HOSTS", "*:80"),
        ("FETCH_PRIVATE_HOSTS", "localhost:port"),
        ("FETCH_PRIVATE_HOSTS", "localhost:0"),
        ("LANGFUSE_PUBLIC_KEY", "s3cret"),
        ("LANGFUSE_SECRET_KEY", "s3cret"),
        ("HEARTBEAT_URL", "s3cret"),
        ("HEARTBEAT_URL", "ftp://h/s3cret"),
        ("HEARTBEAT_URL", "https://h:port/s3cret"),
        ("DIGEST_NOTICE", '{"en": "s3cret'),
        ("DIGEST_NOTICE", '{"xx": "s3cret"}'),
        ("DIGEST_NOTICE", '{"en": ["s3cret"]}'),
        ("DIGEST_NOTICE", "s3cret" * 40),
        ("METRICS_FILE", "hnpal.prom"),
        ("METRICS_FILE", "/var/lib/hnpal.txt"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    said = str(error.value)
    assert name in said
    assert len(said.splitlines()) == 1
    assert "s3cret" not in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://hn_pal:p%2Fw@[::1]:5432/hn_pal?sslmode=require"),
        ("OPENAI_BASE_URL", "http://localhost:11434/v1/"),
        ("REDIS_URL", "rediss://:password@redis:6379/0"),
        ("REDIS_URL", "unix:///run/redis.sock"),
        ("HEARTBEAT_URL", "https://h/api/push/x?status=up&msg=OK&ping="),
        ("METRICS_FILE", "/var/lib/hnpal/hnpal.prom"),
        ("ADMIN_CHAT_ID", "-1001234567890123"),
        ("FETCH_PRIVATE_HOSTS", "localhost:80, [::1]:8080,my_host.internal:443"),
    ],
)
def test_a_valid_setting_is_accepted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    load_settings()


def test_a_password_is_secret_as_it_is_written_and_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://hn_pal:a%2Fb@postgres/hn_pal")
    monkeypatch.setenv("REDIS_URL", "redis://:c%40d@redis:6379/0")
    assert {"a%2Fb", "a/b", "c%40d", "c@d", "42:token"} <= set(load_settings().secrets())


def test_the_drivers_name_is_left_out_of_the_scheme_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://hn_pal:x+asyncpg@postgres/hn_pal")
    assert load_settings().postgresql_dsn == "postgresql://hn_pal:x+asyncpg@postgres/hn_pal"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("", {"en": "", "de": "", "es": ""}),
        ("Back at noon.", {"en": "Back at noon.", "de": "Back at noon."}),
        ('{"en": "Noon", "de": "Mittag"}', {"en": "Noon", "de": "Mittag", "es": "Noon"}),
        ('{"de": "Mittag"}', {"en": "", "de": "Mittag"}),
        ("{}", {"de": ""}),
    ],
)
def test_the_notice_is_in_the_language_of_the_reader(
    monkeypatch: pytest.MonkeyPatch, value: str, told: dict[str, str]
) -> None:
    monkeypatch.setenv("DIGEST_NOTICE", value)
    settings = load_settings()
    assert {language: settings.notice_in(language) for language in told} == told

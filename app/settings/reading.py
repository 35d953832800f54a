"""Reads the settings once: the environment, the secret files, and what contradicts what."""

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.settings.errors import PREFIX, SettingsInvalid
from app.settings.identity import OIDC_ROLES
from app.settings.whole import SECRETS, Settings
from app.settings.wording import in_words


def load_settings() -> Settings:
    """Read the environment and the secret files. Raises SettingsInvalid."""
    folder = Path(os.environ.get(f"{PREFIX}SECRETS_DIR") or "/run/secrets")
    given = _from_files()
    try:
        settings = Settings(_secrets_dir=folder if folder.is_dir() else None, **given)
    except ValidationError as error:
        # From None: the original error would carry the values.
        raise SettingsInvalid("\n".join(in_words(error))) from None
    if settings.lease_seconds <= settings.insurer_deadline_seconds:
        raise SettingsInvalid(
            f"配置有误 {PREFIX}LEASE_SECONDS：必须大于 {PREFIX}INSURER_DEADLINE_SECONDS"
            " / must be greater, or a slow call would be made twice"
        )
    _check_pooler(settings)
    _check_oidc(settings)
    return settings


def _check_pooler(settings: Settings) -> None:
    if settings.db_pgbouncer and (settings.database_url is None or settings.direct_url is None):
        raise SettingsInvalid(
            f"配置有误 {PREFIX}DB_PGBOUNCER：须同时设置 {PREFIX}DATABASE_URL（连接池）与"
            f" {PREFIX}DIRECT_URL（数据库） / needs the pooler's URL and the database's own"
        )


def _check_oidc(settings: Settings) -> None:
    sources = (settings.oidc_jwks_file, settings.oidc_jwks_url)
    if settings.oidc_issuer is not None and sum(one is not None for one in sources) != 1:
        raise SettingsInvalid(
            f"配置有误 {PREFIX}OIDC_ISSUER：须另设 {PREFIX}OIDC_JWKS_FILE 与 {PREFIX}OIDC_JWKS_URL"
            " 之一 / exactly one source of its public keys is needed"
        )
    unknown = set(settings.role_words().values()) - OIDC_ROLES
    if unknown:
        raise SettingsInvalid(
            f"配置有误 {PREFIX}OIDC_ROLES：可用角色 {', '.join(sorted(OIDC_ROLES))}"
            " / a role that nobody may bring along"
        )


def secret_files() -> dict[str, Path]:
    """Give the files that variables with _FILE name, by field."""
    named = {name: os.environ.get(f"{PREFIX}{name.upper()}_FILE") for name in SECRETS}
    return {name: Path(path) for name, path in named.items() if path}


def _from_files() -> dict[str, Any]:
    """Read the secrets that stand in files. Raises SettingsInvalid."""
    found: dict[str, Any] = {}
    for name, path in secret_files().items():
        variable = f"{PREFIX}{name.upper()}"
        if os.environ.get(variable):
            raise SettingsInvalid(
                f"配置有误 {variable}：与 {variable}_FILE 只能设置一个 / set one of the two"
            )
        try:
            found[name] = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError):
            raise SettingsInvalid(
                f"配置有误 {variable}_FILE：读不了文件 / the file cannot be read"
            ) from None
    return found


def unknown_variables() -> list[str]:
    """Give the variables that look like settings and are none: a word misspelt does nothing."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    known |= {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS} | {f"{PREFIX}SECRETS_DIR"}
    return sorted(
        name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )

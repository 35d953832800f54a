"""The master keys: from the settings, or from a file that is made when there is none."""

import base64
import os
import secrets
from pathlib import Path

from app.settings.errors import SettingsInvalid
from app.settings.kinds import key_entries
from app.settings.whole import Settings

MASTER_KEY_BYTES = 32


def master_keys(settings: Settings) -> tuple[tuple[int, str, bytes], ...]:
    """The master keys as (version, suite, 32 bytes); the first one writes.

    One is made, mode 0600, when none is configured. Raises SettingsInvalid when the stored file is
    damaged: guessing would lose every sealed value.
    """
    if settings.master_key is not None:
        entries = key_entries(settings.master_key.get_secret_value())
    else:
        path = key_file(settings)
        if not path.exists():
            _make_key(path)
        entries = key_entries(path.read_text(errors="replace"))
        if not entries:
            raise SettingsInvalid(f"主密钥文件已损坏 {path} / the master key file is damaged")
    return tuple((version, suite or settings.suite, key) for version, suite, key in entries)


def key_file(settings: Settings) -> Path:
    """Where the master keys are kept when none is configured."""
    return settings.data_dir / "master.key"


def write_key_file(path: Path, keys: tuple[tuple[int, str, bytes], ...]) -> None:
    """Put other master keys in the file's place, whole or not at all."""
    lines = [f"{version}:{suite}:{base64.b64encode(key).decode()}" for version, suite, key in keys]
    fresh = _fresh_file(path, "\n".join(lines).encode() + b"\n")
    fresh.replace(path)


def new_master_key() -> bytes:
    """Give 32 random bytes."""
    return secrets.token_bytes(MASTER_KEY_BYTES)


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _fresh_file(path, base64.b64encode(new_master_key()))
    try:
        # A link fails when another process was first: then its key stands, and ours goes.
        path.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _fresh_file(path: Path, content: bytes) -> Path:
    """Write a new file beside `path`, mode 0600, safely on disk."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return fresh

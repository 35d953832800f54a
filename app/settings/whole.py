"""All settings as one."""

from pydantic_settings import SettingsConfigDict

from app.settings.ciphers import CipherSettings
from app.settings.database import DatabaseSettings
from app.settings.door import DoorSettings
from app.settings.errors import PREFIX
from app.settings.identity import IdentitySettings
from app.settings.outside import OutsideSettings
from app.settings.storage import StorageSettings
from app.settings.work import WorkSettings


# The last named comes first in the README's table.
class Settings(
    IdentitySettings,
    WorkSettings,
    OutsideSettings,
    DoorSettings,
    CipherSettings,
    StorageSettings,
    DatabaseSettings,
):
    """Values are fixed for the life of a process; read once with `load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )


# What may stand in a file of its own.
SECRETS = tuple(
    name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)
)

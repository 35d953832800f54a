"""THE GROUND, settings: environment variables with the prefix RELIEF_, or secret files.

A file named like a field in lower case with its prefix (`relief_master_key`) in the folder
RELIEF_SECRETS_DIR (default /run/secrets) sets that field too; the environment wins. A secret may
also stand in a file that its variable with _FILE names (RELIEF_MASTER_KEY_FILE). The table in the
README is made from the descriptions here.
"""

from app.settings.errors import PREFIX, SettingsInvalid
from app.settings.identity import OIDC_ROLES
from app.settings.kinds import KeyEntry, Network
from app.settings.master_key import key_file, master_keys, new_master_key, write_key_file
from app.settings.reading import load_settings, secret_files, unknown_variables
from app.settings.storage import state_dir
from app.settings.whole import SECRETS, Settings
from app.settings.wording import HIDDEN, allowed

__all__ = [
    "HIDDEN",
    "OIDC_ROLES",
    "PREFIX",
    "SECRETS",
    "KeyEntry",
    "Network",
    "Settings",
    "SettingsInvalid",
    "allowed",
    "key_file",
    "load_settings",
    "master_keys",
    "new_master_key",
    "secret_files",
    "state_dir",
    "unknown_variables",
    "write_key_file",
]

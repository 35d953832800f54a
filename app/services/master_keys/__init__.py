"""Master keys: what is sealed under which, and bringing everything over to a new one."""

from app.services.master_keys.rotate_keys import KeyState, key_state, rotate_keys

__all__ = ["KeyState", "key_state", "rotate_keys"]

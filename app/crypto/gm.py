"""The `gm` suite: SM4-GCM, HMAC-SM3, HKDF with SM3 (GB/T 32907, GB/T 32905, RFC 8998, RFC 5869).

The algorithms are OpenSSL's. That is no certified module in the sense of GB/T 37092: such a module
offers the same `Suite`, with its keys inside, and takes this one's place in the keyring.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher as Block
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.crypto.suite import TAG_BYTES, Cipher


class Sm4Gcm:
    """SM4 in Galois/Counter mode with a 16-byte tag at the tail."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Encipher and authenticate."""
        encryptor = Block(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        sealed = encryptor.update(data) + encryptor.finalize()
        return sealed + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Decipher; raise `cryptography.exceptions.InvalidTag` when anything was altered."""
        if len(data) < TAG_BYTES:
            raise InvalidTag
        mode = modes.GCM(nonce, data[-TAG_BYTES:])
        decryptor = Block(self._algorithm, mode).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-TAG_BYTES]) + decryptor.finalize()


class GmSuite:
    """The algorithms of the People's Republic's standards (国密)."""

    number = 2
    cipher_key_bytes = 16

    def derive(self, master_key: bytes, purpose: str, length: int) -> bytes:
        """HKDF-SM3 without salt (the master key is uniformly random); the purpose is `info`."""
        info = f"relief/{purpose}".encode()
        return HKDF(hashes.SM3(), length=length, salt=None, info=info).derive(master_key)

    def cipher(self, key: bytes) -> Cipher:
        """SM4-GCM with a 16-byte tag."""
        return Sm4Gcm(key)

    def mac(self, key: bytes, message: bytes) -> bytes:
        """HMAC-SM3, all 32 bytes."""
        keyed = hmac.HMAC(key, hashes.SM3())
        keyed.update(message)
        return keyed.finalize()

    def digest(self, message: bytes) -> bytes:
        """SM3, 32 bytes."""
        hashed = hashes.Hash(hashes.SM3())
        hashed.update(message)
        return hashed.finalize()

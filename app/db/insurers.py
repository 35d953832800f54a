"""Insurers, how they are reached, and the secrets shared with them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from uuid import UUID

from app.db.ids import new_id
from app.db.rows import record, sql
from app.db.session import Database, Tx
from app.domain.caller import Caller

_FIND = sql(
    "SELECT code, name_zh, dialect, base_url, honours_key, can_be_asked, gives_statements, "
    "can_check_account FROM insurer "
    "WHERE code = coalesce(CAST(:code AS text), code) ORDER BY code"
)
_ADD = sql(
    """
    INSERT INTO insurer (code, name_zh, dialect, base_url, honours_key, can_be_asked,
                         gives_statements, can_check_account)
    VALUES (:code, :name_zh, :dialect, :base_url, :honours_key, :can_be_asked, :gives_statements,
            :can_check_account)
    ON CONFLICT (code) DO NOTHING RETURNING code
    """
)
_CAPABLE = sql(
    """
    UPDATE insurer SET honours_key = :honours_key, can_be_asked = :can_be_asked,
        gives_statements = :gives_statements, can_check_account = :can_check_account
    WHERE code = :code
    """
)
_GIVES = sql("UPDATE insurer SET gives_statements = :gives WHERE code = :code")
_MOVE = sql("UPDATE insurer SET base_url = :base_url WHERE code = :code")
_ADD_SECRET = sql(
    "INSERT INTO insurer_secret (id, insurer_code, direction, secret_sealed) "
    "VALUES (:id, :insurer_code, :direction, :secret_sealed)"
)
_END_SECRETS = sql(
    """
    UPDATE insurer_secret
    SET active_to = least(active_to, business_now() + CAST(:overlap AS interval))
    WHERE insurer_code = :insurer_code AND direction = :direction
      AND (active_to IS NULL OR active_to > business_now())
    """
)
_HOLD = sql("SELECT code FROM insurer WHERE code = :code FOR UPDATE")
_CALLBACK_KEYS = """
    SELECT spoken, ids, sealed, real_now FROM callback_keys_asked($1, $2, $3, $4, $5, $6)
"""
_SECRETS = sql(
    """
    SELECT id, secret_sealed FROM insurer_secret
    WHERE insurer_code = :insurer_code AND direction = :direction
      AND active_from <= business_now() AND (active_to IS NULL OR active_to > business_now())
    ORDER BY active_from DESC, id DESC
    """
)


@dataclass(frozen=True, slots=True)
class Insurer:
    """An insurer: which dialect it speaks, where, and what its system was proven to do.

    The first two abilities say what may be done after a lost answer. It may give a day's statement
    over its interface, and tell whether an account belongs to a name.
    """

    code: str
    name_zh: str
    dialect: str
    base_url: str
    honours_key: bool
    can_be_asked: bool
    gives_statements: bool = False
    can_check_account: bool = False


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an insurer's system can do, each proven by a run of the conformance kit."""

    honours_key: bool = False
    can_be_asked: bool = False
    gives_statements: bool = False
    can_check_account: bool = False


async def find_insurer(tx: Tx, code: str) -> Insurer | None:
    """Give an insurer, None when unknown."""
    row = (await tx.sql.execute(_FIND, {"code": code})).one_or_none()
    return None if row is None else record(Insurer, row)


async def list_insurers(tx: Tx) -> Sequence[Insurer]:
    """Give every insurer, by code."""
    return [record(Insurer, row) for row in await tx.sql.execute(_FIND, {"code": None})]


async def add_insurer(tx: Tx, insurer: Insurer) -> bool:
    """Store an insurer; False when the code is taken."""
    values = {name: getattr(insurer, name) for name in Insurer.__slots__}
    return (await tx.sql.execute(_ADD, values)).one_or_none() is not None


async def set_capabilities(tx: Tx, code: str, proven: Abilities) -> None:
    """Note what an insurer's system was proven to do, and what it was not."""
    await tx.sql.execute(_CAPABLE, {"code": code, **asdict(proven)})


async def let_give(tx: Tx, code: str, *, gives: bool) -> None:
    """Note whether statements are asked of an insurer's interface."""
    await tx.sql.execute(_GIVES, {"code": code, "gives": gives})


async def move_insurer(tx: Tx, code: str, base_url: str) -> None:
    """Note that an insurer is reached elsewhere from now on."""
    await tx.sql.execute(_MOVE, {"code": code, "base_url": base_url})


async def add_secret(tx: Tx, insurer_code: str, direction: str, secret: str) -> None:
    """Seal and keep a secret; `direction` is `in` (its callbacks) or `out` (our instructions)."""
    row_id = new_id()
    values = {
        "id": row_id,
        "insurer_code": insurer_code,
        "direction": direction,
        "secret_sealed": tx.keyring.seal(secret.encode(), _place(row_id)),
    }
    await tx.sql.execute(_ADD_SECRET, values)


async def end_secrets(tx: Tx, insurer_code: str, direction: str, overlap: timedelta) -> None:
    """Let every active secret end after the overlap, or when it would have ended before that."""
    await tx.sql.execute(
        _END_SECRETS,
        {"insurer_code": insurer_code, "direction": direction, "overlap": overlap},
    )


async def hold_insurer(tx: Tx, code: str) -> bool:
    """Hold an insurer's row until the end of the transaction; False when unknown."""
    return (await tx.sql.execute(_HOLD, {"code": code})).one_or_none() is not None


@dataclass(frozen=True, slots=True)
class Vouching:
    """What a callback is checked with; `real_now` is the server's clock in seconds of the epoch."""

    dialect: str
    keys: tuple[str, ...] = field(repr=False)
    real_now: int


async def callback_keys(
    database: Database, insurer: Caller, request_id: str | None = None
) -> Vouching | None:
    """Give an insurer's dialect, the keys active for its callbacks and the time by the database.

    None when it has no key. One round trip and no transaction.
    """
    row = await database.ask(insurer, request_id, _CALLBACK_KEYS)
    if row is None:
        return None
    held = zip(row["ids"], row["sealed"], strict=True)
    keys = [
        database.keyring.open_sealed(sealed, _place(key_id)).decode() for key_id, sealed in held
    ]
    return Vouching(row["spoken"], tuple(keys), row["real_now"])


async def active_secrets(tx: Tx, insurer_code: str, direction: str) -> tuple[str, ...]:
    """Give the secrets in force by business time, newest first; several while they rotate."""
    rows = await tx.sql.execute(_SECRETS, {"insurer_code": insurer_code, "direction": direction})
    return tuple(tx.keyring.open_sealed(row.secret_sealed, _place(row.id)).decode() for row in rows)


def _place(row_id: UUID) -> str:
    return f"insurer_secret.secret_sealed.{row_id}"

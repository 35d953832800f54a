"""relief callback: an insurer's first five minutes: make keys, sign an event, send it with curl."""

import argparse
import base64
import hashlib
import json
import secrets
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks.webhooks import Webhook

SECRET_BYTES = 32
PRIVATE = "whsk_"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = subparsers.add_parser(
        "callback", help="保险公司：造密钥、签回调 / an insurer makes keys and signs events"
    )
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    keygen = acts.add_parser("keygen", help="造一把密钥 / make a key")
    keygen.add_argument("folder", type=Path, help="放在哪里 / where to put it")
    keygen.add_argument("--scheme", choices=["hmac", "ed25519"], default="hmac")
    keygen.set_defaults(run=_keygen)
    example = acts.add_parser("example", help="一份示例事件 / an example event")
    example.add_argument("claim_no", help="赔案号 / claim number")
    example.set_defaults(run=_example)
    sign = acts.add_parser("sign", help="签名，输出 curl 配置 / sign; prints what curl -K - takes")
    sign.add_argument("file", type=Path, help="事件 JSON / the event")
    sign.add_argument("--key", type=Path, required=True, help="密钥文件 / whsec_ or whsk_ file")
    sign.add_argument("--id", help="事件号，默认取自内容 / default: drawn from the content")
    sign.set_defaults(run=_sign)


def _keygen(arguments: argparse.Namespace) -> int:
    """Write the key that signs and, for Ed25519, the public one that the bureau registers."""
    folder: Path = arguments.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if arguments.scheme == "hmac":
        _keep(folder / "callbacks.secret", "whsec_", secrets.token_bytes(SECRET_BYTES))
        return 0
    key = Ed25519PrivateKey.generate()
    _keep(folder / "callbacks.private", PRIVATE, key.private_bytes_raw())
    _keep(folder / "callbacks.public", "whpk_", key.public_key().public_bytes_raw())
    return 0


def _keep(path: Path, prefix: str, key: bytes) -> None:
    path.touch(mode=0o600)
    path.write_text(prefix + base64.b64encode(key).decode() + "\n")
    print(path)


def _example(arguments: argparse.Namespace) -> int:
    event = {
        "type": "claim.under_review",
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": {
            "claim_no": arguments.claim_no,
            "insurer_case_no": "CASE-1",
            "pend_code": "site_survey",
        },
    }
    print(json.dumps(event, ensure_ascii=False, indent=1))
    return 0


def _sign(arguments: argparse.Namespace) -> int:
    """Print a curl configuration: the three headers and the file, byte for byte."""
    try:
        body = arguments.file.read_bytes()
        key = arguments.key.read_text(encoding="ascii").strip()
        event_id = arguments.id or f"evt_{hashlib.sha256(body).hexdigest()[:24]}"
        now = datetime.fromtimestamp(int(time.time()), UTC)
        signature = _signed(key, event_id, now, body)
    except (OSError, ValueError) as wrong:
        print(f"签不了名 / cannot be signed: {type(wrong).__name__}", file=sys.stderr)
        return 1
    for name, value in (
        ("webhook-id", event_id),
        ("webhook-timestamp", str(int(now.timestamp()))),
        ("webhook-signature", signature),
        ("content-type", "application/json"),
    ):
        print(f'header = "{name}: {value}"')
    print(f'data-binary = "@{arguments.file.resolve()}"')
    return 0


def _signed(key: str, event_id: str, now: datetime, body: bytes) -> str:
    """Sign as Standard Webhooks says. Raises ValueError for a key or a body that is none."""
    if not key.startswith(PRIVATE):
        return Webhook(key).sign(event_id, now, body.decode())
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(key[len(PRIVATE) :]))
    signed = private.sign(f"{event_id}.{int(now.timestamp())}.".encode() + body)
    return "v1a," + base64.b64encode(signed).decode()

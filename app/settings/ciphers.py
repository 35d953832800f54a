"""With which keys and ciphers personal data are sealed."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from app.settings.kinds import MasterKeys


class CipherSettings(BaseSettings):
    """The master key, the suite, and what signs."""

    master_key: MasterKeys | None = Field(
        None,
        description="主密钥，32 字节的 base64；轮换期间可列多把 `版本:套件:密钥`，首把用于写入；"
        "不填则首次生成于数据目录的 master.key（0600）。"
        " Master key, 32 bytes in base64; while rotating several as `version:suite:key`, the first"
        " one writes; empty: made once in the data folder.",
    )
    suite: Literal["intl", "gm"] = Field(
        "intl",
        description="密码套件：intl（AES-256-GCM、SHA-256）或 gm（SM4-GCM、SM3）。 Cipher suite.",
    )
    signing_module: str | None = Field(
        None,
        pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$",
        description="SM2 等经认证签名模块的入口 `包.模块:函数`；不填则用 Ed25519。"
        " A certified module that signs, as `package.module:function`; empty: Ed25519.",
    )

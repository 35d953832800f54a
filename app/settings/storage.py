"""Where things are kept on this machine or in a store, and for how long."""

import os
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


def state_dir() -> Path:
    """Where this user's data lives when nothing is said; never inside the checkout."""
    if os.geteuid() == 0:
        # Other users' processes (the database server) must reach it: /root is closed to them.
        return Path("/var/lib/relief")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "relief"


class StorageSettings(BaseSettings):
    """Folders, the store of papers, and days that things are kept."""

    data_dir: Path = Field(
        default_factory=state_dir,
        description="本机数据目录；默认 ~/.local/state/relief，root 为 /var/lib/relief。"
        " Local data; default ~/.local/state/relief, for root /var/lib/relief.",
    )
    document_dir: Path | None = Field(
        None,
        description="材料文件目录；默认在数据目录下的 documents。"
        " Uploaded papers; default: documents below the data folder.",
    )
    document_s3_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s/]+/[^\s/]+/?$",
        description="材料存于 S3 兼容存储时的桶地址（https://主机/桶）；不填则存本机目录。"
        " Bucket of an S3-compatible store for papers; empty: the local folder.",
    )
    document_s3_region: str = Field(
        "us-east-1", min_length=1, description="S3 区域名。 Region of the S3 store."
    )
    document_s3_access_key: str | None = Field(
        None, description="S3 访问密钥标识。 Access key id of the S3 store."
    )
    document_s3_secret_key: SecretStr | None = Field(
        None, description="S3 访问密钥。 Secret key of the S3 store."
    )
    roots_dir: Path | None = Field(
        None,
        description="审计链根文件目录，每小时一个；默认在数据目录下的 roots，宜挂载到只增存储。"
        " Signed roots of the audit trail, hourly; best on a store that only adds.",
    )
    drop_dir: Path | None = Field(
        None,
        description="批量文件交换目录，每家保险公司一个子目录；默认在数据目录下的 drop。"
        " Folders of insurers that deal in files; default: drop below the data folder.",
    )
    max_document_bytes: int = Field(
        20 * 1024 * 1024,
        ge=1024,
        le=1024**3,
        description="单份材料的最大字节数。 Largest upload in bytes.",
    )
    retention_case_days: int = Field(
        3_653,
        ge=1_827,
        le=36_525,
        description="结案后赔案与个人资料的保存天数，不得少于五年（保险法第八十七条）。"
        " Days a closed case is kept; the law asks for five years.",
    )
    retention_log_days: int = Field(
        1_827,
        ge=184,
        le=36_525,
        description="查看记录等日志的保存天数，不得少于六个月（网络安全法）。"
        " Days that records of access are kept; the law asks for six months.",
    )
    retention_draft_days: int = Field(
        365,
        ge=30,
        le=3_653,
        description="未提交的草稿保存天数。 Days that a draft nobody submits is kept.",
    )

    def papers_dir(self) -> Path:
        """Where uploaded papers are kept."""
        return self.document_dir or self.data_dir / "documents"

    def drop_folder(self) -> Path:
        """Where insurers that deal in files have their folders."""
        return self.drop_dir or self.data_dir / "drop"

    def roots_folder(self) -> Path:
        """Where the signed roots of the audit trail are published."""
        return self.roots_dir or self.data_dir / "roots"

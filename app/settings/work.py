"""How the worker works, and how all processes are watched."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class WorkSettings(BaseSettings):
    """Logs, traces, jobs and their rounds; the sandbox."""

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="日志级别。 Log level."
    )
    traces_url: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="追踪接收器的 OTLP/HTTP 地址（…/v1/traces），须装 otel 附加组件；不填则不追踪。"
        " Collector that spans are sent to, as OTLP over HTTP; needs the extra otel.",
    )
    traces_ratio: float = Field(
        0.1, ge=0, le=1, description="发送的追踪占比，0 到 1。 Share of traces that is sent."
    )
    worker_concurrency: int = Field(
        4, ge=1, le=64, description="每个工作进程同时处理的任务数。 Jobs at once per worker."
    )
    heartbeat_file: Path | None = Field(
        None,
        description="后台任务每五秒触碰的文件，供容器探活；不填则没有。"
        " File that the worker touches every five seconds, for whoever watches it.",
    )
    lease_seconds: int = Field(
        60,
        ge=5,
        le=3600,
        description="任务租约秒数，须大于 RELIEF_INSURER_DEADLINE_SECONDS。"
        " Lease of a job; longer than the insurer's deadline.",
    )
    poll_seconds: float = Field(
        0.5, ge=0.01, le=60, description="工作进程轮询间隔秒数。 Pause between polls."
    )
    guard_seconds: int = Field(
        300,
        ge=1,
        le=86400,
        description="两轮不变量核对之间的秒数。 Pause between two rounds over the invariants.",
    )
    sandbox: bool = Field(
        default=False, description="沙箱：测试工具与演示数据可用。 Sandbox: test helpers are open."
    )

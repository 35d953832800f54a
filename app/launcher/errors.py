"""What the launcher says when it cannot."""


class LauncherError(Exception):
    """The embedded server cannot be had; says why and the way out, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en

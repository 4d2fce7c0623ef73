"""The badge that cases, episodes and signals carry on every page."""

from dataclasses import dataclass

from goldseam_web.dashboard.language.status_labels import StatusLabel


@dataclass(frozen=True)
class Badge:
    """A status: an icon and its word, never colour alone."""

    text: str
    icon: str
    css: str
    is_new: bool = False

    @classmethod
    def of(cls, label: StatusLabel, *, is_new: bool = False) -> "Badge":
        return cls(label.text, label.icon, label.css, is_new)

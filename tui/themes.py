"""The dashboard's colours: calm on dark, calm on light, and all that the eye can tell apart.

Each colour keeps its distance from its ground where the terminal has but 16 or 256 of them, too.
"""

from __future__ import annotations

from textual.theme import Theme


def _theme(
    name: str,
    *,
    dark: bool,
    foreground: str,
    muted: str,
    background: str,
    surface: str,
    panel: str,
    primary: str,
    secondary: str,
    warning: str,
    error: str,
    success: str,
    band: str,
) -> Theme:
    """Build a theme: these are all its colours, Textual's own mixtures of them are too faint from afar."""
    return Theme(
        name=name,
        dark=dark,
        primary=primary,
        secondary=secondary,
        accent=primary,
        warning=warning,
        error=error,
        success=success,
        foreground=foreground,
        background=background,
        surface=surface,
        panel=panel,
        variables={
            "band": band,
            "foreground-muted": muted,
            "foreground-disabled": muted,
            "text": foreground,
            "text-muted": muted,
            "text-disabled": muted,
            "block-cursor-background": primary,
            "block-cursor-foreground": background,
            "block-cursor-text-style": "bold",
            "block-cursor-blurred-background": panel,
            "block-cursor-blurred-foreground": foreground,
            "block-cursor-blurred-text-style": "underline",
            "block-hover-background": panel,
            "border": primary,
            "border-blurred": muted,
            "button-foreground": foreground,
            "button-color-foreground": background,
            "button-focus-text-style": "bold reverse",
            "footer-background": background,
            "footer-foreground": foreground,
            "footer-key-foreground": primary,
            "footer-description-foreground": muted,
            "input-cursor-background": foreground,
            "input-cursor-foreground": background,
            "input-selection-background": primary,
            "input-selection-foreground": background,
            "screen-selection-background": primary,
            "screen-selection-foreground": background,
            "scrollbar": muted,
            "scrollbar-hover": foreground,
            "scrollbar-active": foreground,
            "scrollbar-background": panel,
            "scrollbar-background-hover": panel,
            "scrollbar-background-active": panel,
            "scrollbar-corner-color": panel,
            "link-color": primary,
            "link-background-hover": primary,
            "link-color-hover": background,
        },
    )


DARK = _theme(
    "dark",
    dark=True,
    foreground="#dbe6e4",
    muted="#8a9b9d",
    background="#0f1518",
    surface="#141c20",
    panel="#1c272c",
    primary="#7cc7b4",
    secondary="#8fb3d9",
    warning="#f0c27b",
    error="#f0938a",
    success="#9ad6a4",
    band="#2f6f66",
)

LIGHT = _theme(
    "light",
    dark=False,
    foreground="#1d2a2c",
    muted="#51605f",
    background="#f6f4ee",
    surface="#ecebe4",
    panel="#e0e2dc",
    primary="#0b6556",
    secondary="#2b5586",
    warning="#6b4100",
    error="#a52c22",
    success="#1f6a33",
    band="#74b3a3",
)

HIGH_CONTRAST = _theme(
    "high-contrast",
    dark=True,
    foreground="#ffffff",
    muted="#d0d0d0",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    primary="#5cffff",
    secondary="#a8d1ff",
    warning="#ffe14d",
    error="#ff9a8f",
    success="#7dff7d",
    band="#0062c4",
)

ALL_THEMES = (DARK, LIGHT, HIGH_CONTRAST)
"""In the order in which a key goes through them."""

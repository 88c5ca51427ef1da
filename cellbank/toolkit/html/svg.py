"""Drawings are text: one small function that writes an element with its values escaped."""

from __future__ import annotations

from markupsafe import Markup, escape


def element(name: str, *content: Markup | str, **attributes: object) -> Markup:
    """One SVG element; ``class_`` stands for class, ``_`` for ``-``; numbers are rounded to a tenth of a pixel."""
    written = "".join(
        f' {"class" if key == "class_" else key.replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value not in (None, "")
    )
    inside = "".join(str(escape(part)) for part in content)
    return Markup(f"<{name}{written}>{inside}</{name}>")  # noqa: S704 - every part was escaped above


def drawing(
    label: str, width: float, height: float, *content: Markup, class_: str, is_picture: bool = True
) -> Markup:
    """A whole drawing; a picture is read as its label, one with links in it is read link by link."""
    return element(
        "svg",
        element("title", label) if is_picture else Markup(""),
        *content,
        class_=f"chart {class_}",
        viewBox=f"0 0 {_short(width)} {_short(height)}",
        width=width if not is_picture else None,
        height=height if not is_picture else None,
        role="img" if is_picture else "group",
        aria_label=label,
    )


def _short(value: object) -> object:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value

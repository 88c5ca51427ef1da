"""The pages of this domain and where its containers are found."""

from __future__ import annotations

from flask import url_for

from cellbank.toolkit.html.pages import Pages

pages = Pages("storage")


def container_url(code: str) -> str:
    """The page of a container."""
    return url_for("storage.show", code=code)


def vial_url(code: str) -> str:
    """The page of a vial; its label's code is its address."""
    return f"/vials/{code}"

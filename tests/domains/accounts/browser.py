"""A browser for tests: it keeps cookies, finds the word against forgery in a page, and sends it with each form."""

from __future__ import annotations

import html
import re

from tests.domains.accounts.people import PASSWORD

_INPUT = re.compile(r"<input[^>]*>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


class Browser:
    """One person's browser."""

    def __init__(self, app):
        self.client = app.test_client()
        self.page = None

    def get(self, url, **how):
        self.page = self.client.get(url, **how)
        return self.page

    def post(self, url, data=None, *, with_token=True, **how):
        """Send a form with the word against forgery of this browser."""
        filled = dict(data or {})
        if with_token and "csrf_token" not in filled:
            filled["csrf_token"] = self.token()
        self.page = self.client.post(url, data=filled, **how)
        return self.page

    def token(self):
        """The word against forgery that the next page carries."""
        return self.inputs(self.client.get("/account", follow_redirects=True).text)["csrf_token"][0]

    def sign_in(self, user_name, password=PASSWORD, **fields):
        return self.post("/sign-in", {"name": user_name, "password": password, **fields})

    @staticmethod
    def hidden(page):
        """The hidden fields of a page's own forms, without those of the frame: name → values."""
        return Browser.inputs(page.text.partition("<main")[2])

    @staticmethod
    def inputs(text):
        """The hidden fields in a text."""
        found: dict[str, list[str]] = {}
        for tag in _INPUT.findall(text):
            attributes = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(tag)}
            if attributes.get("type") == "hidden":
                found.setdefault(attributes["name"], []).append(attributes["value"])
        return found

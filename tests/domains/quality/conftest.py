"""Quality's people at a browser."""

from tests.domains.vials.conftest import hand

__all__ = ["hand"]

"""What quality decides: releases, rejections, and how exceptions end."""

from cellbank.domains.quality.commands.exceptions import LiftExceptions
from cellbank.domains.quality.commands.releases import RejectBank, ReleaseBank, ReleaseVials, RevokeRelease

__all__ = ["LiftExceptions", "RejectBank", "ReleaseBank", "ReleaseVials", "RevokeRelease"]

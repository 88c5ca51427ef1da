"""What stands around every page: the menu, the station, the person; set once per request as ``g.frame``."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class MenuEntry:
    """One place in the rail; ``on_phone`` puts it among the five of the bottom bar."""

    label: str
    url: str
    icon: str
    here: bool = False
    on_phone: bool = False
    count: int = 0


@dataclass(frozen=True)
class Frame:
    """The surroundings of a page for one person at one place; an empty string leaves the part away."""

    bank_name: str = ""
    menu: tuple[MenuEntry, ...] = ()
    person: str = ""
    role: str = ""
    station: str = ""
    station_url: str = ""
    scan_url: str = "/scan"
    home_url: str = "/"
    account_url: str = ""
    preferences_url: str = "/preferences"
    lock_url: str = ""
    sign_out_url: str = ""
    notice: str = ""
    path: str = "/"
    links: tuple[MenuEntry, ...] = field(default=())

"""The demonstration's site: three freezers, forty boxes, a cane, and what stands around them."""

from __future__ import annotations

from dataclasses import dataclass

from cellbank.core import work
from cellbank.domains.bench.commands import AddStation
from cellbank.domains.storage.commands import AddContainers, AddRoom, AddSite, SetCondition
from cellbank.domains.storage.layout import Preset
from cellbank.domains.storage.models import Condition, Container, ContainerKind, Room
from cellbank.entrypoints.demo.stage import Stage

FIVE_DAYS = 5 * 24 * 60


@dataclass(frozen=True)
class Places:
    """Codes of what the story needs again."""

    cold_boxes: list[str]
    """36 boxes in the two nitrogen tanks."""
    minus_80_boxes: list[str]
    """Four boxes in the −80 °C freezer."""
    cane: str
    vessel: str
    isopropanol: str
    bin: str
    legacy_box: str


def build(stage: Stage) -> Places:
    """Build it all, outermost first."""
    stage.act("omid", AddSite(code="TBZ", name="Cell City, Tabriz", name_fa="شهر سلول تبریز"))
    cryo = _room(stage, "Cryo 1", "اتاق انجماد ۱")
    culture = _room(stage, "Cell culture", "اتاق کشت")
    tanks = [_tank(stage, cryo, number) for number in (1, 2)]
    boxes = [box for tank in tanks for box in _racks(stage, tank)]
    minus_80 = _minus_80(stage, cryo)
    cane = _cane(stage, tanks[1])
    loose = {
        kind: _loose(stage, room, kind, names)
        for kind, room, names in (
            (ContainerKind.TRANSFER_VESSEL, cryo, ("Transfer vessel", "ظرف انتقال")),
            (ContainerKind.ISOPROPANOL_BOX, culture, ("Isopropanol box 1", "جعبهٔ ایزوپروپانول ۱")),
            (ContainerKind.DESTRUCTION_BIN, cryo, ("Destruction bin", "سطل امحا")),
            (ContainerKind.PARKING, cryo, ("Parking", "توقفگاه")),
        )
    }
    vessel = loose[ContainerKind.TRANSFER_VESSEL]
    stage.act("omid", AddStation(name="Cryo 1", name_fa="انجماد ۱", site="TBZ", vessel=vessel))
    stage.act("omid", AddStation(name="Culture hood", name_fa="هود کشت", site="TBZ", vessel=vessel))
    return Places(
        cold_boxes=boxes[:-1],
        minus_80_boxes=minus_80,
        cane=cane,
        vessel=vessel,
        isopropanol=loose[ContainerKind.ISOPROPANOL_BOX],
        bin=loose[ContainerKind.DESTRUCTION_BIN],
        legacy_box=boxes[-1],
    )


def _room(stage: Stage, name: str, name_fa: str) -> str:
    event = stage.act("omid", AddRoom(site="TBZ", name=name, name_fa=name_fa))
    return str(work.created(event, Room)[0])


def _tank(stage: Stage, room: str, number: int) -> str:
    event = stage.act(
        "omid",
        AddContainers(
            room_id=room,
            kind=ContainerKind.TANK,
            names=f"Tank {number}",
            names_fa=f"تانک {'۰۱۲'[number]}",
            layout=Preset.STACK,
            capacity=4,
            condition=Condition.VAPOUR,
        ),
    )
    return stage.code(event, Container)


def _racks(stage: Stage, tank: str) -> list[str]:
    event = stage.act(
        "omid",
        AddContainers(
            parent=tank,
            kind=ContainerKind.RACK,
            count=3,
            names="Rack [A]",
            layout=Preset.STACK,
            capacity=6,
            inner_kind=ContainerKind.BOX,
            inner_count=6,
            inner_names="Box [1]",
            inner_layout=Preset.GRID_9X9,
        ),
    )
    return _boxes(stage, event)


def _minus_80(stage: Stage, room: str) -> list[str]:
    event = stage.act(
        "omid",
        AddContainers(
            room_id=room,
            kind=ContainerKind.FREEZER,
            names="Freezer 3",
            names_fa="فریزر ۳",
            layout=Preset.STACK,
            capacity=4,
            condition=Condition.MINUS_80,
            inner_kind=ContainerKind.BOX,
            inner_count=4,
            inner_names="Shelf box [1]",
            inner_layout=Preset.GRID_9X9,
        ),
    )
    freezer = stage.code(event, Container)
    stage.act(
        "omid",
        SetCondition(code=freezer, condition=Condition.MINUS_80, max_stay_minutes=FIVE_DAYS),
        reason="SOP-07: no bank stays longer than five days at -80 °C",
    )
    return _boxes(stage, event)


def _cane(stage: Stage, tank: str) -> str:
    event = stage.act(
        "omid",
        AddContainers(
            parent=tank,
            kind=ContainerKind.CANISTER,
            names="Canister 1",
            names_fa="کنیستر ۱",
            layout=Preset.STACK,
            capacity=6,
            inner_kind=ContainerKind.CANE,
            inner_count=1,
            inner_names="Cane 1",
            inner_layout=Preset.LOT,
        ),
    )
    return stage.codes(event, Container)[1]


def _loose(stage: Stage, room: str, kind: ContainerKind, names: tuple[str, str]) -> str:
    latin, persian = names
    command = AddContainers(room_id=room, kind=kind, names=latin, names_fa=persian, layout=Preset.NONE)
    event = stage.act("omid", command)
    return stage.code(event, Container)


def _boxes(stage: Stage, event: object) -> list[str]:
    codes = stage.codes(event, Container)  # type: ignore[arg-type]
    kinds = stage.codes(event, Container, "kind")  # type: ignore[arg-type]
    return [code for code, kind in zip(codes, kinds, strict=True) if kind == ContainerKind.BOX]

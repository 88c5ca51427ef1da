"""A family drawn in layers: donor at the start edge, then lines, passages and banks; arrows of time run one way.

The layout is the classic one: longest-path layers, then a few sweeps that pull every node towards the middle of
its neighbours (barycentre), then heights that keep a gap. It is deterministic: the same family, the same drawing.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt
from typing import Final, Literal

from markupsafe import Markup

from cellbank.toolkit.html.svg import drawing, element

MOST_NODES: Final = 400
GAP: Final = 14.0
LAYER_GAP: Final = 40.0
MARGIN: Final = 20.0
SWEEPS: Final = 8
GLYPHS: Final = {
    "released": "●", "stored": "●", "quarantine": "◐", "hold": "■", "rejected": "✕", "out": "↗",
    "missing": "?", "waiting": "…", "gone": "○",
}  # fmt: skip

Kind = Literal["donor", "donation", "line", "passage", "bank", "vial"]


@dataclass(frozen=True)
class Node:
    """One member of the family. ``counts`` says a bank's vials by state; ``vials`` sizes a passage's dot."""

    id: str
    kind: Kind
    label: str
    url: str = ""
    detail: str = ""
    vials: int = 0
    counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Edge:
    """From parent to child; ``is_vial`` when a frozen vial, not a living culture, carried the cells over."""

    start: str
    end: str
    is_vial: bool = False


@dataclass(frozen=True)
class Branch:
    """One line of the same family told as a list; a member that was told above is not told again."""

    label: str
    detail: str
    url: str
    is_repeat: bool
    children: tuple[Branch, ...] = ()


@dataclass
class _Layout:
    layers: list[list[str]]
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    size: dict[str, tuple[float, float]]
    beads: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    y: dict[str, float] = field(default_factory=dict)
    x: dict[str, float] = field(default_factory=dict)


def neighbourhood(
    nodes: Sequence[Node], edges: Sequence[Edge], focus: str, most: int = MOST_NODES
) -> tuple[list[Node], list[Edge]]:
    """The ``most`` nodes nearest to the focus, with the edges between them; the whole family if it is small."""
    if len(nodes) <= most:
        return list(nodes), list(edges)
    touching = defaultdict(list)
    for edge in edges:
        touching[edge.start].append(edge.end)
        touching[edge.end].append(edge.start)
    start = focus if any(node.id == focus for node in nodes) else nodes[0].id
    near, queue = {start}, deque([start])
    while queue and len(near) < most:
        for other in touching[queue.popleft()]:
            if other not in near and len(near) < most:
                near.add(other)
                queue.append(other)
    return [n for n in nodes if n.id in near], [e for e in edges if e.start in near and e.end in near]


def lineage(
    nodes: Sequence[Node], edges: Sequence[Edge], *, label: str, direction: str = "ltr", focus: str = ""
) -> Markup:
    """The family as a drawing with links; in right-to-left languages the donor stands at the right edge."""
    nodes, edges = neighbourhood(nodes, edges, focus)
    if not nodes:
        return Markup("")
    plan = _laid_out(nodes, edges)
    width = max(plan.x[name] + plan.size[name][0] / 2 for name in plan.x) + MARGIN
    height = max(plan.y[name] + plan.size[name][1] / 2 for name in plan.y) + MARGIN
    if direction == "rtl":
        plan.x = {name: width - x for name, x in plan.x.items()}
    reach = {
        node.id: _radius(node) if node.kind == "passage" else plan.size[node.id][0] / 2 for node in nodes
    }
    drawn = [_edge(edge, plan, reach, -1 if direction == "rtl" else 1) for edge in edges]
    drawn += [
        _node(node, plan.x[node.id], plan.y[node.id], plan.size[node.id], is_focus=node.id == focus)
        for node in nodes
    ]
    return drawing(label, width, height, *drawn, class_="lineage", is_picture=False)


def tree(nodes: Sequence[Node], edges: Sequence[Edge], focus: str = "") -> list[Branch]:
    """The same family as nested branches, from those without parents downwards."""
    nodes, edges = neighbourhood(nodes, edges, focus)
    known = {node.id: node for node in nodes}
    children = defaultdict(list)
    for edge in edges:
        children[edge.start].append(edge.end)
    told: set[str] = set()

    def branch(name: str) -> Branch:
        node, is_repeat = known[name], name in told
        told.add(name)
        below = () if is_repeat else tuple(branch(child) for child in children[name])
        return Branch(node.label, node.detail, node.url, is_repeat, below)

    ends = {edge.end for edge in edges}
    return [branch(node.id) for node in nodes if node.id not in ends]


def _laid_out(nodes: Sequence[Node], edges: Sequence[Edge]) -> _Layout:
    layer = _layers([node.id for node in nodes], edges)
    size = {node.id: _size(node) for node in nodes}
    rows: list[list[str]] = [[] for _ in range(max(layer.values()) + 1)]
    for node in nodes:
        rows[layer[node.id]].append(node.id)
    plan = _Layout(rows, defaultdict(list), defaultdict(list), size)
    for edge in edges:
        _thread(edge, layer, plan)
    for sweep in range(SWEEPS):
        _sweep(plan, down=sweep % 2 == 0)
    _place(plan)
    return plan


def _layers(names: Sequence[str], edges: Iterable[Edge]) -> dict[str, int]:
    """Each node one layer after its latest parent; an edge that would close a circle is passed over."""
    children, waiting = defaultdict(list), dict.fromkeys(names, 0)
    for edge in edges:
        children[edge.start].append(edge.end)
        waiting[edge.end] += 1
    layer = dict.fromkeys(names, 0)
    ready = deque(name for name in names if waiting[name] == 0)
    while ready:
        name = ready.popleft()
        for child in children[name]:
            layer[child] = max(layer[child], layer[name] + 1)
            waiting[child] -= 1
            if waiting[child] == 0:
                ready.append(child)
    return layer


def _thread(edge: Edge, layer: dict[str, int], plan: _Layout) -> None:
    """Join both ends; an edge over several layers gets a silent bead in each, so that it is given room."""
    last = edge.start
    beads = plan.beads[edge.start, edge.end] = []
    for between in range(layer[edge.start] + 1, layer[edge.end]):
        bead = f"{edge.start}→{edge.end}@{between}"
        plan.layers[between].append(bead)
        beads.append(bead)
        plan.size[bead] = (0.0, 4.0)
        plan.after[last].append(bead)
        plan.before[bead].append(last)
        last = bead
    plan.after[last].append(edge.end)
    plan.before[edge.end].append(last)


def _sweep(plan: _Layout, *, down: bool) -> None:
    order = {name: index for row in plan.layers for index, name in enumerate(row)}
    neighbours = plan.before if down else plan.after
    for row in plan.layers if down else reversed(plan.layers):
        middle = {name: _mean([order[other] for other in neighbours[name]], order[name]) for name in row}
        row.sort(key=lambda name: (middle[name], order[name]))
        order.update({name: index for index, name in enumerate(row)})


def _place(plan: _Layout) -> None:
    """Columns as wide as their widest node; heights pulled towards the neighbours without ever overlapping."""
    x = MARGIN
    for row in plan.layers:
        width = max(plan.size[name][0] for name in row)
        plan.x.update(dict.fromkeys(row, x + width / 2))
        x += width + LAYER_GAP
        y = MARGIN
        for name in row:
            plan.y[name] = y + plan.size[name][1] / 2
            y += plan.size[name][1] + GAP
    for sweep in range(SWEEPS):
        for row in plan.layers if sweep % 2 == 0 else reversed(plan.layers):
            wanted = {n: _mean([plan.y[o] for o in plan.before[n] + plan.after[n]], plan.y[n]) for n in row}
            _spread(row, wanted, plan)
    top = min(plan.y[name] - plan.size[name][1] / 2 for name in plan.y)
    plan.y = {name: y - top + MARGIN for name, y in plan.y.items()}


def _spread(row: Sequence[str], wanted: dict[str, float], plan: _Layout) -> None:
    """Blocks of nodes that would overlap are moved as one, so that each block sits in the middle of its wishes."""
    blocks: list[tuple[list[str], float, float]] = []
    for name in row:
        members, height = [name], plan.size[name][1]
        centre = wanted[name]
        while blocks and blocks[-1][1] + blocks[-1][2] / 2 + GAP > centre - height / 2:
            upper, upper_centre, upper_height = blocks.pop()
            joint = upper_height + GAP + height
            upper_top = upper_centre - upper_height / 2
            lower_top = centre - height / 2 - upper_height - GAP
            top = (upper_top * len(upper) + lower_top * len(members)) / (len(upper) + len(members))
            members, height, centre = upper + members, joint, top + joint / 2
        blocks.append((members, centre, height))
    for members, centre, height in blocks:
        y = centre - height / 2
        for name in members:
            plan.y[name] = y + plan.size[name][1] / 2
            y += plan.size[name][1] + GAP


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _size(node: Node) -> tuple[float, float]:
    if node.kind == "passage":
        return max(2 * _radius(node), 8.0 * len(node.label)), 2 * _radius(node) + 32
    if node.kind == "bank":
        return max(150.0, 8.6 * len(node.label) + 28), 66.0
    return max(84.0, 8.6 * len(node.label) + 28, 7.0 * len(node.detail) + 36), 46.0 if node.detail else 34.0


def _radius(node: Node) -> float:
    return min(6 + 1.6 * sqrt(max(node.vials, 0)), 20)


def _edge(edge: Edge, plan: _Layout, reach: dict[str, float], sign: int) -> Markup:
    start, end = edge.start, edge.end
    stops = [(plan.x[start] + sign * reach[start], plan.y[start])]
    stops += [(plan.x[bead], plan.y[bead]) for bead in plan.beads[start, end]]
    stops += [(plan.x[end] - sign * reach[end], plan.y[end])]
    path = f"M{stops[0][0]:.1f} {stops[0][1]:.1f}"
    for (x1, y1), (x2, y2) in pairwise(stops):
        middle = (x1 + x2) / 2
        path += f"C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    return element(
        "path", class_="edge is-vial" if edge.is_vial else "edge", d=path, data_from=start, data_to=end
    )


def _node(node: Node, x: float, y: float, size: tuple[float, float], *, is_focus: bool) -> Markup:
    width, height = size
    words = node.label + (f": {node.detail}" if node.detail else "")
    if node.kind == "passage":
        inside = [
            element("circle", class_="body", cx=x, cy=y, r=_radius(node)),
            element("text", node.label, class_="faint", x=x, y=y + _radius(node) + 14, text_anchor="middle"),
        ]
    else:
        inside = _plate(node, x - width / 2, y - height / 2, width, height)
    classes = f"node is-{node.kind}" + (" is-focus" if is_focus else "")
    classes += " is-empty" if node.kind == "passage" and node.vials == 0 else ""
    drawn = element("g", element("title", words), *inside, class_=classes, data_node=node.id)
    return element("a", drawn, href=node.url, aria_label=words) if node.url else drawn


def _plate(node: Node, x: float, y: float, width: float, height: float) -> list[Markup]:
    middle = x + width / 2
    inside = [
        element(
            "rect",
            class_="body",
            x=x,
            y=y,
            width=width,
            height=height,
            rx=8 if node.kind != "donor" else height / 2,
        )
    ]
    line_y = y + (height / 2 + 5 if not node.detail and node.kind != "bank" else 20)
    inside.append(element("text", node.label, class_="name", x=middle, y=line_y, text_anchor="middle"))
    if node.kind == "bank":
        inside += _counts(node.counts, x + 12, y + 30, width - 24)
    elif node.detail:
        inside.append(element("text", node.detail, class_="faint", x=middle, y=y + 37, text_anchor="middle"))
    return inside


def _counts(counts: Sequence[tuple[str, int]], x: float, y: float, width: float) -> list[Markup]:
    total = sum(count for _, count in counts)
    parts, left = [], x
    for state, count in counts:
        if total and count:
            share = width * count / total
            bar = element(
                "rect",
                class_=f"count-{state}",
                x=x,
                y=y,
                width=max(share - 2, 1.0),
                height=12,
                rx=3,
            )
            parts.append(bar)
            x += share
    parts.append(element("text", _counted(counts), class_="counts", x=left, y=y + 26))
    return parts


def _counted(counts: Sequence[tuple[str, int]]) -> str:
    """The same in signs and figures: a state is never told by its colour alone."""
    return "  ".join(f"{GLYPHS.get(state, '·')}\u00a0{count}" for state, count in counts if count)

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellbank.toolkit.html import charts
from cellbank.toolkit.html.lineage import MOST_NODES, Edge, Node, _laid_out, lineage, neighbourhood, tree
from cellbank.toolkit.html.marks import bank_mark, printed_code
from tests.toolkit.html.gallery import family


def parsed(drawing: str) -> ET.Element:
    return ET.fromstring(drawing)


@pytest.fixture
def relatives(app):
    with app.test_request_context():
        return family()


def test_drawings_are_well_formed_and_carry_no_style(relatives):
    nodes, edges = relatives
    points = [charts.GrowthPoint(0, 0, "p3"), charts.GrowthPoint(10, 8, "p<5>")]
    drawings = [
        lineage(nodes, edges, label="a < b"),
        charts.growth(
            points, label="g", x_label="days", y_label="doublings", soft=(30, "soft"), hard=(40, "hard")
        ),
        charts.growth([], label="g", x_label="days", y_label="doublings"),
        charts.fill_column(3, 4, "3 of 4"),
        charts.fill_bar(9, 4, "more than full"),
        charts.sparkline([1, 1], "flat"),
    ]
    for drawing in drawings:
        parsed(drawing)
        assert "style=" not in drawing


@pytest.mark.parametrize(("direction", "sign"), [("ltr", 1), ("rtl", -1)])
def test_the_donor_stands_at_the_edge_where_reading_begins(relatives, direction, sign):
    nodes, edges = relatives
    drawing = lineage(nodes, edges, label="family", direction=direction)
    x = {
        found[0]: float(found[1])
        for found in re.findall(
            r'data-node="(\w+)".*?<(?:circle|rect)[^>]*? (?:cx|x)="([\d.-]+)"', drawing.replace("<g", "\n<g")
        )
    }
    assert (x["w"] - x["d"]) * sign > 0


families = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        st.just([Node(str(i), "passage" if i % 3 else "bank", f"n{i}", vials=i) for i in range(n)]),
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=60).map(
            lambda pairs: [
                Edge(str(min(a, b)), str(max(a, b))) for a, b in {(min(p), max(p)) for p in pairs} if a != b
            ]
        ),
    )
)


@given(families)
def test_children_come_after_their_parents_and_nothing_overlaps(made):
    nodes, edges = made
    plan = _laid_out(nodes, edges)
    for edge in edges:
        assert plan.x[edge.start] < plan.x[edge.end]
    for row in plan.layers:
        for upper, lower in pairwise(row):
            assert plan.y[upper] + plan.size[upper][1] / 2 <= plan.y[lower] - plan.size[lower][1] / 2 + 0.01


@given(families)
def test_the_list_tells_every_member_once_in_full(made):
    nodes, edges = made
    told: list[str] = []

    def walk(branches):
        for branch in branches:
            if not branch.is_repeat:
                told.append(branch.label)
            walk(branch.children)

    walk(tree(nodes, edges))
    assert sorted(told) == sorted(node.label for node in nodes)


def test_a_circle_in_wrong_data_is_drawn_and_does_not_hang():
    nodes = [Node("a", "line", "A"), Node("b", "line", "B"), Node("c", "line", "C")]
    parsed(lineage(nodes, [Edge("a", "b"), Edge("b", "c"), Edge("c", "b")], label="circle"))


def test_a_huge_family_is_drawn_around_what_one_looks_at():
    nodes = [Node(str(i), "passage", str(i)) for i in range(1000)]
    edges = [Edge(str(i), str(i + 1)) for i in range(999)]
    near, between = neighbourhood(nodes, edges, "500")
    assert len(near) == MOST_NODES
    assert "500" in {node.id for node in near}
    assert len(between) == MOST_NODES - 1
    assert min(int(node.id) for node in near) > 250


def test_banks_numbered_one_after_the_other_look_different():
    marks = [bank_mark(f"MCB-{number:04d}") for number in range(1, 49)]
    assert len(set(marks)) == 48
    assert bank_mark("MCB-0042") == bank_mark("MCB-0042")


def test_only_the_banks_own_codes_are_grouped():
    assert printed_code("CV7K3M9QX2") == "CV 7K3M 9QX 2"
    assert printed_code("MCB-0042-017") == "MCB-0042-017"
    assert printed_code("1234567890") == "1234567890"

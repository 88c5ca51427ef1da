"""The Unicode bidirectional algorithm (UAX #9): in which order the letters of a line stand on paper.

A PDF page takes its letters from left to right, so Persian must be turned round, and Latin words, numbers and
brackets inside it must not. Rules are named as in https://www.unicode.org/reports/tr9/.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

Direction = Literal["ltr", "rtl"]

MAX_DEPTH: Final = 125
MAX_OPEN_BRACKETS: Final = 63
_EMBEDDINGS: Final = {"LRE": 0, "LRO": 0, "RLE": 1, "RLO": 1}
_OVERRIDES: Final = {"LRO": "L", "RLO": "R"}
_ISOLATES: Final = frozenset({"LRI", "RLI", "FSI"})
_REMOVED: Final = frozenset({"LRE", "LRO", "RLE", "RLO", "PDF", "BN"})
_NEUTRAL: Final = frozenset({"B", "S", "WS", "ON", "LRI", "RLI", "FSI", "PDI"})
_STRONG_OR_NUMBER: Final = {"L": "L", "R": "R", "AL": "R", "EN": "R", "AN": "R"}

# Brackets that are drawn the other way round in right-to-left text; the second string is for BidiMirroring
# pairs that are no brackets to rule N0.
_BRACKET_PAIRS: Final = (
    "()[]{}⁅⁆⁽⁾₍₎⌈⌉⌊⌋\u2329\u232a❨❩❪❫❬❭❮❯❰❱❲❳❴❵⟦⟧⟨⟩⟪⟫⟬⟭⟮⟯⦃⦄⦅⦆〈〉《》「」『』【】〔〕〖〗〘〙〚〛"
)
_MIRROR_PAIRS: Final = "<>«»‹›≤≥≪≫≲≳⊂⊃⊆⊇∈∋⊢⊣"
_CLOSER_OF: Final = dict(zip(_BRACKET_PAIRS[::2], _BRACKET_PAIRS[1::2], strict=True))
_CLOSERS: Final = frozenset(_CLOSER_OF.values())
# U+2329/U+232A are canonically the same brackets as U+3008/U+3009 (rule BD16).
_SAME_BRACKET: Final = {"\u2329": "\u3008", "\u232a": "\u3009"}
_MIRRORED: Final = {
    **_CLOSER_OF,
    **{closer: opener for opener, closer in _CLOSER_OF.items()},
    **dict(zip(_MIRROR_PAIRS[::2], _MIRROR_PAIRS[1::2], strict=True)),
    **dict(zip(_MIRROR_PAIRS[1::2], _MIRROR_PAIRS[::2], strict=True)),
}


def visual(text: str, base: Direction | None = None) -> str:
    """Return one line of text in the order in which it is drawn from left to right, brackets mirrored.

    Invisible direction marks are left out. Without `base` the first letter decides (rules P2 and P3).
    """
    levels, _ = embedding_levels(text, base)
    return "".join(
        _MIRRORED.get(text[i], text[i]) if (levels[i] or 0) % 2 else text[i]
        for i in visual_order(levels)
        if bidi_class(text[i]) not in _ISOLATES and bidi_class(text[i]) != "PDI"
    )


def bidi_class(character: str) -> str:
    """Return the Bidi_Class of a character; an unassigned one counts as left-to-right."""
    return unicodedata.bidirectional(character) or "L"


def embedding_levels(text: str, base: Direction | None = None) -> tuple[list[int | None], int]:
    """Return the level of each character (None where rule X9 removes it) and the paragraph's level."""
    classes = [bidi_class(character) for character in text]
    matches = _isolate_matches(classes)
    given = {"ltr": 0, "rtl": 1, None: None}[base]
    paragraph = _first_strong_level(classes, matches, 0, len(classes)) if given is None else given
    resolved = list(classes)
    levels = _explicit_levels(classes, matches, paragraph, resolved)
    kept = [i for i, name in enumerate(classes) if name not in _REMOVED]
    for sequence in _isolating_runs(kept, classes, levels, matches, paragraph):
        _resolve_weak(sequence, resolved)
        _resolve_brackets(sequence, resolved, classes, text)
        _resolve_neutral(sequence, resolved)
        for i in sequence.indexes:
            levels[i] += _implicit_rise(levels[i], resolved[i])
    _reset_ends(kept, classes, levels, paragraph)
    removed = [name in _REMOVED for name in classes]
    return [None if gone else level for gone, level in zip(removed, levels, strict=True)], paragraph


def visual_order(levels: list[int | None]) -> list[int]:
    """Return the indexes in drawing order: runs of the highest level are turned round first (rule L2)."""
    order = [i for i, level in enumerate(levels) if level is not None]
    shown = [level for level in levels if level is not None]
    if not shown:
        return []
    lowest_odd = min((level for level in shown if level % 2), default=max(shown) + 1)
    for threshold in range(max(shown), lowest_odd - 1, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and (levels[order[end]] or 0) >= threshold:
                end += 1
            if end > start:
                order[start:end] = order[start:end][::-1]
            start = max(end, start + 1)
    return order


@dataclass(slots=True)
class _Run:
    """One isolating run sequence (BD13): characters that are resolved together, and what stands around."""

    indexes: list[int]
    level: int
    before: str
    after: str

    @property
    def direction(self) -> str:
        return "R" if self.level % 2 else "L"


def _isolate_matches(classes: list[str]) -> dict[int, int]:
    """Pair each isolate initiator with its PDI, both ways (BD9)."""
    matches: dict[int, int] = {}
    stack: list[int] = []
    for i, name in enumerate(classes):
        if name in _ISOLATES:
            stack.append(i)
        elif name == "PDI" and stack:
            opener = stack.pop()
            matches[opener] = i
            matches[i] = opener
    return matches


def _first_strong_level(classes: list[str], matches: dict[int, int], start: int, end: int) -> int:
    i = start
    while i < end:
        if classes[i] in _ISOLATES:
            i = matches.get(i, end)
        elif classes[i] == "L":
            return 0
        elif classes[i] in {"R", "AL"}:
            return 1
        i += 1
    return 0


def _explicit_levels(  # noqa: C901, PLR0912 - the standard's own list of cases, in its order
    classes: list[str], matches: dict[int, int], paragraph: int, resolved: list[str]
) -> list[int]:
    """Levels from embeddings, overrides and isolates (rules X1 to X8); overrides change `resolved`."""
    stack: list[tuple[int, str | None, bool]] = [(paragraph, None, False)]
    overflow_isolates = overflow_embeddings = valid_isolates = 0
    levels = [paragraph] * len(classes)

    def above(odd: int) -> int:
        return stack[-1][0] + (1 if stack[-1][0] % 2 != odd else 2)

    for i, name in enumerate(classes):
        level, override, _ = stack[-1]
        levels[i] = level
        if name in _EMBEDDINGS:
            deeper = above(_EMBEDDINGS[name])
            if deeper <= MAX_DEPTH and not overflow_isolates and not overflow_embeddings:
                stack.append((deeper, _OVERRIDES.get(name), False))
            elif not overflow_isolates:
                overflow_embeddings += 1
        elif name in _ISOLATES:
            resolved[i] = override or name
            odd = int(name == "RLI")
            if name == "FSI":
                odd = _first_strong_level(classes, matches, i + 1, matches.get(i, len(classes)))
            deeper = above(odd)
            if deeper <= MAX_DEPTH and not overflow_isolates and not overflow_embeddings:
                valid_isolates += 1
                stack.append((deeper, None, True))
            else:
                overflow_isolates += 1
        elif name == "PDI":
            if overflow_isolates:
                overflow_isolates -= 1
            elif valid_isolates:
                overflow_embeddings = 0
                while not stack[-1][2]:
                    stack.pop()
                stack.pop()
                valid_isolates -= 1
            levels[i] = stack[-1][0]
            resolved[i] = stack[-1][1] or name
        elif name == "PDF":
            if overflow_isolates:
                continue
            if overflow_embeddings:
                overflow_embeddings -= 1
            elif not stack[-1][2] and len(stack) > 1:
                stack.pop()
        elif name == "B":
            levels[i] = paragraph
        elif name != "BN" and override:
            resolved[i] = override
    return levels


def _isolating_runs(
    kept: list[int], classes: list[str], levels: list[int], matches: dict[int, int], paragraph: int
) -> list[_Run]:
    """Split the line into isolating run sequences (rule X10), with the directions around each."""
    level_runs: list[list[int]] = []
    for i in kept:
        if level_runs and levels[level_runs[-1][-1]] == levels[i]:
            level_runs[-1].append(i)
        else:
            level_runs.append([i])
    run_of_first = {run[0]: run for run in level_runs}
    place = {i: n for n, i in enumerate(kept)}
    sequences: list[_Run] = []
    for run in level_runs:
        if classes[run[0]] == "PDI" and run[0] in matches:
            continue  # continues the run of its initiator
        indexes = list(run)
        while classes[indexes[-1]] in _ISOLATES and indexes[-1] in matches:
            indexes += run_of_first[matches[indexes[-1]]]
        level = levels[indexes[0]]
        previous = place[indexes[0]] - 1
        following = place[indexes[-1]] + 1
        before = levels[kept[previous]] if previous >= 0 else paragraph
        ends_open = classes[indexes[-1]] in _ISOLATES
        after = levels[kept[following]] if following < len(kept) and not ends_open else paragraph
        sequences.append(_Run(indexes, level, "LR"[max(level, before) % 2], "LR"[max(level, after) % 2]))
    return sequences


def _resolve_weak(run: _Run, resolved: list[str]) -> None:  # noqa: C901, PLR0912 - seven numbered rules
    """Numbers, separators and marks take the type of what they belong to (rules W1 to W7)."""
    kinds = [resolved[i] for i in run.indexes]
    previous = strong = run.before
    for n, kind in enumerate(kinds):
        if kind == "NSM":  # W1
            kinds[n] = "ON" if previous in _ISOLATES or previous == "PDI" else previous
        previous = kinds[n]
        if previous in {"L", "R", "AL"}:
            strong = previous
        elif previous == "EN" and strong == "AL":  # W2
            kinds[n] = "AN"
    kinds = ["R" if kind == "AL" else kind for kind in kinds]  # W3
    for n in range(1, len(kinds) - 1):  # W4
        left, right = kinds[n - 1], kinds[n + 1]
        if left == right and (
            (kinds[n] in {"ES", "CS"} and left == "EN") or (kinds[n] == "CS" and left == "AN")
        ):
            kinds[n] = left
    for n, kind in enumerate(kinds):  # W5
        if kind != "ET":
            continue
        end = n
        while end < len(kinds) and kinds[end] == "ET":
            end += 1
        if (n and kinds[n - 1] == "EN") or (end < len(kinds) and kinds[end] == "EN"):
            kinds[n:end] = ["EN"] * (end - n)
    kinds = ["ON" if kind in {"ES", "ET", "CS"} else kind for kind in kinds]  # W6
    strong = run.before
    for n, kind in enumerate(kinds):  # W7
        if kind in {"L", "R"}:
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[n] = "L"
    for i, kind in zip(run.indexes, kinds, strict=True):
        resolved[i] = kind


def _resolve_brackets(run: _Run, resolved: list[str], classes: list[str], text: str) -> None:
    """Both brackets of a pair take one direction, from what they hold or what stands before (rule N0)."""
    for opening, closing in _bracket_pairs(run, resolved, text):
        inside = {_STRONG_OR_NUMBER.get(resolved[i]) for i in run.indexes[opening + 1 : closing]}
        if run.direction in inside:
            direction = run.direction
        elif inside & {"L", "R"}:
            direction = _strong_before(run, resolved, opening)
        else:
            continue
        for place in (opening, closing):
            resolved[run.indexes[place]] = direction
            for i in run.indexes[place + 1 :]:
                if classes[i] != "NSM":
                    break
                resolved[i] = direction  # marks on a bracket follow it


def _strong_before(run: _Run, resolved: list[str], place: int) -> str:
    for i in reversed(run.indexes[:place]):
        if resolved[i] in _STRONG_OR_NUMBER:
            return _STRONG_OR_NUMBER[resolved[i]]
    return run.before


def _bracket_pairs(run: _Run, resolved: list[str], text: str) -> list[tuple[int, int]]:
    """Find the bracket pairs of a run by their places in it (BD16); at most 63 may be open."""
    stack: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for n, i in enumerate(run.indexes):
        character = text[i]
        if resolved[i] != "ON":
            continue
        if character in _CLOSER_OF:
            if len(stack) == MAX_OPEN_BRACKETS:
                break
            closer = _CLOSER_OF[character]
            stack.append((_SAME_BRACKET.get(closer, closer), n))
        elif character in _CLOSERS:
            wanted = _SAME_BRACKET.get(character, character)
            for depth in range(len(stack) - 1, -1, -1):
                if stack[depth][0] == wanted:
                    pairs.append((stack[depth][1], n))
                    del stack[depth:]
                    break
    return sorted(pairs)


def _resolve_neutral(run: _Run, resolved: list[str]) -> None:
    """Spaces and signs take the direction of both neighbours, or else of the run (rules N1 and N2)."""
    n = 0
    while n < len(run.indexes):
        if resolved[run.indexes[n]] not in _NEUTRAL:
            n += 1
            continue
        end = n
        while end < len(run.indexes) and resolved[run.indexes[end]] in _NEUTRAL:
            end += 1
        left = _STRONG_OR_NUMBER[resolved[run.indexes[n - 1]]] if n else run.before
        right = _STRONG_OR_NUMBER[resolved[run.indexes[end]]] if end < len(run.indexes) else run.after
        for i in run.indexes[n:end]:
            resolved[i] = left if left == right else run.direction
        n = end


def _implicit_rise(level: int, kind: str) -> int:
    """How far a resolved type lifts the level (rules I1 and I2)."""
    if level % 2:
        return 0 if kind == "R" else 1
    return {"L": 0, "R": 1}.get(kind, 2)


def _reset_ends(kept: list[int], classes: list[str], levels: list[int], paragraph: int) -> None:
    """Separators, and spaces before them or at the line's end, lie at the paragraph's level (rule L1)."""
    trailing = True
    for i in reversed(kept):
        if classes[i] in {"S", "B"}:
            levels[i] = paragraph
            trailing = True
        elif classes[i] in {"WS", "LRI", "RLI", "FSI", "PDI"}:
            if trailing:
                levels[i] = paragraph
        else:
            trailing = False

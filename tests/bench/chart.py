"""Horizontal bars as SVG, written by hand: what both benchmarks draw with `--svg`."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

WIDTH, LABEL, VALUE, MARGIN = 860, 290, 190, 16  # pixels: the whole, beside the bars, around
BAR, GAP, HEADING = 16, 5, 30
ACCENT, PLAIN, INK = "#c2410c", "#94a3b8", "#1e293b"


@dataclass(frozen=True)
class Bar:
    """value >= 0 in the unit of its group's scale; text stands behind it."""
    label: str
    value: float
    text: str
    accent: bool = False


@dataclass(frozen=True)
class Group:
    """Bars on one scale; full: the value of a bar over the whole width, None: the longest's."""
    heading: str
    bars: tuple[Bar, ...]
    full: float | None = None


def text_element(x: float, y: float, text: str, extra: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {extra}>{escape(text)}</text>'


def group_elements(group: Group, top: float) -> list[str]:
    """The elements of one group whose heading starts at `top`."""
    room = WIDTH - 2 * MARGIN - LABEL - VALUE
    full = group.full or max((bar.value for bar in group.bars), default=0) or 1.0
    elements = [text_element(MARGIN, top + HEADING - 10, group.heading, 'font-weight="bold"')]
    y = top + HEADING
    for bar in group.bars:
        length = room * min(bar.value / full, 1.0)
        left = MARGIN + LABEL
        elements += [
            text_element(left - 8, y + BAR - 4, bar.label, 'text-anchor="end"'),
            f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{BAR}" '
            f'fill="{ACCENT if bar.accent else PLAIN}"/>',
            text_element(left + length + 6, y + BAR - 4, bar.text)]
        y += BAR + GAP
    return elements


def svg(title: str, groups: list[Group]) -> str:
    """The whole picture; every group takes the room of its bars."""
    elements, top = [text_element(MARGIN, MARGIN + 12, title)], MARGIN + 20.0
    for group in groups:
        elements += group_elements(group, top)
        top += HEADING + len(group.bars) * (BAR + GAP)
    height = top + MARGIN
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" '
        f'viewBox="0 0 {WIDTH} {height:.0f}" font-family="sans-serif" font-size="12" '
        f'fill="{INK}">', '<rect width="100%" height="100%" fill="white"/>', *elements,
        "</svg>\n"])


def write_whole(text: str, path: Path) -> None:
    """Writes the file whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text)
    partial.replace(path)

"""The reports of `comparison.compare()` as a table and as a picture, and held against a limit."""
from __future__ import annotations

from chart import Bar, Group, svg

FORM = "{:<17} {:<23} {:>9} {:>9}  {:<22} {:>8} {:>8} {:>8}"
HEADINGS = ("model", "side", "median ms", "p90 ms", "ratio [quartiles]", "peak MB", "start ms",
            "ship MB")


def megabytes(kib: float) -> float:
    return kib * 1024 / 1e6


def title(report: dict, side: dict) -> str:
    """The side's name, for a peer with its version, and a star at the best of them."""
    if side["name"] not in report["ratios"] and report["ratios"]:
        return side["name"]
    star = " *" if side["name"] == report["best_peer"] else ""
    return f"{side['name']} {side['version'].split('-')[0]}{star}"


def row(report: dict, side: dict) -> str:
    ratio = report["ratios"].get(side["name"])
    shown = "{median:.3f} [{q1:.3f}, {q3:.3f}]".format(**ratio) if ratio else ""
    shipped = side["shipped"]["code_bytes"] + side["shipped"]["model_bytes"]
    return FORM.format(report["model"], title(report, side), f"{side['median_ms']:.3f}",
                       f"{side['p90_ms']:.3f}", shown,
                       f"{megabytes(side['start']['peak_without_base_kib']):.1f}",
                       f"{side['start']['ms']:.1f}", f"{shipped / 1e6:.1f}")


def table(reports: list[dict]) -> str:
    """A line per model and side; ratio: resnetc's time over the peer's. *: the fastest peer."""
    if not reports:
        return "nothing measured"
    lines = [FORM.format(*HEADINGS)]
    for report in reports:
        lines += [row(report, side) for side in report["sides"]]
        best = report["best_peer"]
        if best in report["ratios"]:
            ratio = report["ratios"][best]["median"]
            lines.append(f"{report['model']}: {ratio:.3f} of the best peer's time ({best})")
    return "\n".join(lines)


def picture(reports: list[dict], caption: str) -> str:
    """The medians as SVG, a group of bars for each model."""
    groups = []
    for report in reports:
        bars = []
        for side in report["sides"]:
            ratio = report["ratios"].get(side["name"])
            text = f"{side['median_ms']:.2f} ms"
            text += f", resnetc takes {ratio['median']:.2f} of it" if ratio else ""
            bars.append(Bar(title(report, side), side["median_ms"], text,
                            accent=side["name"] == "resnetc"))
        groups.append(Group(report["model"], tuple(bars)))
    return svg(caption, groups)


def parse_limits(text: str) -> dict[str | None, float]:
    """`0.8` for every model or `resnet18=0.62,resnet50=0.8`; None stands for every model."""
    limits: dict[str | None, float] = {}
    for part in text.split(","):
        name, equals, value = part.rpartition("=")
        limits[name if equals else None] = float(value)
    return limits


def too_slow(reports: list[dict], limits: dict[str | None, float]) -> list[str]:
    """A line for every model whose ratio to the best peer is above its limit."""
    lines = []
    for report in reports:
        limit = limits.get(report["model"], limits.get(None))
        best = report["best_peer"]
        if limit is not None and report["ratios"][best]["median"] > limit:
            lines.append(f"{report['model']}: {report['ratios'][best]['median']:.3f} of the best "
                         f"peer's time ({best}), expected at most {limit}")
    return lines

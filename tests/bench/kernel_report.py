"""The reports of `kernel_runs.measure()` as a table and as a picture."""
from __future__ import annotations

from typing import Iterator

from chart import Bar, Group, svg

FORM = "{:<44} {:<9} {:>3} {:>9} {:>9} {:>7} {:>9} {:>7}"
HEADINGS = ("pipeline", "algorithm", "ops", "MMACs", "us", "%", "hot us", "hot %")
Shown = tuple[dict, str]  # a pipeline, and the options of its build if it is the second


def rows(report: dict) -> Iterator[Shown]:
    """The first build's pipelines, each followed by what the second has instead."""
    first, *others = report["builds"]
    for pipeline in first["pipelines"]:
        yield pipeline, ""
        for build in others:
            for other in build["pipelines"]:
                shared = set(pipeline["ops"]) & set(other["ops"])
                if shared and other["schedule"] != pipeline["schedule"]:
                    yield other, build["options"]


def row(pipeline: dict, options: str) -> str:
    percent, hot = ((f"{pipeline[key]:.1f}" if pipeline["macs"] else "")
                    for key in ("percent", "hot_percent"))
    return FORM.format(pipeline["pipeline"], pipeline["algorithm"] or "", len(pipeline["ops"]),
                       f"{pipeline['macs'] / 1e6:.1f}" if pipeline["macs"] else "",
                       f"{pipeline['us']:.1f}", percent, f"{pipeline['hot_us']:.1f}",
                       hot) + (f"  {options}" if options else "")


def totals(report: dict, build: dict) -> str:
    """One line over all ops of a build in the network."""
    us = sum(pipeline["us"] * len(pipeline["ops"]) for pipeline in build["pipelines"])
    macs = sum(pipeline["macs"] * len(pipeline["ops"]) for pipeline in build["pipelines"])
    percent = 100 * 2 * macs / (us * 1e3) / build["peak_gflops"]
    return (f"{report['model']}: {us / 1e3:.3f} ms in all ops, {percent:.1f} % of "
            f"{build['peak_gflops']:.0f} GFLOP/s {build['options']}".rstrip())


def table(reports: list[dict]) -> str:
    """A line per distinct pipeline. %: of the peak; counted is a direct convolution's work."""
    lines = []
    for report in reports:
        lines.append(f"{report['model']}, target {report['builds'][0]['target']}, batch "
                     f"{report['batch']}, CPU {','.join(map(str, report['cpus']))}, threads "
                     f"{report['threads']}, {report['rounds']} rounds")
        lines.append(FORM.format(*HEADINGS))
        lines += [row(*shown) for shown in rows(report)]
        lines += [totals(report, build) for build in report["builds"]]
    return "\n".join(lines)


def bar(pipeline: dict, options: str) -> Bar:
    text = f"{pipeline['percent']:.0f} %, {pipeline['us']:.0f} us"
    return Bar(options or pipeline["pipeline"], pipeline["percent"], text,
               accent=pipeline["algorithm"] != "direct")


def picture(reports: list[dict]) -> str:
    """Percent of the peak in the network, a group a model; accented: not direct convolution."""
    groups = []
    for report in reports:
        bars = tuple(bar(*shown) for shown in rows(report) if shown[0]["macs"])
        full = max(100.0, *(one.value for one in bars))
        groups.append(Group(totals(report, report["builds"][0]), bars, full))
    return svg("percent of the multiply-add peak per op, in the network", groups)

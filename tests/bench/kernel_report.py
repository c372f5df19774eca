"""The reports of `kernel_runs.measure()` as a table and as a picture."""
from __future__ import annotations

from chart import Bar, Group, svg

FORM = "{:<44} {:<9} {:>3} {:>9} {:>9} {:>7} {:>9} {:>7}"


def row(pipeline: dict) -> str:
    percent, hot = ((f"{pipeline[key]:.1f}" if pipeline["macs"] else "")
                    for key in ("percent", "hot_percent"))
    return FORM.format(pipeline["pipeline"], pipeline["algorithm"] or "", len(pipeline["ops"]),
                       f"{pipeline['macs'] / 1e6:.1f}" if pipeline["macs"] else "",
                       f"{pipeline['us']:.1f}", percent, f"{pipeline['hot_us']:.1f}", hot)


def totals(report: dict) -> str:
    """One line over all ops in the network."""
    us = sum(pipeline["us"] * len(pipeline["ops"]) for pipeline in report["pipelines"])
    macs = sum(pipeline["macs"] * len(pipeline["ops"]) for pipeline in report["pipelines"])
    percent = 100 * 2 * macs / (us * 1e3) / report["peak_gflops"]
    return (f"{report['model']}: {us / 1e3:.3f} ms in all ops, {percent:.1f} % of "
            f"{report['peak_gflops']:.0f} GFLOP/s")


def table(reports: list[dict]) -> str:
    """A line per distinct pipeline. %: of the peak; counted is a direct convolution's work."""
    lines = []
    for report in reports:
        lines.append(f"{report['model']}, target {report['target']}, batch {report['batch']}, "
                     f"CPU {report['cpu']}, one thread, {report['rounds']} rounds")
        lines.append(FORM.format("pipeline", "algorithm", "ops", "MMACs", "us", "%", "hot us",
                                 "hot %"))
        lines += [row(pipeline) for pipeline in report["pipelines"]]
        lines.append(totals(report))
    return "\n".join(lines)


def picture(reports: list[dict]) -> str:
    """Percent of the peak in the network, a group a model, Winograd accented; 150 % fills a bar."""
    groups = []
    for report in reports:
        bars = tuple(Bar(pipeline["pipeline"], pipeline["percent"],
                         f"{pipeline['percent']:.0f} %, {pipeline['us']:.0f} us x "
                         f"{len(pipeline['ops'])}",
                         accent=pipeline["algorithm"] not in (None, "direct"))
                     for pipeline in report["pipelines"] if pipeline["macs"])
        groups.append(Group(totals(report), bars, full=150))
    return svg("percent of the multiply-add peak per op, in the network", groups)

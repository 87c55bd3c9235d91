"""The interleaved run as a picture."""

from __future__ import annotations

from benchmarks.native_speed import names
from benchmarks.native_speed.runtimes import DELEGATE, LCE, TFLITE
from benchmarks.native_speed.speeds import Speed, Speeds
from larq_bvit._extras import require
from larq_bvit._figure import png

_COLOURS = {LCE: "#9aa5b1", TFLITE: "#d9a441", DELEGATE: "#1f5fa8"}
_LEGEND = {LCE: "LCE's interpreter, its fastest mode", TFLITE: "TensorFlow Lite with XNNPACK"}
_LEGEND[DELEGATE] = "TensorFlow Lite with larq_bvit's delegate"

# (title, files of LCE's interpreter, files of XNNPACK, file of ours)
_PANELS = (
    (
        "BinaryViT small and transformers",
        (names.NAIVE, names.FROZEN),
        (names.TWIN, names.DEIT, names.DEIT_INT8, names.DEIT_DYNAMIC),
        (names.FROZEN,),
    ),
    (
        "ReActNet-A, Bi-Real Net-18 and ResNet-18",
        (names.REACTNET, names.BIREALNET),
        (names.RESNET, names.RESNET_INT8),
        (names.REACTNET, names.BIREALNET),
    ),
)


def picture(speeds: Speeds) -> bytes:
    """PNG: a bar per file and runtime, milliseconds on a logarithmic axis, one thread.

    Raises:
        ImportError: matplotlib is missing.
    """
    figures = require("matplotlib.figure", "plot")
    patches = require("matplotlib.patches", "plot")
    panels = [(title, _bars(speeds, *files)) for title, *files in _PANELS]
    panels = [(title, bars) for title, bars in panels if bars]
    heights = [len(bars) for _, bars in panels]
    figure = figures.Figure(figsize=(9, 1.3 + 0.36 * sum(heights)), layout="constrained")
    places = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights, sharex=True)
    for axes, (title, bars) in zip(places.ravel(), panels, strict=True):
        _draw(axes, title, bars)
    places.ravel()[-1].set_xlabel("milliseconds, one thread (logarithmic)")
    handles = [patches.Patch(color=_COLOURS[key], label=label) for key, label in _LEGEND.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, frameon=False, fontsize=8)
    return png(figure, dpi=110)


def _bars(
    speeds: Speeds, lce: tuple[str, ...], xnnpack: tuple[str, ...], ours: tuple[str, ...]
) -> list[tuple[str, Speed]]:
    found = [(name, speeds.fastest(name, LCE)) for name in lce]
    found += [(name, speeds.fastest(name, TFLITE)) for name in xnnpack]
    vector = [isa for isa in reversed(speeds.isas) if isa != "portable"]
    found += [(f"{name}, {isa}", speeds.ours(name, isa)) for name in ours for isa in vector]
    return [(label, speed) for label, speed in found if speed is not None]


def _draw(axes: object, title: str, bars: list[tuple[str, Speed]]) -> None:
    labels = [label for label, _ in bars]
    values = [1e3 * speed.timing.median for _, speed in bars]
    colours = [_COLOURS[speed.entry["runtime"]] for _, speed in bars]
    drawn = axes.barh(labels, values, color=colours, height=0.7)
    axes.bar_label(drawn, [f"{x:.3g} ms" for x in values], padding=3, fontsize=8)
    axes.set_xscale("log")
    axes.set_xlim(left=1, right=3 * max(values))
    axes.invert_yaxis()
    axes.set_title(title, loc="left", fontsize=10)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)

"""The table of trained models, for the README."""

from __future__ import annotations

from pathlib import Path

from larq_bvit._markdown import table
from larq_bvit.cards.card import DELEGATE, LCE, milliseconds, read_card

_HEADINGS = (
    "Weights",
    "Pixels",
    "Top-1 (95% interval)",
    "File MB",
    "Binary MACs (M)",
    ".tflite MB",
    "LCE ms",
    "Delegate ms",
)


def model_table(folders: list[Path]) -> str:
    """Markdown: a line for every folder of packed weights, the most accurate of a data set first.

    Below it, what the latencies are of; see the cards for both of Larq Compute Engine's modes.
    """
    cards = [read_card(folder) for folder in folders]
    cards.sort(key=lambda card: (card.facts["dataset"], -card.top_1.value))
    rows = []
    for card in cards:
        counts, tflite = card.facts["counts"], card.facts["tflite"]
        low, high = card.top_1.interval()
        medians = {name: median for name, (median, _, _) in tflite["milliseconds"].items()}
        lce = min(median for name, median in medians.items() if name.startswith(LCE))
        rows.append(
            (
                f"[`{card.name}`](zoo/{card.name}/README.md)",
                card.pixels,
                f"{card.top_1.value:.2%} ({100 * low:.1f} to {100 * high:.1f})",
                f"{counts['bytes'] / 1e6:.2f}",
                f"{counts['binary_macs'] / 1e6:,.1f}",
                f"{tflite['bytes'] / 1e6:.2f}",
                milliseconds(lce),
                milliseconds(medians[DELEGATE]) if DELEGATE in medians else "",
            )
        )
    processors = dict.fromkeys(card.facts["tflite"]["machine"].split("; ")[0] for card in cards)
    latency = f"one image, one thread, {'; '.join(processors)}; LCE in the faster of its modes"
    return f"{table(rows, _HEADINGS, right=1)}\n\nMilliseconds: {latency}."

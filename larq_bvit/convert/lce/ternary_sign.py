"""Ternary activations, which LCE takes for binary ones."""

import numpy as np

from larq_bvit.convert.lce.graph import Graph
from larq_bvit.convert.lce.lce_patterns import double_sign


def shield_ternary_signs(graph: Graph) -> None:
    """Keeps sign(sign(a) + b) from being read as sign(a) unless it is that (exact).

    It is with Larq's old b = 0.1 (any constant between 0 and 1), and it is not in `ste_tern`,
    whose b is another sign. LCE does not look through a product, and half the sum has its sign.
    """
    for sign in graph.nodes("Sign"):
        second = double_sign(graph, sign)
        if second is None:
            continue
        value = graph.value(second)
        if value is None or not ((value > 0) & (value < 1)).all():
            half = graph.constant(f"{sign.name}/half", np.array(0.5, np.float32))
            kind = {"T": sign.attr["T"]}
            sign.input[0] = graph.add("Mul", f"{sign.name}/halved", [sign.input[0], half], **kind)

"""Exact GELU in the one form that the converter knows.

TensorFlow computes it as x / 2 * erfc(-x / sqrt(2)), for which TensorFlow Lite has no operator;
x / 2 * (1 + erf(x / sqrt(2))) it takes for its own GELU.
"""

import numpy as np

from larq_bvit.convert.lce.graph import Graph


def use_builtin_gelu(graph: Graph) -> None:
    """Writes the erfc(-x * c) of every GELU as 1 + erf(x * c) (rounds)."""
    for erfc in graph.nodes("Erfc"):
        product = graph.producer(erfc.input[0])
        if product.op != "Mul":
            continue
        for i in (0, 1):
            negative = graph.producer(product.input[i])
            if negative.op != "Neg" or graph.value(product.input[1 - i]) is None:
                continue
            kind = {"T": erfc.attr["T"]}
            inputs = [negative.input[0], product.input[1 - i]]
            scaled = graph.add("Mul", f"{erfc.name}/scaled", inputs, **kind)
            erf = graph.add("Erf", f"{erfc.name}/erf", [scaled], **kind)
            one = graph.constant(f"{erfc.name}/one", np.array(1, np.float32))
            graph.become(erfc, "AddV2", [erf, one], **kind)
            break

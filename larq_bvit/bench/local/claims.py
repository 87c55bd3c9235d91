"""Which operators a delegate has taken, read from TensorFlow Lite's interpreter."""

from __future__ import annotations

from collections import Counter
from typing import Any

_PRODUCTS = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"}


def claims(interpreter: Any) -> dict[str, Any]:
    """{"taken": number of operators, "all": number, "parts": number, "left": {operator: number}}.

    A part that a delegate has taken is one operator with its ends; whatever lies between its
    outputs and its inputs is in it.
    """
    operators = interpreter._get_ops_details()
    delegates = [op for op in operators if op["op_name"] == "DELEGATE"]
    plain = [op for op in operators if op["op_name"] != "DELEGATE"]
    makers = {tensor: i for i, op in enumerate(plain) for tensor in op["outputs"]}
    taken: set[int] = set()
    for part in delegates:
        ends, waiting = set(part["inputs"]), list(part["outputs"])
        while waiting:
            tensor = waiting.pop()
            if tensor in ends or tensor not in makers or makers[tensor] in taken:
                continue
            taken.add(makers[tensor])
            waiting.extend(plain[makers[tensor]]["inputs"])
    left = Counter(op["op_name"] for i, op in enumerate(plain) if i not in taken)
    return {"taken": len(taken), "all": len(plain), "parts": len(delegates), "left": dict(left)}


def check_products(claimed: dict[str, Any]) -> None:
    """Raises a RuntimeError where a delegate has left products to the runtime's own kernels."""
    left = {name: number for name, number in claimed["left"].items() if name in _PRODUCTS}
    if left:
        raise RuntimeError(f"expected XNNPACK to take all products; it has left {left}")

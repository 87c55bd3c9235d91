"""Makes the variables of a large model in less time.

TensorFlow tells the operator that makes a variable's handle the variable's name, for error
messages, and keeps an operator, ready to run, for all calls that tell it the same. So every
variable needs one of its own, which takes half a millisecond: a second for BinaryViT small.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tensorflow.python.ops import gen_resource_variable_ops as _ops


@contextmanager
def nameless_handles() -> Iterator[None]:
    """While open, handles of new variables are made without names; the variables have theirs."""
    named = getattr(_ops, "var_handle_op", None)
    if named is None:  # a TensorFlow that we do not know: slow, but right
        yield
        return

    def var_handle_op(*args: Any, **kwargs: Any) -> Any:
        if "debug_name" in kwargs:
            kwargs["debug_name"] = ""
        return named(*args, **kwargs)

    _ops.var_handle_op = var_handle_op
    try:
        yield
    finally:
        _ops.var_handle_op = named

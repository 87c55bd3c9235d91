"""Of what kind an operator in a profile is, those of delegates and of XNNPACK among them."""

from __future__ import annotations

import re

XNNPACK, OURS, DELEGATE = "XNNPACK", "larq_bvit's delegate", "delegate"

_DELEGATES = {"TfLiteXNNPackDelegate": XNNPACK, "LarqBvitDelegate": OURS}
# by the first words of XNNPACK's names, such as "Convolution (NHWC, F32) IGEMM"
_INSIDE_XNNPACK = {
    "float product": r"(?:Dynamic )?Fully Connected|(?:Batch )?Matrix Multiply|Deconvolution"
    r"|Convolution|Scaled Dot",
    "pooling and reduction": r".*Pooling|Softmax|Mean|Sum|Static Reduce|Reduce|Arg",
    "layout": r"Transpose|Copy|Constant Pad|Concat|Slice|Split|Even Split|Resize|Reshape"
    r"|(?:Depth|Space|Batch) To|Unpooling|Channel Shuffle|Static",
    "type conversion": r"Convert",
    "elementwise": r"(?:Binary|Unary) Elementwise|Add|Subtract|Multiply|Divide|Maximum|Minimum"
    r"|Squared? |Square$|Abs|Negate|Clamp|Ceiling|Floor|Bankers|Truncation|Sigmoid|Tanh|ELU|GELU"
    r"|HardSwish|Leaky|PReLU|Prelu|RoPE|Reciprocal|Exp|Log|Copysign",
}
_LCE_2019 = re.compile(r"(?:Lqce|Lce)?(Bconv2d|BMaxPool2d)(?:8|32|64)?")


def is_delegate(operator: str) -> bool:
    """Whether it is a delegate's node: several operators at once."""
    return operator == "DELEGATE" or operator.endswith(("Delegate", "DelegateV2"))


def operator_kind(operator: str) -> str:
    """One of `convert.counting.operator_kinds`, or of this module's for a whole delegate.

    Arguments:
        operator: the runtime's or XNNPACK's name.
    """
    if is_delegate(operator):
        return _DELEGATES.get(operator, DELEGATE)
    for kind, pattern in _INSIDE_XNNPACK.items():
        if re.match(pattern, operator):  # TensorFlow Lite's own names have no small letters
            return kind
    from larq_bvit.convert.counting.operator_kinds import kind_of  # imports TensorFlow

    if old := _LCE_2019.fullmatch(operator):
        operator = f"Lce{old[1]}"
    return kind_of("LceQuantize" if operator == "LqceBsign" else operator)

"""Everything that a graph needs, whatever layers it comes from, for LCE to convert it rightly."""

from larq_bvit.convert.lce.dilated_convolution import join_dilated_convolutions
from larq_bvit.convert.lce.exact_gelu import use_builtin_gelu
from larq_bvit.convert.lce.explicit_padding import trim_padding
from larq_bvit.convert.lce.graph import Graph
from larq_bvit.convert.lce.map_constants import shield_map_constants
from larq_bvit.convert.lce.repeated_sign import repeat_signs
from larq_bvit.convert.lce.reversed_axes import split_reversals
from larq_bvit.convert.lce.ternary_sign import shield_ternary_signs


def use_lce_forms(graph: Graph) -> None:
    """Rewrites what LCE or runtimes would miscompute; the same function, up to rounding."""
    fold_kernels(graph)
    join_dilated_convolutions(graph)
    use_builtin_gelu(graph)
    split_reversals(graph)
    shield_ternary_signs(graph)
    trim_padding(graph)
    repeat_signs(graph)
    shield_map_constants(graph)


def fold_kernels(graph: Graph) -> None:
    """Computes kernels that come from constants: LCE does so only for small ones."""
    for conv in graph.nodes("Conv2D"):
        kernel = graph.value(conv.input[1])
        if kernel is not None and graph.producer(conv.input[1]).op != "Const":
            conv.input[1] = graph.constant(f"{conv.name}/kernel", kernel)

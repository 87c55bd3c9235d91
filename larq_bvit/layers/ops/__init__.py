"""What several layers compute, in forms that are fast on CPUs too."""

from larq_bvit.layers.ops.at_least import AtLeast
from larq_bvit.layers.ops.channel_sum import channel_sum, reduced_sums
from larq_bvit.layers.ops.fixed_channels import fixed_channels
from larq_bvit.layers.ops.one_bit_sign import one_bit_sign
from larq_bvit.layers.ops.within_unit import within_unit

__all__ = [
    "AtLeast",
    "channel_sum",
    "fixed_channels",
    "one_bit_sign",
    "reduced_sums",
    "within_unit",
]

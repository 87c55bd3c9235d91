"""Kinds of operators in profiles."""

import pytest

from larq_bvit.bench.benchmark_model.operator_kind import is_delegate, operator_kind


@pytest.mark.parametrize(
    "operator, kind",
    [
        ("LceBconv2d", "binary product"),
        ("Bconv2d64", "binary product"),
        ("LqceBconv2d64", "binary product"),
        ("LceBMaxPool2d", "pooling and reduction"),
        ("LqceBsign", "type conversion"),
        ("LceQuantize", "type conversion"),
        ("CONV_2D", "float product"),
        ("MEAN", "pooling and reduction"),
        ("ADD", "elementwise"),
        ("WHILE", "other"),
        ("DELEGATE", "delegate"),
        ("TfLiteGpuDelegateV2", "delegate"),
        ("TfLiteXNNPackDelegate", "XNNPACK"),
        ("LarqBvitDelegate", "larq_bvit's delegate"),
        ("Convolution (NHWC, F32) IGEMM", "float product"),
        ("Fully Connected (NC, QS8, QC8W) GEMM", "float product"),
        ("Dynamic Fully Connected (NC, F32)", "float product"),
        ("Batch Matrix Multiply (NC, F32)", "float product"),
        ("Deconvolution (NHWC, F32)", "float product"),
        ("Global Average Pooling (NWC, F32)", "pooling and reduction"),
        ("Max Pooling (NHWC, F32)", "pooling and reduction"),
        ("Mean (ND)", "pooling and reduction"),
        ("Multiply (ND, F32)", "elementwise"),
        ("Binary Elementwise (ND)", "elementwise"),
        ("PReLU (NC, F32)", "elementwise"),
        ("Square Root (NC, F32)", "elementwise"),
        ("Squared Difference (NC, F32)", "elementwise"),
        ("Transpose (ND, X32)", "layout"),
        ("Constant Pad (ND, X32)", "layout"),
        ("Convert (NC, F32, QS8)", "type conversion"),
    ],
)
def test_kind(operator, kind):
    assert operator_kind(operator) == kind


def test_delegates():
    assert is_delegate("DELEGATE") and is_delegate("TfLiteXNNPackDelegate")
    assert not is_delegate("DelegateOpInvoke") and not is_delegate("CONV_2D")

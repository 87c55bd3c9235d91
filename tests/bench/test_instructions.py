"""Instructions that kernels use."""

from larq_bvit.bench.entry import DELEGATE, LCE, XNNPACK, Entry
from larq_bvit.bench.instructions import instructions

ZEN = ("AVX2", "AVX-512", "VPOPCNTDQ", "AVX-512 VNNI")
PI = ("NEON", "dotprod")


def test_ours_are_known():
    assert instructions(Entry("a", DELEGATE), ZEN, ["portable", "avx2", "avx512"]) == (
        "AVX-512 VPOPCNTDQ"
    )
    assert instructions(Entry("a", DELEGATE, "avx2"), ZEN, ["avx512"]) == "AVX2"


def test_others_follow_the_processor():
    assert instructions(Entry("a", XNNPACK), ZEN) == "AVX-512; 8 bits: AVX-512 VNNI"
    assert instructions(Entry("a", XNNPACK), (*ZEN, "AMX")) == "AVX-512; 8 bits: AMX"
    assert instructions(Entry("a", XNNPACK), PI) == "NEON; 8 bits: dotprod"
    assert instructions(Entry("a", XNNPACK), ("AVX2",)) == "AVX2"
    assert instructions(Entry("a", LCE, "indirect"), ZEN) == "binary products: portable C++"
    assert instructions(Entry("a", LCE), PI) == "NEON"

"""Processors, from what Linux and macOS say of them."""

import platform

import pytest

from larq_bvit.bench.cpu import cpu, parse_cpuinfo, parse_sysctl

X86 = """\
processor\t: 0
model\t\t: 143
model name\t: Intel(R) Xeon(R) Platinum 8481C
cpu MHz\t\t: 2699.998
flags\t\t: fpu sse avx avx2 avx512f avx512_vnni avx512_vpopcntdq amx_tile amx_int8

processor\t: 1
model name\t: another
flags\t\t: fpu
"""
ARM_SERVER = """\
processor\t: 0
BogoMIPS\t: 243.75
Features\t: fp asimd crc32 asimddp i8mm
CPU part\t: 0xd40
"""
PI = """\
processor\t: 0
Features\t: fp asimd evtstrm crc32 cpuid

Hardware\t: BCM2835
Model\t\t: Raspberry Pi 4 Model B Rev 1.4
"""
BOARD = "processor\t: 0\nFeatures\t: fp asimd\n\nModel\t\t: Some Board 5\n"
APPLE = """\
machdep.cpu.brand_string: Apple M2
hw.optional.neon: 1
hw.optional.AdvSIMD: 1
hw.optional.arm.FEAT_DotProd: 1
hw.optional.arm.FEAT_I8MM: 1
hw.optional.avx512f: 0
"""


def test_x86():
    found = parse_cpuinfo(X86)
    assert found.name == "Intel(R) Xeon(R) Platinum 8481C" and found.mhz == 2699.998
    assert found.instructions == ("AVX2", "AVX-512", "VPOPCNTDQ", "AVX-512 VNNI", "AMX")


def test_arm():
    assert parse_cpuinfo(ARM_SERVER).instructions == ("NEON", "dotprod", "i8mm")
    assert parse_cpuinfo(ARM_SERVER).mhz is None
    assert parse_cpuinfo(PI).instructions == ("NEON",)


@pytest.mark.parametrize("text, name", [(PI, "BCM2835"), (BOARD, "Some Board 5")])
def test_boards_have_names_of_their_own(text, name):
    assert parse_cpuinfo(text).name == name


@pytest.mark.parametrize("text", [ARM_SERVER, "model\t: 143\n", ""])
def test_without_a_name_the_architecture(text):
    assert parse_cpuinfo(text).name == (platform.processor() or platform.machine())


def test_macos():
    found = parse_sysctl(APPLE)
    assert found.name == "Apple M2" and found.instructions == ("NEON", "dotprod", "i8mm")


def test_this_machine():
    assert cpu().name
    assert set(cpu().instructions) <= {
        *("AVX2", "AVX-512", "VPOPCNTDQ", "AVX-VNNI", "AVX-512 VNNI", "AMX"),
        *("AVX-512 BF16", "NEON", "dotprod", "i8mm", "bf16"),
    }

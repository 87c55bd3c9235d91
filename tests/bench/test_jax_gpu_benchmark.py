"""What is counted in a text of XLA's; its shapes and layouts are those of a real one."""

from benchmarks.jax_gpu import count

HLO = """HloModule jit_train, is_scheduled=true

%fused_add (parameter_0: f32[4,8], parameter_1: bf16[8]) -> f32[4,8] {
  %parameter_0 = f32[4,8]{1,0} parameter(0)
  %parameter_1 = bf16[8]{0} parameter(1)
  ROOT %add = f32[4,8]{1,0} add(%parameter_0, %parameter_1)
}

%body (arg: (s32[], f32[4,8])) -> (s32[], f32[4,8]) {
  %arg = (s32[], f32[4,8]{1,0}) parameter(0)
  %x = f32[4,8]{1,0} get-tuple-element(%arg), index=1
  %n = s32[] get-tuple-element(%arg), index=0
  %scale = bf16[8]{0} constant({1, 1, 1, 1, 1, 1, 1, 1})
  %both = (f32[4,8]{1,0}, pred[8]{0}) fusion(%x, %scale), kind=kLoop, calls=%fused_add
  %y = f32[4,8]{1,0} get-tuple-element(%both), index=0
  %product = (f32[4,4]{1,0}, s8[64]{0}) custom-call(%y, %y), custom_call_target="__cublas$gemm"
  ROOT %tuple = (s32[], f32[4,8]{1,0}) tuple(%n, %y)
}

ENTRY %main (p: f32[4,8]) -> f32[4,8] {
  %p = f32[4,8]{1,0} parameter(0)
  ROOT %one = f32[4,8]{1,0} fusion(%p), kind=kLoop, calls=%fused_add
}
"""


def test_the_kernels_of_the_loop_and_what_they_read_and_write():
    fusion = (128 + 16) + (128 + 8)
    product = 2 * 128 + (64 + 64)
    assert count(HLO) == (2, fusion + product)


def test_a_function_without_a_loop():
    assert count(HLO[HLO.index("ENTRY") :]) == (1, 2 * 128)
    assert count("HloModule empty") == (0, 0)

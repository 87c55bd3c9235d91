// sign_f32 for NEON: comparisons are narrowed to bytes, weighed by their bit and added up.
#include <arm_neon.h>

#include "kernels/isa_list.h"
#include "kernels/sign/sign_rows.h"

namespace bvit {
namespace {

struct Word {
  // 16 numbers -> 16 bytes, 0xff where negative
  static BVIT_ALWAYS_INLINE uint8x16_t negative(const float* in) {
    const uint16x8_t low = vuzp1q_u16(vreinterpretq_u16_u32(vcltzq_f32(vld1q_f32(in))),
                                      vreinterpretq_u16_u32(vcltzq_f32(vld1q_f32(in + 4))));
    const uint16x8_t high = vuzp1q_u16(vreinterpretq_u16_u32(vcltzq_f32(vld1q_f32(in + 8))),
                                       vreinterpretq_u16_u32(vcltzq_f32(vld1q_f32(in + 12))));
    return vuzp1q_u8(vreinterpretq_u8_u16(low), vreinterpretq_u8_u16(high));
  }
  static BVIT_ALWAYS_INLINE uint32_t of(const float* in) {
    const uint8x16_t weight = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201ull));
    const uint8x16_t low = vandq_u8(negative(in), weight);
    const uint8x16_t high = vandq_u8(negative(in + 16), weight);
    // 32 bytes -> 16 -> 8 -> 4: each pair of neighbours adds up
    uint8x16_t sum = vpaddq_u8(low, high);
    sum = vpaddq_u8(sum, sum);
    sum = vpaddq_u8(sum, sum);
    return vgetq_lane_u32(vreinterpretq_u32_u8(sum), 0);
  }
  static BVIT_ALWAYS_INLINE uint32_t tail(const float* in, int count) {
    return sign_word(in, count);
  }
};

}  // namespace

void sign_f32_neon(const float* in, int64_t rows, int channels, uint32_t* out) {
  sign_rows<Word>(in, rows, channels, out);
}

}  // namespace bvit

// sign_f32 in plain C++.
#include "kernels/isa_list.h"
#include "kernels/sign/sign_rows.h"

namespace bvit {
namespace {

struct Word {
  static BVIT_ALWAYS_INLINE uint32_t of(const float* in) { return sign_word(in, 32); }
  static BVIT_ALWAYS_INLINE uint32_t tail(const float* in, int count) {
    return sign_word(in, count);
  }
};

}  // namespace

void sign_f32_portable(const float* in, int64_t rows, int channels, uint32_t* out) {
  sign_rows<Word>(in, rows, channels, out);
}

}  // namespace bvit

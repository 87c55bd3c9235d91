// Runs one kernel a number of times, for an emulator to count its instructions.
//
//   run_kernel <isa> <times> bgemm <rows> <channels> <bits of k>
//   run_kernel <isa> <times> sign <rows> <channels>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/kernels.h"

namespace bvit {
namespace {

// Zeroed; instructions do not depend on the numbers.
template <class T>
T* zeros(size_t count) {
  T* p = static_cast<T*>(calloc(count, sizeof(T)));
  if (p == nullptr) abort();
  return p;
}

void run_bgemm(const Kernels* kernels, int times, int rows, int channels, int bits) {
  const int kw = bits / 32;
  uint32_t* a = zeros<uint32_t>(static_cast<size_t>(rows) * kw);
  uint32_t* w = zeros<uint32_t>(static_cast<size_t>(channels) * kw);
  int32_t* acc = zeros<int32_t>(static_cast<size_t>(rows) * channels);
  for (int i = 0; i < times; i++)
    kernels->bgemm_i32(rows, channels / kBlock, kw, a, kw, w, acc, channels);
  free(a), free(w), free(acc);
}

void run_sign(const Kernels* kernels, int times, int rows, int channels) {
  float* in = zeros<float>(static_cast<size_t>(rows) * channels);
  uint32_t* out = zeros<uint32_t>(static_cast<size_t>(rows) * (channels / 32 + 1));
  for (int i = 0; i < times; i++) kernels->sign_f32(in, rows, channels, out);
  free(in), free(out);
}

int run(int argc, char** argv) {
  const Kernels* kernels = argc > 5 ? find_kernels(argv[1]) : nullptr;
  if (kernels && argc == 7 && strcmp(argv[3], "bgemm") == 0) {
    run_bgemm(kernels, atoi(argv[2]), atoi(argv[4]), atoi(argv[5]), atoi(argv[6]));
  } else if (kernels && argc == 6 && strcmp(argv[3], "sign") == 0) {
    run_sign(kernels, atoi(argv[2]), atoi(argv[4]), atoi(argv[5]));
  } else {
    fprintf(stderr, "usage: run_kernel <isa> <times> bgemm <rows> <channels> <bits of k>\n"
                    "       run_kernel <isa> <times> sign <rows> <channels>\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace bvit

int main(int argc, char** argv) { return bvit::run(argc, argv); }

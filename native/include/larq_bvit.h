/* The binary kernels of larq_bvit as plain C functions, and what the delegate tells of itself.
 *
 * Bits: bit i of a word is 1 where channel 32 * word + i is negative. The product of two rows of K
 * signs is K - 2 * (bits in which they differ). All instruction sets give the same numbers.
 */
#ifndef LARQ_BVIT_H_
#define LARQ_BVIT_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that a delegate holds for the maps inside of its partitions, over all interpreters that it was
 * added to, in either mode: arenas planned by the maps' lives, and scratch of each thread. Tensors that
 * come and go between partitions belong to the runtime. 0 before AllocateTensors; `delegate` is what
 * tflite_plugin_create_delegate gave. */
struct TfLiteDelegate;
size_t larq_bvit_activation_bytes(const struct TfLiteDelegate* delegate);

/* Kernels of one instruction set. */
typedef struct larq_bvit_kernels larq_bvit_kernels;

/* "portable", "avx2", "avx512" or "neon"; NULL or "" for the best one of this processor. NULL where
 * the name is unknown or the processor lacks it. */
const larq_bvit_kernels* larq_bvit_find_kernels(const char* name);
const char* larq_bvit_name(const larq_bvit_kernels* kernels);

/* Signs of `rows` x `channels` numbers, rows one after the other, as (channels + 31) / 32 words each.
 * -0.0 and NaN count as not negative. */
void larq_bvit_sign_f32(const larq_bvit_kernels* kernels, const float* in, int64_t rows, int channels,
                        uint32_t* out);

/* Weights [n][kw] as [blocks][kw][32], blocks = (n + 31) / 32: what larq_bvit_bgemm_i32 reads. */
void larq_bvit_pack_weights(const uint32_t* weights, int n, int kw, uint32_t* out);

/* acc[m * ldacc + n] = number of bits in which row m of `a` and channel n of the packed weights differ,
 * for `rows` rows and 32 * blocks channels. `lda` and `ldacc` are words from one row to the next. */
void larq_bvit_bgemm_i32(const larq_bvit_kernels* kernels, int rows, int blocks, int kw, const uint32_t* a,
                         ptrdiff_t lda, const uint32_t* weights, int32_t* acc, ptrdiff_t ldacc);

#ifdef __cplusplus
}
#endif

#endif  /* LARQ_BVIT_H_ */

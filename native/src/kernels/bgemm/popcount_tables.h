// Tables for binary products by byte shuffles, where a processor counts no bits in vectors.
//
// A shuffle looks up 16 weights' nibbles at once in a table of 16 bytes. So that the table need not
// be one of popcounts, after an xor, it is chosen by the nibble of `a`: entry x is the popcount of
// `nibble ^ x` (or `nibble & x`) itself.
#pragma once

#include "base/libc.h"

namespace bvit {

// For each byte of `a`: the table of its low nibble, then that of its high nibble.
struct alignas(64) NibbleTables {
  uint8_t of_byte[256][2][16];
};

constexpr uint8_t ones_of_nibble(int x) {
  return static_cast<uint8_t>((x & 1) + (x >> 1 & 1) + (x >> 2 & 1) + (x >> 3 & 1));
}

// `bits(a, w)`: of which bits to count the ones.
template <class Bits>
constexpr NibbleTables make_tables(Bits bits) {
  NibbleTables tables{};
  for (int a = 0; a < 256; a++) {
    for (int x = 0; x < 16; x++) {
      tables.of_byte[a][0][x] = ones_of_nibble(bits(a & 15, x));
      tables.of_byte[a][1][x] = ones_of_nibble(bits(a >> 4, x));
    }
  }
  return tables;
}

}  // namespace bvit

// Operators that mutations put in place of others, and what the bytes of their options must be.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace fuzz {

extern const int32_t kBuiltinCodes[];
extern const size_t kBuiltinCodeCount;
constexpr int32_t kStrangeCode = 11;  // of those that it does not know
extern const char* const kCustomNames[];
extern const size_t kCustomNameCount;

// Booleans in the C struct of options become 0 or 1, as in those that a runtime has filled.
void make_booleans(int32_t builtin_code, uint8_t* options);

}  // namespace fuzz

// Errors: a line on standard error, then the end of the program, as nothing is left to be done.
#pragma once

namespace bvit {

// "larq_bvit_runner: " and the text, which says what was expected and what came; exit status 2.
[[noreturn]] __attribute__((format(printf, 1, 2))) void fail(const char* format, ...);

// The same, with ": " and the system's reason for the last call that failed.
[[noreturn]] __attribute__((format(printf, 1, 2))) void fail_by_system(const char* format, ...);

}  // namespace bvit

// The library's few C functions that other programs may call.
#pragma once

#define BVIT_EXPORT extern "C" __attribute__((visibility("default")))

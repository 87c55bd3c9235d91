// What the runner needs of libc, beyond what the delegate needs.
#pragma once

#include "base/libc.h"

#ifndef LARQ_BVIT_FREESTANDING
#include <dlfcn.h>
#include <fcntl.h>
#else
#include "base/freestanding_program.h"
#endif

#include "delegate/options.h"

#include "run/thread_pool.h"

namespace bvit {
namespace {

using Report = void (*)(const char*);

__attribute__((format(printf, 2, 3))) bool refuse(Report report, const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  if (report) report(text);
  return false;
}

// A decimal number of at most four digits, nothing else.
bool parse_count(const char* text, int* out) {
  int number = 0, digits = 0;
  for (; *text; text++, digits++) {
    if (*text < '0' || *text > '9' || digits == 4) return false;
    number = 10 * number + (*text - '0');
  }
  *out = number;
  return digits > 0;
}

bool set_count(const char* name, const char* value, int least, int most, int* out, Report report) {
  int number;
  if (!parse_count(value, &number) || number < least || number > most)
    return refuse(report, "larq_bvit: %s must be a number from %d to %d; got '%.64s'", name, least,
                  most, value);
  *out = number;
  return true;
}

bool set_flag(const char* name, const char* value, bool* out, Report report) {
  int flag = 0;
  if (!set_count(name, value, 0, 1, &flag, report)) return false;
  *out = flag != 0;
  return true;
}

struct Names {
  char text[256];
};

void add_name(const Kernels* kernels, void* names) {
  char* text = static_cast<Names*>(names)->text;
  const size_t n = strlen(text);
  snprintf(text + n, sizeof(Names) - n, "%s%s", n ? ", " : "", kernels->name);
}

bool set_isa(const char* name, const char* value, const Kernels** out, Report report) {
  *out = find_kernels(value);
  if (*out) return true;
  Names names = {};
  each_kernels(add_name, &names);
  return refuse(report, "larq_bvit: %s must be one of %s on this processor; got '%.64s'", name,
                names.text, value);
}

bool is_set(const char* text) { return text != nullptr && text[0] != 0; }

// `verbose` stays negative until something sets it.
bool read_pair(const char* key, const char* value, Options* options, Report report) {
  if (strcmp(key, "isa") == 0)
    return !is_set(value) || set_isa("option isa", value, &options->kernels, report);
  if (strcmp(key, "threads") == 0)
    return set_count("option threads", value, 1, ThreadPool::kMaxThreads, &options->threads,
                     report);
  if (strcmp(key, "verbose") == 0)
    return set_count("option verbose", value, 0, 2, &options->verbose, report);
  if (strcmp(key, "exact") == 0) return set_flag("option exact", value, &options->exact, report);
  if (strcmp(key, "profile") == 0)
    return set_flag("option profile", value, &options->profile, report);
  return refuse(report, "larq_bvit: unknown option '%.64s'; there are isa, threads, exact, verbose "
                "and profile", key);
}

}  // namespace

bool Options::read(const char* const* keys, const char* const* values, size_t n,
                   void (*report_error)(const char*)) {
  verbose = -1;
  for (size_t i = 0; i < n; i++) {
    if (!keys || !values || !keys[i] || !values[i])
      return refuse(report_error, "larq_bvit: option %zu has no name or no value", i);
    if (!read_pair(keys[i], values[i], this, report_error)) return false;
  }
  const char* isa = getenv("LARQ_BVIT_ISA");
  if (!kernels && is_set(isa) && !set_isa("LARQ_BVIT_ISA", isa, &kernels, report_error))
    return false;
  if (!kernels) kernels = find_kernels(nullptr);
  if (verbose >= 0) return true;
  verbose = 0;
  const char* level = getenv("LARQ_BVIT_VERBOSE");
  return !is_set(level) || set_count("LARQ_BVIT_VERBOSE", level, 0, 2, &verbose, report_error);
}

}  // namespace bvit

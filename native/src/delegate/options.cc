#include "delegate/options.h"

namespace bvit {
namespace {

constexpr int kMostThreads = 256;

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

}  // namespace

bool Options::read(const char* const* keys, const char* const* values, size_t n,
                   void (*report_error)(const char*)) {
  bool verbose_given = false;
  for (size_t i = 0; i < n; i++) {
    const char *key = keys ? keys[i] : nullptr, *value = values ? values[i] : nullptr;
    if (key == nullptr || value == nullptr)
      return refuse(report_error, "larq_bvit: option %d has no name or no value",
                    static_cast<int>(i));
    bool done;
    if (strcmp(key, "isa") == 0) {
      done = !is_set(value) || set_isa("option isa", value, &kernels, report_error);
    } else if (strcmp(key, "threads") == 0) {
      done = set_count("option threads", value, 1, kMostThreads, &threads, report_error);
    } else if (strcmp(key, "exact") == 0) {
      int flag = 0;
      done = set_count("option exact", value, 0, 1, &flag, report_error);
      exact = flag != 0;
    } else if (strcmp(key, "verbose") == 0) {
      done = set_count("option verbose", value, 0, 2, &verbose, report_error);
      verbose_given = true;
    } else {
      done = refuse(report_error, "larq_bvit: unknown option '%.64s'; there are isa, threads, "
                    "exact and verbose", key);
    }
    if (!done) return false;
  }
  const char* isa = getenv("LARQ_BVIT_ISA");
  if (!kernels && is_set(isa) && !set_isa("LARQ_BVIT_ISA", isa, &kernels, report_error))
    return false;
  if (!kernels) kernels = find_kernels(nullptr);
  const char* level = getenv("LARQ_BVIT_VERBOSE");
  if (verbose_given || !is_set(level)) return true;
  return set_count("LARQ_BVIT_VERBOSE", level, 0, 2, &verbose, report_error);
}

}  // namespace bvit

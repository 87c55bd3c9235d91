#include "runner/arguments.h"

#include "runner/fail.h"
#include "runner/libc.h"

namespace bvit {
namespace {

constexpr char kHelp[] =
    "Measures a .tflite in a TensorFlow Lite C library; prints a line of JSON.\n"
    "\n"
    "  larq_bvit_runner --library LIBRARY --model MODEL [option...]\n"
    "\n"
    "  --library PATH           libtensorflowlite_c.so, or libtensorflowlite_jni.so of an AAR\n"
    "  --model PATH             the .tflite\n"
    "  --delegate PATH          an external delegate, such as liblarq_bvit_delegate.so\n"
    "  --delegate-options LIST  of the delegate: 'isa:neon;verbose:1'\n"
    "  --threads N              1 to 64; 1 without it\n"
    "  --warmup-runs N          after the first inference, not timed, at least; 1 without it\n"
    "  --warmup-seconds S       of these, at least; 0 without it\n"
    "  --runs N                 timed inferences, at least; 50 without it\n"
    "  --seconds S              of timed inferences, at least; 1 without it. It goes on until both\n"
    "                           are reached, or 10 times the seconds\n"
    "  --input PATH             raw bytes of input 0; without it a fixed pattern\n"
    "  --output PATH            gets raw bytes of output 0, of the first inference\n"
    "  --profile                times of the delegate's steps, after 3 warm-up runs at least\n"
    "  --help                   this text\n";

[[noreturn]] void print_help() {
  const ssize_t written = write(1, kHelp, sizeof(kHelp) - 1);
  _exit(written < 0 ? 2 : 0);
}

// Decimal digits alone, seven at most; negative where `text` is none such.
int digits_of(const char* text, const char** end) {
  int number = 0;
  const char* p = text;
  for (; *p >= '0' && *p <= '9'; p++) {
    if (p - text == 7) return -1;
    number = 10 * number + (*p - '0');
  }
  *end = p;
  return p == text ? -1 : number;
}

int read_count(const char* name, const char* text, int least, int most) {
  const char* end = text;
  const int number = digits_of(text, &end);
  if (number < least || number > most || *end)
    fail("expected %s to be a number from %d to %d; got '%s'", name, least, most, text);
  return number;
}

double read_seconds(const char* name, const char* text) {
  const char* end = text;
  double number = digits_of(text, &end), digit = 0.1;
  bool good = number >= 0;
  if (good && *end == '.') {
    for (end++; *end >= '0' && *end <= '9'; end++, digit /= 10) number += digit * (*end - '0');
  }
  if (!good || *end || number > 3600)
    fail("expected %s to be seconds from 0 to 3600; got '%s'", name, text);
  return number;
}

// 'key:value;key:value', in a copy that lives as long as the program.
void read_options(const char* name, const char* text, Arguments* a) {
  const size_t bytes = strlen(text) + 1;
  char* copy = static_cast<char*>(malloc(bytes));
  if (copy == nullptr) fail("expected memory for %s; got none", name);
  memcpy(copy, text, bytes);
  for (char* option = copy; option && *option;) {
    char* next = strchr(option, ';');
    if (next) *next++ = 0;
    char* colon = strchr(option, ':');
    if (colon == nullptr || colon == option)
      fail("expected %s 'key:value;key:value'; got '%s'", name, text);
    *colon = 0;
    a->options.push({option, colon + 1});
    option = next;
  }
}

using Read = void (*)(const char* name, const char* value, Arguments* a);

template <const char* Arguments::*place>
void read_path(const char* name, const char* value, Arguments* a) {
  if (*value == 0) fail("expected a path behind %s; got an empty one", name);
  a->*place = value;
}

template <int Arguments::*place, int least, int most>
void read_number(const char* name, const char* value, Arguments* a) {
  a->*place = read_count(name, value, least, most);
}

template <double Arguments::*place>
void read_time(const char* name, const char* value, Arguments* a) {
  a->*place = read_seconds(name, value);
}

constexpr struct {
  const char* name;
  Read read;
} kOptions[] = {
    {"--library", read_path<&Arguments::library>},
    {"--model", read_path<&Arguments::model>},
    {"--delegate", read_path<&Arguments::delegate>},
    {"--delegate-options", read_options},
    {"--threads", read_number<&Arguments::threads, 1, 64>},
    {"--warmup-runs", read_number<&Arguments::warmup_runs, 0, 100000>},
    {"--warmup-seconds", read_time<&Arguments::warmup_seconds>},
    {"--runs", read_number<&Arguments::runs, 1, 100000>},
    {"--seconds", read_time<&Arguments::seconds>},
    {"--input", read_path<&Arguments::input>},
    {"--output", read_path<&Arguments::output>},
};

Read find_option(const char* name) {
  for (const auto& option : kOptions)
    if (strcmp(name, option.name) == 0) return option.read;
  fail("expected options as --help tells them; got '%s'", name);
}

}  // namespace

Arguments read_arguments(int count, char** words) {
  Arguments a;
  for (int i = 1; i < count; i++) {
    const char* name = words[i];
    if (strcmp(name, "--help") == 0) print_help();
    if (strcmp(name, "--profile") == 0) {
      a.profile = true;
      continue;
    }
    const Read read = find_option(name);
    if (++i == count) fail("expected a value behind %s; got none", name);
    read(name, words[i], &a);
  }
  if (!a.library || !a.model)
    fail("expected --library and --model; got no %s: see --help",
         a.library ? "--model" : "--library");
  if (!a.delegate && (a.profile || !a.options.empty()))
    fail("expected --delegate with %s; got none", a.profile ? "--profile" : "--delegate-options");
  return a;
}

}  // namespace bvit

#include "settings.h"

#include <string.h>

#include "base/export.h"

BVIT_EXPORT bvit::tfl::Delegate* tflite_plugin_create_delegate(const char* const*,
                                                               const char* const*, size_t,
                                                               void (*)(const char*));

namespace fuzz {
namespace {

const char* any_isa(Random* random) {
  static const char* const kIsas[] = {nullptr, "portable", "avx2", "avx512"};
  return kIsas[random->below(4)];
}

const char* any_text(Random* random) {
  static const char* const kTexts[] = {"", "0", "-1", "4", "1000000000000", "x", "0x1", "neon"};
  return kTexts[random->below(8)];
}

const char* flag(bool on) { return on ? "1" : "0"; }
bool is(const char* value, const char* text) { return value && strcmp(value, text) == 0; }

}  // namespace

Settings choose_settings(Random* random) {
  Settings s;
  s.isa = any_isa(random);
  s.exact = flag(random->one_in(3));
  s.verbose = random->one_in(64) ? "2" : nullptr;
  s.threads = random->one_in(16) ? "2" : random->one_in(2) ? "1" : nullptr;
  s.profile = flag(random->one_in(8));
  s.interpreter_threads = static_cast<int32_t>(random->below(4)) - 1;
  s.open_shapes = random->one_in(8);
  if (!random->one_in(64)) return s;
  const char** const values[] = {&s.isa, &s.exact, &s.verbose, &s.threads, &s.profile};
  *values[random->below(5)] = any_text(random);
  return s;
}

Settings change_settings(const Settings& settings, Random* random) {
  Settings s = settings;
  s.profile = flag(!is(s.profile, "1"));
  if (is(s.exact, "1")) s.isa = any_isa(random);
  if (random->one_in(4)) s.threads = is(s.threads, "2") ? "1" : "2";
  return s;
}

bvit::tfl::Delegate* create_delegate(const Settings& s) {
  const char* keys[5];
  const char* values[5];
  size_t n = 0;
  const auto give = [&](const char* key, const char* value) {
    if (value == nullptr) return;
    keys[n] = key;
    values[n++] = value;
  };
  give("exact", s.exact), give("verbose", s.verbose), give("threads", s.threads);
  give("profile", s.profile), give("isa", s.isa);
  bvit::tfl::Delegate* delegate = tflite_plugin_create_delegate(keys, values, n, nullptr);
  if (delegate != nullptr || !s.isa || strncmp(s.isa, "avx", 3) != 0) return delegate;
  return tflite_plugin_create_delegate(keys, values, n - 1, nullptr);  // the processor lacks it
}

}  // namespace fuzz

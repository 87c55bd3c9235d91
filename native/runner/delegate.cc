#include "runner/delegate.h"

#include "runner/fail.h"
#include "runner/libc.h"
#include "runner/library.h"

namespace bvit {
namespace {

char refusal[1024];  // of the delegate: its report has no other place to go to

void keep_refusal(const char* text) { snprintf(refusal, sizeof(refusal), "%s", text); }

}  // namespace

DelegateLibrary::DelegateLibrary(const Arguments& arguments) : arguments_(arguments) {
  const char* path = arguments.delegate;
  if (path == nullptr) return;
  void* library = load_library("a delegate", path);
  find_function(library, "tflite_plugin_create_delegate", &create_);
  find_function(library, "tflite_plugin_destroy_delegate", &destroy_);
  find_function(library, "larq_bvit_activation_bytes", &activation_bytes_);
  find_function(library, "larq_bvit_profile_json", &profile_json_);
  if (create_ == nullptr || destroy_ == nullptr)
    fail("expected a delegate; got %s, which has no tflite_plugin_%s_delegate", path,
         create_ ? "destroy" : "create");
  if (arguments.profile && profile_json_ == nullptr)
    fail("expected larq_bvit's delegate with --profile; got %s, which has no "
         "larq_bvit_profile_json", path);
}

tfl::Delegate* DelegateLibrary::create() {
  if (create_ == nullptr) return nullptr;
  Vec<const char*> keys, values;
  for (const DelegateOption& option : arguments_.options) {
    keys.push(option.key);
    values.push(option.value);
  }
  if (arguments_.profile) {
    keys.push("profile");
    values.push("1");
  }
  tfl::Delegate* delegate = create_(keys.data(), values.data(), keys.size(), keep_refusal);
  if (delegate == nullptr)
    fail("expected --delegate-options that %s takes; got a refusal: %s", arguments_.delegate,
         refusal[0] ? refusal : "it says no more");
  return delegate;
}

void DelegateLibrary::destroy(tfl::Delegate* delegate) {
  if (delegate) destroy_(delegate);
}

int64_t DelegateLibrary::activation_bytes(const tfl::Delegate* delegate) const {
  if (delegate == nullptr || activation_bytes_ == nullptr) return -1;
  return static_cast<int64_t>(activation_bytes_(delegate));
}

Vec<char> DelegateLibrary::read_profile(tfl::Delegate* delegate) const {
  Vec<char> text;
  if (!arguments_.profile) return text;
  text.resize(profile_json_(delegate, nullptr, 0) + 1);
  profile_json_(delegate, text.data(), text.size());
  return text;
}

namespace {

uint64_t read_number(const char** text) {
  uint64_t number = 0;
  for (; **text >= '0' && **text <= '9'; ++*text) number = 10 * number + (**text - '0');
  return number;
}

}  // namespace

bool subtract_profile(const char* before, const char* after, Text* difference) {
  // no name holds it: in a name, quotes are escaped
  constexpr char kKey[] = "\"nanoseconds\": ";
  while (const char* next = strstr(after, kKey)) {
    const size_t n = static_cast<size_t>(next - after) + sizeof(kKey) - 1;
    if (strncmp(before, after, n) != 0) return false;
    difference->add_bytes(after, n);
    before += n, after += n;
    const uint64_t new_time = read_number(&after), old_time = read_number(&before);
    // parts of a step are estimates, which may shrink
    const uint64_t time = new_time > old_time ? new_time - old_time : 0;
    difference->add_format("%llu", static_cast<unsigned long long>(time));
  }
  difference->add(after);
  return strcmp(before, after) == 0;
}

}  // namespace bvit

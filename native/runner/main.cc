// Measures a .tflite in a TensorFlow Lite C library, and prints a line of JSON; see --help.
#include "runner/arguments.h"
#include "runner/delegate.h"
#include "runner/fail.h"
#include "runner/files.h"
#include "runner/session.h"
#include "runner/tensors.h"
#include "runner/timed_runs.h"

namespace bvit {
namespace {

constexpr int kMost = 10;     // times the least seconds
constexpr int kProfiled = 3;  // runs in which a delegate that profiles takes time for measuring

struct Found {
  int64_t base_kib, peak_kib, activation_bytes, first_ns;
  TimedRuns runs;
  Text profile;
};

// Enough runs and enough time, or far more than enough time.
bool is_enough(const TimedRuns& done, int runs, double seconds) {
  if (seconds > 0 && done.seconds() >= kMost * seconds) return true;
  return done.count() >= runs && done.seconds() >= seconds;
}

void time_runs(int runs, double seconds, Session* session, TimedRuns* times) {
  while (!is_enough(*times, runs, seconds)) times->add(session->run());
}

void warm_up(const Arguments& a, Session* session) {
  const int runs = a.profile && a.warmup_runs < kProfiled ? kProfiled : a.warmup_runs;
  TimedRuns times;
  while (times.count() < runs || times.seconds() < a.warmup_seconds) times.add(session->run());
}

void write_first_output(const TfLite& lite, const Arguments& a, const Session& session) {
  if (a.output == nullptr) return;
  if (session.output_count() < 1) fail("expected a model with an output for --output; got none");
  const TfLiteTensor* output = session.output(0);
  write_file(a.output, lite.TensorData(output), lite.TensorByteSize(output));
}

void measure(const TfLite& lite, const Arguments& a, const DelegateLibrary& delegates,
             Session* session, Found* found) {
  session->read_inputs();
  found->first_ns = session->run();
  write_first_output(lite, a, *session);
  warm_up(a, session);
  const Vec<char> before = delegates.read_profile(session->delegate());
  time_runs(a.runs, a.seconds, session, &found->runs);
  const Vec<char> after = delegates.read_profile(session->delegate());
  found->peak_kib = status_kib("VmHWM");
  found->activation_bytes = delegates.activation_bytes(session->delegate());
  if (a.profile && !subtract_profile(before.data(), after.data(), &found->profile))
    fail("expected a profile of the same steps before and after; got %s and %s", before.data(),
         after.data());
}

void add_microseconds(int64_t ns, Text* json) {
  json->add_format("%lld.%03d", static_cast<long long>(ns / 1000), static_cast<int>(ns % 1000));
}

void add_number(const char* name, int64_t number, Text* json) {
  if (number < 0) {
    json->add_format(", \"%s\": null", name);
  } else {
    json->add_format(", \"%s\": %lld", name, static_cast<long long>(number));
  }
}

template <class Get>
void add_tensors(const TfLite& lite, const char* name, int32_t count, Get get, Text* json) {
  json->add_format(", \"%s\": [", name);
  for (int32_t i = 0; i < count; i++) {
    if (i) json->add(", ");
    describe_tensor(lite, get(i), json);
  }
  json->add("]");
}

void print(const TfLite& lite, const Session& session, const Found& found) {
  Text json;
  json.add("{\"larq_bvit_runner\": 2, \"tflite_version\": ");
  json.add_json(lite.Version());
  json.add(", \"init_us\": ");
  add_microseconds(session.init_ns(), &json);
  json.add(", \"first_us\": ");
  add_microseconds(found.first_ns, &json);
  add_number("count", found.runs.count(), &json);
  json.add(", \"sum_us\": ");
  add_microseconds(found.runs.sum_ns(), &json);
  json.add(", \"runs_us\": [");
  const Vec<int64_t>& kept = found.runs.kept_ns();
  for (size_t i = 0; i < kept.size(); i++) {
    if (i) json.add(", ");
    add_microseconds(kept[i], &json);
  }
  json.add("]");
  add_number("base_kib", found.base_kib, &json);
  add_number("peak_kib", found.peak_kib, &json);
  add_number("activation_bytes", found.activation_bytes, &json);
  json.add(", \"profile\": ");
  json.add_bytes(found.profile.size() ? found.profile.data() : "null",
                 found.profile.size() ? found.profile.size() : 4);
  add_tensors(lite, "inputs", session.input_count(), [&](int32_t i) { return session.input(i); },
              &json);
  add_tensors(lite, "outputs", session.output_count(), [&](int32_t i) { return session.output(i); },
              &json);
  json.add("}\n");
  write_output(json.data(), json.size());
}

}  // namespace
}  // namespace bvit

int main(int count, char** words) {
  const bvit::Arguments arguments = bvit::read_arguments(count, words);
  const bvit::TfLite lite = bvit::load_tflite(arguments.library);
  bvit::DelegateLibrary delegates(arguments);
  bvit::Found found = {};
  bvit::reset_peak();
  found.base_kib = bvit::status_kib("VmRSS");
  bvit::Session session(lite, arguments, &delegates);
  bvit::measure(lite, arguments, delegates, &session, &found);
  bvit::print(lite, session, found);
  return 0;
}

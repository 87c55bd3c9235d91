// Mutates graphs and runs them through the delegate, until the time is over or it fails.
//
//   fuzz [-minutes N] [-seed N] SEEDS... FOLDER    SEEDS: files of seeds.py
//   fuzz -run FILE...                              runs what an earlier failure left
//   fuzz -minimize FILE                            makes that smaller, in place, and prints it
//
// A graph that runs code which none has run before is kept, and mutated further. What made the
// delegate fail or hang is written to FOLDER. AddressSanitizer and its friends say what is wrong.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <map>

#include "base/export.h"
#include "coverage.h"
#include "fake_runtime.h"
#include "graph_case.h"
#include "minimize.h"
#include "mutate.h"
#include "random.h"

extern "C" void __sanitizer_set_death_callback(void (*callback)());

namespace fuzz {
namespace {

constexpr unsigned kHangSeconds = 60;  // of a run, slowed down by the sanitizers
constexpr size_t kMostKept = 20000;
constexpr uint64_t kSeedRuns = 16;

const Case* running = nullptr;
const char* folder = ".";

// Leaves the graph that is running behind.
void leave() {
  if (running == nullptr) return;
  char path[512];
  snprintf(path, sizeof(path), "%s/failure-%d.case", folder, static_cast<int>(getpid()));
  const bool written = write_case(path, *running);
  running = nullptr;
  fprintf(stderr, "%s %s\n", written ? "the graph is in" : "can't write", path);
}

void on_signal(int number) {
  fprintf(stderr, number == SIGALRM ? "a run takes more than %u s\n" : "aborted\n", kHangSeconds);
  leave();
  signal(number, SIG_DFL);
  if (number == SIGALRM) abort();  // with a core, or in a debugger, it shows where
  raise(number);
}

Outcome run_watched(const Case& c, std::string* error) {
  running = &c;
  alarm(kHangSeconds);
  const Outcome outcome = run_case(c, error);
  alarm(0);
  running = nullptr;
  return outcome;
}

std::string without_numbers(const std::string& text) {
  std::string out;
  for (char c : text)
    if (c < '0' || c > '9') out += c;
  return out;
}

double seconds() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

class Fuzzer {
 public:
  Fuzzer(uint64_t seed) : random_(seed) {}

  bool add_seed(const char* path) {
    Case c;
    if (!read_case(path, &c)) {
      fprintf(stderr, "%s is not a graph of seeds.py\n", path);
      return false;
    }
    kept_.push_back(c);
    for (c.run_seed = 0; c.run_seed < kSeedRuns; c.run_seed++)  // with various settings
      if (try_case(c) == Outcome::kRan) return true;
    fprintf(stderr, "the seed %s does not run\n", path);
    return true;
  }

  void run(double minutes) {
    const double start = seconds();
    double told = start;
    while (seconds() - start < 60 * minutes) {
      Case c = parent();
      mutate(&c, &random_);
      try_case(c);
      if (seconds() - told < 30) continue;
      told = seconds();
      tell(told - start);
    }
    tell(seconds() - start);
    write_coverage((std::string(folder) + "/reached.txt").c_str());
    for (const auto& refusal : refusals_)
      printf("refused %ld times after shapes changed: %s\n", refusal.second, refusal.first.c_str());
  }

 private:
  // The newer ones more often: they are what led to new code.
  const Case& parent() {
    if (random_.one_in(2)) return kept_[random_.below(kept_.size())];
    const size_t newest = kept_.size() < 64 ? kept_.size() : 64;
    return kept_[kept_.size() - 1 - random_.below(newest)];
  }

  Outcome try_case(const Case& c) {
    begin_coverage();
    std::string error;
    const Outcome outcome = run_watched(c, &error);
    runs_++;
    outcomes_[static_cast<int>(outcome)]++;
    if (outcome == Outcome::kUnprepared) refusals_[without_numbers(error)]++;
    if (new_coverage() > 0 && kept_.size() < kMostKept) kept_.push_back(c);
    return outcome;
  }

  void tell(double elapsed) {
    printf("%.1f minutes: %ld graphs, %.0f a second, %zu kept, %zu places of code;", elapsed / 60,
           runs_, static_cast<double>(runs_) / elapsed, kept_.size(), all_coverage());
    for (int i = 0; i < kOutcomes; i++)
      printf(" %s %.1f%%", name_of(static_cast<Outcome>(i)),
             100.0 * static_cast<double>(outcomes_[i]) / static_cast<double>(runs_));
    printf("\n");
    fflush(stdout);
  }

  Random random_;
  std::vector<Case> kept_;
  long runs_ = 0, outcomes_[kOutcomes] = {};
  std::map<std::string, long> refusals_;
};

int repeat(int count, char** paths) {
  for (int i = 0; i < count; i++) {
    Case c;
    if (!read_case(paths[i], &c)) {
      fprintf(stderr, "%s is not a graph of this program\n", paths[i]);
      return 2;
    }
    const double start = seconds();
    std::string error;
    const Outcome outcome = run_watched(c, &error);
    printf("%s: %s, %.3f s %s\n", paths[i], name_of(outcome), seconds() - start, error.c_str());
  }
  return 0;
}

int minimize_file(const char* path) {
  Case c;
  if (!read_case(path, &c)) {
    fprintf(stderr, "%s is not a graph of this program\n", path);
    return 2;
  }
  minimize(&c);
  print_case(c);
  return write_case(path, c) ? 0 : 1;
}

int usage() {
  fprintf(stderr, "usage: fuzz [-minutes N] [-seed N] SEEDS... FOLDER | fuzz -run FILE... | "
                  "fuzz -minimize FILE\n");
  return 2;
}

int main_of(int argc, char** argv) {
  double minutes = 1;
  uint64_t seed = 0;
  int at = 1;
  if (argc > 2 && strcmp(argv[1], "-run") == 0) return repeat(argc - 2, argv + 2);
  if (argc == 3 && strcmp(argv[1], "-minimize") == 0) return minimize_file(argv[2]);
  for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
    if (strcmp(argv[at], "-minutes") == 0) minutes = atof(argv[at + 1]);
    else if (strcmp(argv[at], "-seed") == 0) seed = strtoull(argv[at + 1], nullptr, 10);
    else return usage();
  }
  if (argc - at < 2) return usage();
  folder = argv[argc - 1];
  Fuzzer fuzzer(seed);
  for (; at < argc - 1; at++)
    if (!fuzzer.add_seed(argv[at])) return 2;
  fuzzer.run(minutes);
  return 0;
}

}  // namespace
}  // namespace fuzz

// A runtime lives in programs with their own ideas of memory: an allocation that can't be had must
// be told, not end the program.
BVIT_EXPORT const char* __asan_default_options() {
  return "allocator_may_return_null=1:max_allocation_size_mb=256:detect_stack_use_after_return=0:"
         "handle_abort=1:detect_leaks=1";
}

// Each sanitizer has a runtime of its own, of which the first alone knows the callback.
BVIT_EXPORT void __ubsan_on_report() { fuzz::leave(); }

BVIT_EXPORT const char* __ubsan_default_options() { return "print_stacktrace=1"; }

int main(int argc, char** argv) {
  __sanitizer_set_death_callback(fuzz::leave);
  signal(SIGALRM, fuzz::on_signal);
  return fuzz::main_of(argc, argv);
}

// That the checks of check.h can fail: a missed instruction set, a byte written in front of a buffer,
// and a byte read behind it.
#include <signal.h>
#include <sys/wait.h>

#include "check.h"

namespace bvit {
namespace test {
namespace {

// Runs `body` in a child; its exit status, or minus the signal that ended it.
int in_child(int (*body)()) {
  fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    // expected failures say nothing, nor does a sanitizer that would take the signal for a fault
    if (!freopen("/dev/null", "w", stderr) || !freopen("/dev/null", "w", stdout)) _exit(99);
    signal(SIGSEGV, SIG_DFL), signal(SIGBUS, SIG_DFL);
    _exit(body());
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return 98;
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int covers_nothing() { return finish("nothing"); }

int covers_all() {
#define BVIT_COVER(name, needs) cover(#name);
  BVIT_ISA_LIST(BVIT_COVER)
#undef BVIT_COVER
  return finish("all");
}

int writes_in_front() {
  {
    Guarded<uint32_t> buffer(3);
    const_cast<volatile uint32_t*>(buffer.data())[-1] = 0;
  }
  return failures ? 1 : 0;
}

int stays_inside() {
  {
    Guarded<uint32_t> buffer(3);
    for (size_t i = 0; i < 3; i++) buffer[i] = 0;
  }
  return failures ? 1 : 0;
}

int reads_behind() {
  Guarded<uint32_t> buffer(3);
  return const_cast<volatile uint32_t*>(buffer.data())[3] == 7;
}

}  // namespace
}  // namespace test
}  // namespace bvit

int main() {
  using namespace bvit::test;
  const int nothing = in_child(covers_nothing), all = in_child(covers_all);
  CHECK(nothing == 1 && all == 0, "no coverage gives %d, full coverage %d", nothing, all);
  const int front = in_child(writes_in_front), inside = in_child(stays_inside);
  CHECK(front == 1 && inside == 0, "a write in front gives %d, inside %d", front, inside);
  const int behind = in_child(reads_behind);
  CHECK(behind == -SIGSEGV || behind == -SIGBUS, "a read behind gives %d", behind);
  printf("check: %s\n", failures ? "FAILED" : "passed");
  return failures ? 1 : 0;
}

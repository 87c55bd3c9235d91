#include "minimize.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_runtime.h"

namespace fuzz {
namespace {

constexpr unsigned kSeconds = 60;

bool fails(const Case& c) {
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, 2);
    alarm(kSeconds);
    run_case(c);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

bool keep_if_failing(Case* c, const Case& smaller) {
  if (!fails(smaller)) return false;
  *c = smaller;
  return true;
}

// Halves of the nodes, quarters and so on, down to single ones.
bool drop_nodes(Case* c) {
  bool any = false;
  for (size_t part = c->nodes.size() / 2; part > 0; part /= 2)
    for (size_t at = 0; at + part <= c->nodes.size();) {
      Case smaller = *c;
      smaller.nodes.erase(smaller.nodes.begin() + at, smaller.nodes.begin() + at + part);
      if (keep_if_failing(c, smaller)) any = true;
      else at += part;
    }
  return any;
}

bool drop_ends(Case* c) {
  bool any = false;
  for (int which = 0; which < 2; which++)
    for (size_t i = 0; i < (which ? c->outputs : c->inputs).size();) {
      Case smaller = *c;
      std::vector<int32_t>* list = which ? &smaller.outputs : &smaller.inputs;
      list->erase(list->begin() + i);
      if (keep_if_failing(c, smaller)) any = true;
      else i++;
    }
  return any;
}

// Tensors that no node names; their places close up.
void drop_tensors(Case* c) {
  const int32_t count = static_cast<int32_t>(c->tensors.size());
  std::vector<int32_t> moved(count, -1);
  Case smaller = *c;
  smaller.tensors.clear();
  const auto visit = [&](std::vector<int32_t>* list) {
    for (int32_t& t : *list) {
      if (t < 0 || t >= count) continue;
      if (moved[t] < 0) {
        moved[t] = static_cast<int32_t>(smaller.tensors.size());
        smaller.tensors.push_back(c->tensors[t]);
      }
      t = moved[t];
    }
  };
  for (CaseNode& n : smaller.nodes) visit(&n.inputs), visit(&n.outputs);
  visit(&smaller.inputs), visit(&smaller.outputs);
  keep_if_failing(c, smaller);
}

const char* flags_of(const CaseTensor& t) {
  return t.constant ? " constant" : t.variable ? " variable" : "";
}

void print_list(const char* name, const std::vector<int32_t>& values) {
  printf(" %s(", name);
  for (size_t i = 0; i < values.size(); i++) printf(i ? ", %d" : "%d", values[i]);
  printf(")");
}

}  // namespace

void minimize(Case* c) {
  while (drop_nodes(c) || drop_ends(c)) {
  }
  drop_tensors(c);
}

void print_case(const Case& c) {
  for (size_t t = 0; t < c.tensors.size(); t++) {
    printf("tensor %zu: type %d%s", t, c.tensors[t].type, flags_of(c.tensors[t]));
    print_list("", c.tensors[t].dims);
    const std::vector<uint8_t>& data = c.tensors[t].data;
    if (!data.empty() && data.size() <= 64) {
      printf(" words");
      for (size_t i = 0; i + 4 <= data.size(); i += 4)
        printf(" %d", *reinterpret_cast<const int32_t*>(data.data() + i));
    }
    printf("\n");
  }
  for (const CaseNode& n : c.nodes) {
    printf("node: operator %d %s", n.builtin_code, n.custom_name.c_str());
    print_list("reads", n.inputs);
    print_list("writes", n.outputs);
    if (n.has_builtin_options) {
      printf(" options");
      for (size_t i = 0; i < 40; i += 4)
        printf(" %d", *reinterpret_cast<const int32_t*>(n.builtin_options.data() + i));
    }
    printf("\n");
  }
  print_list("inputs", c.inputs);
  print_list("outputs", c.outputs);
  printf("\n");
}

}  // namespace fuzz

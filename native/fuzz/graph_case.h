// A graph as a .tflite holds it, in a form that is quick to copy and to mutate, and how it is run.
#pragma once

#include <stdint.h>

#include <string>
#include <vector>

namespace fuzz {

struct CaseTensor {
  int32_t type = 1;
  bool constant = false, variable = false, sparse = false, affine = false;
  std::vector<int32_t> dims;
  float scale = 0;
  int32_t zero_point = 0;
  std::vector<uint8_t> data;  // of a constant
};

struct CaseNode {
  int32_t builtin_code = 0;
  std::string custom_name;  // of builtin code 32
  std::vector<int32_t> inputs, outputs;
  std::vector<uint8_t> custom_options;
  bool has_builtin_options = false;
  std::vector<uint8_t> builtin_options;  // as the C struct lies in memory, and more room
};

struct Case {
  std::vector<CaseTensor> tensors;
  std::vector<CaseNode> nodes;  // in order of execution
  std::vector<int32_t> inputs, outputs;
  uint64_t run_seed = 0;  // of all that is random while it runs
};

constexpr size_t kBuiltinRoom = 128;  // bytes, more than any struct of options has

// False where the file is not one that `write_case` or seeds.py wrote.
bool read_case(const char* path, Case* out);
bool write_case(const char* path, const Case& c);

}  // namespace fuzz

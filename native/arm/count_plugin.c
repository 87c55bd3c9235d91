// A plugin for qemu-user that counts the guest's instructions, and says so when the guest exits.
//
//   qemu-aarch64 -plugin libcount_plugin.so,out=<file> program
//
// Debian packages qemu's plugin interface without its header, so the few functions are declared here.
// The version is that of qemu 7 and 8 (Debian 12); a static qemu takes no plugins at all.
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;

extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* block);
extern void qemu_plugin_register_vcpu_tb_trans_cb(
    qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t id, struct qemu_plugin_tb* block));
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb* block,
                                                 void (*callback)(unsigned cpu, void* with),
                                                 int flags, void* with);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id,
                                           void (*callback)(qemu_plugin_id_t id, void* with),
                                           void* with);

EXPORT int qemu_plugin_version = 1;

static uint64_t executed;
static char* file;

static void on_block(unsigned cpu, void* with) {
  (void)cpu;
  __atomic_fetch_add(&executed, (uint64_t)(uintptr_t)with, __ATOMIC_RELAXED);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  const int no_registers = 0;
  const size_t count = qemu_plugin_tb_n_insns(block);
  qemu_plugin_register_vcpu_tb_exec_cb(block, on_block, no_registers, (void*)(uintptr_t)count);
}

static void write_count(qemu_plugin_id_t id, void* with) {
  (void)id, (void)with;
  FILE* out = fopen(file, "w");
  if (out == NULL) return;
  fprintf(out, "%" PRIu64 "\n", executed);
  fclose(out);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void* info, int argc, char** argv) {
  (void)info;
  if (argc != 1 || strncmp(argv[0], "out=", 4) != 0) return 1;
  file = strdup(argv[0] + 4);
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_atexit_cb(id, write_count, NULL);
  return 0;
}

/*
 * failing_memory.h - an allocator in front of the C library's that can be told to fail, and counts
 * what is alive.
 *
 * Include it in the one file of a test program. AddressSanitizer does the same, so under it nothing
 * fails.
 */
#ifndef HW_TESTS_FAILING_MEMORY_H
#define HW_TESTS_FAILING_MEMORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

static atomic_long memory_fail_at = -1; /* counts down; the allocation that meets zero fails */
static atomic_long memory_alive;

#ifdef __SANITIZE_ADDRESS__
enum { MEMORY_CAN_FAIL = 0 };
#else
enum { MEMORY_CAN_FAIL = 1 };

/* Shared libraries must find these too, whatever the project hides. */
#define MEMORY_SEEN_BY_ALL __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void __libc_free(void *memory);

static bool memory_refused(void) {
  return memory_fail_at >= 0 && memory_fail_at-- == 0;
}

MEMORY_SEEN_BY_ALL void *malloc(size_t size) {
  void *made = memory_refused() ? NULL : __libc_malloc(size);
  memory_alive += made != NULL;
  return made;
}

MEMORY_SEEN_BY_ALL void *calloc(size_t count, size_t size) {
  void *made = memory_refused() ? NULL : __libc_calloc(count, size);
  memory_alive += made != NULL;
  return made;
}

MEMORY_SEEN_BY_ALL void *realloc(void *memory, size_t size) {
  void *made = memory_refused() ? NULL : __libc_realloc(memory, size);
  memory_alive += memory == NULL && made != NULL;
  return made;
}

MEMORY_SEEN_BY_ALL void free(void *memory) {
  memory_alive -= memory != NULL;
  __libc_free(memory);
}
#endif

#endif

/*
 * buf.h - a growing byte buffer with a maximum given at birth, and a view of bytes.
 *
 * The buffer owns its memory. A failed append frees it and leaves it empty, so that an error path
 * needs no clean-up of its own. A buffer marked secret is wiped whenever its memory is released or
 * moved.
 */
#ifndef HW_BUF_H
#define HW_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "error.h"

/* Bytes that somebody else owns; not NUL-terminated. */
typedef struct hw_view {
  const char *ptr;
  size_t len;
} hw_view;

typedef struct hw_buf {
  char *ptr; /* owned; NULL while empty. One NUL byte follows the content when not NULL */
  size_t len;
  size_t capacity;
  size_t max;
  bool secret;
} hw_buf;

/* The view of a NUL-terminated string (borrowed); NULL gives an empty view. */
hw_view hw_view_of(const char *text);
static inline uint64_t hw_load8(const char *at) {
  uint64_t word;
  memcpy(&word, at, sizeof word);
  return word;
}
static inline uint32_t hw_load4(const char *at) {
  uint32_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

/* Most texts that are compared are keys of a few letters, for which a call of memcmp is dear: two
   words that may overlap say it. */
static inline bool hw_view_equal(hw_view a, hw_view b) {
  if (a.len != b.len || a.len == 0) {
    return a.len == b.len;
  }
  if (a.len < 4 || a.len > 16) {
    return memcmp(a.ptr, b.ptr, a.len) == 0;
  }
  if (a.len < 8) {
    return hw_load4(a.ptr) == hw_load4(b.ptr) &&
           hw_load4(a.ptr + a.len - 4) == hw_load4(b.ptr + b.len - 4);
  }
  return hw_load8(a.ptr) == hw_load8(b.ptr) &&
         hw_load8(a.ptr + a.len - 8) == hw_load8(b.ptr + b.len - 8);
}

/* Makes an empty buffer that may hold at most `max` bytes. */
void hw_buf_init(hw_buf *buf, size_t max);
/* The same, for keys and passwords. */
void hw_buf_init_secret(hw_buf *buf, size_t max);
/* Frees the memory (wiping secrets) and leaves the buffer empty and usable. */
void hw_buf_free(hw_buf *buf);
/* Empties the buffer and keeps its memory. */
void hw_buf_clear(hw_buf *buf);

hw_status hw_buf_reserve(hw_buf *buf, size_t extra, hw_error *err) HW_MUST_CHECK;
hw_status hw_buf_append(hw_buf *buf, const void *bytes, size_t len, hw_error *err) HW_MUST_CHECK;
hw_status hw_buf_append_view(hw_buf *buf, hw_view view, hw_error *err) HW_MUST_CHECK;
hw_status hw_buf_append_str(hw_buf *buf, const char *text, hw_error *err) HW_MUST_CHECK;
hw_status hw_buf_append_char(hw_buf *buf, char c, hw_error *err) HW_MUST_CHECK;
hw_status hw_buf_appendf(hw_buf *buf, hw_error *err, const char *format, ...)
    HW_PRINTF(3, 4) HW_MUST_CHECK;

/* The content (borrowed until the buffer changes). */
hw_view hw_buf_view(const hw_buf *buf);
/* Hands the memory out: owned by the caller, to be freed with free(); the buffer is empty
 * afterwards. */
char *hw_buf_take(hw_buf *buf, size_t *len);

/* Overwrites memory in a way that the compiler keeps. */
void hw_wipe(void *memory, size_t len);

#endif

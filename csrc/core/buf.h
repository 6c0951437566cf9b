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
static inline bool hw_view_equal(hw_view a, hw_view b) {
  return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
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

#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

enum { BUF_FIRST_CAPACITY = 64 };

void hw_wipe(void *memory, size_t len) {
  if (memory != NULL && len > 0) {
    OPENSSL_cleanse(memory, len);
  }
}

hw_view hw_view_of(const char *text) {
  return (hw_view){.ptr = text, .len = text == NULL ? 0 : strlen(text)};
}

void hw_buf_init(hw_buf *buf, size_t max) {
  *buf = (hw_buf){.max = max};
}

void hw_buf_init_secret(hw_buf *buf, size_t max) {
  *buf = (hw_buf){.max = max, .secret = true};
}

void hw_buf_free(hw_buf *buf) {
  if (buf == NULL) {
    return;
  }
  if (buf->secret) {
    hw_wipe(buf->ptr, buf->capacity);
  }
  free(buf->ptr);
  *buf = (hw_buf){.max = buf->max, .secret = buf->secret};
}

void hw_buf_clear(hw_buf *buf) {
  if (buf->secret) {
    hw_wipe(buf->ptr, buf->len);
  }
  buf->len = 0;
  if (buf->ptr != NULL) {
    buf->ptr[0] = '\0';
  }
}

/* realloc() may leave a copy of a secret behind, so those are moved by hand. */
static char *grow(hw_buf *buf, size_t capacity) {
  if (!buf->secret) {
    return realloc(buf->ptr, capacity);
  }
  char *moved = malloc(capacity);
  if (moved != NULL && buf->ptr != NULL) {
    memcpy(moved, buf->ptr, buf->len);
    hw_wipe(buf->ptr, buf->capacity);
    free(buf->ptr);
  }
  return moved;
}

hw_status hw_buf_reserve(hw_buf *buf, size_t extra, hw_error *err) {
  if (extra > buf->max || buf->len > buf->max - extra) {
    size_t max = buf->max;
    hw_buf_free(buf);
    return hw_error_set(err, HW_LIMIT, "more than %zu bytes are not accepted here", max);
  }
  size_t needed = buf->len + extra + 1;
  if (needed <= buf->capacity) {
    return HW_OK;
  }
  size_t capacity = buf->capacity == 0 ? BUF_FIRST_CAPACITY : buf->capacity;
  while (capacity < needed) {
    capacity = capacity > (buf->max + 1) / 2 ? buf->max + 1 : capacity * 2;
  }
  char *ptr = grow(buf, capacity);
  if (ptr == NULL) {
    hw_buf_free(buf);
    return hw_error_set(err, HW_NOMEM, "no memory for %zu bytes", capacity);
  }
  buf->ptr = ptr;
  buf->capacity = capacity;
  buf->ptr[buf->len] = '\0';
  return HW_OK;
}

hw_status hw_buf_append(hw_buf *buf, const void *bytes, size_t len, hw_error *err) {
  HW_TRY(hw_buf_reserve(buf, len, err));
  if (len > 0) {
    memcpy(buf->ptr + buf->len, bytes, len);
  }
  buf->len += len;
  buf->ptr[buf->len] = '\0';
  return HW_OK;
}

hw_status hw_buf_append_view(hw_buf *buf, hw_view view, hw_error *err) {
  return hw_buf_append(buf, view.ptr, view.len, err);
}

hw_status hw_buf_append_str(hw_buf *buf, const char *text, hw_error *err) {
  return hw_buf_append(buf, text, strlen(text), err);
}

hw_status hw_buf_append_char(hw_buf *buf, char c, hw_error *err) {
  return hw_buf_append(buf, &c, 1, err);
}

hw_status hw_buf_appendf(hw_buf *buf, hw_error *err, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int size = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (size < 0) {
    return hw_error_set(err, HW_ARGUMENT, "text could not be formatted");
  }
  HW_TRY(hw_buf_reserve(buf, (size_t)size, err));
  va_start(args, format);
  (void)vsnprintf(buf->ptr + buf->len, (size_t)size + 1, format, args);
  va_end(args);
  buf->len += (size_t)size;
  return HW_OK;
}

hw_view hw_buf_view(const hw_buf *buf) {
  return (hw_view){.ptr = buf->ptr, .len = buf->len};
}

char *hw_buf_take(hw_buf *buf, size_t *len) {
  char *ptr = buf->ptr;
  *len = buf->len;
  *buf = (hw_buf){.max = buf->max, .secret = buf->secret};
  return ptr;
}

/*
 * fuzz_url.c - any bytes as a path segment and as query text: what is quoted can stand in a request
 * line, and reads back as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "url.h"

enum { FUZZ_BYTES_MAX = 1 << 20 };

static int digit(char c) {
  return c <= '9' ? c - '0' : c - 'A' + 10;
}

static void must_read_back(const hw_buf *quoted, size_t from, const unsigned char *data,
                           size_t size, bool plus) {
  size_t at = from;
  for (size_t i = 0; i < size; i++, at++) {
    char c = quoted->ptr[at];
    int byte = (unsigned char)c;
    if (c == '%') {
      byte = digit(quoted->ptr[at + 1]) * 16 + digit(quoted->ptr[at + 2]);
      at += 2;
    } else if (plus && c == '+') {
      byte = ' ';
    }
    if (byte != data[i]) {
      abort();
    }
  }
  if (at != quoted->len) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  hw_view text = {.ptr = (const char *)data, .len = size};
  hw_buf out;
  for (int plus = 0; plus < 2; plus++) {
    hw_buf_init(&out, FUZZ_BYTES_MAX);
    if (hw_buf_append_char(&out, '/', NULL) == HW_OK &&
        (plus ? hw_url_append_query(&out, text, NULL) : hw_url_append_segment(&out, text, NULL)) ==
            HW_OK) {
      must_read_back(&out, 1, data, size, plus == 1);
      if (hw_url_check_path(out.ptr, NULL) != HW_OK) {
        abort();
      }
    }
    hw_buf_free(&out);
  }
  hw_origin origin;
  hw_buf_init(&out, FUZZ_BYTES_MAX);
  if (hw_buf_append_view(&out, text, NULL) == HW_OK && out.ptr != NULL) {
    if (hw_url_check_absolute(out.ptr, &origin, NULL) == HW_OK && origin.host[0] == '\0') {
      abort();
    }
    (void)(hw_url_check_proxy(out.ptr, NULL) == HW_OK);
  }
  hw_buf_free(&out);
  return 0;
}

/*
 * fuzz_content_range.c - any bytes as a Content-Range header: what is accepted is a range within
 * the whole.
 */
#include <stdlib.h>

#include "content_range.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  hw_content_range range;
  if (hw_content_range_parse((hw_view){.ptr = (const char *)data, .len = size}, &range) &&
      (range.begin >= range.end || range.end > range.total || range.total > INT64_MAX)) {
    abort();
  }
  return 0;
}

/*
 * content_range.h - reads the Content-Range header of a partial answer. Pure, thread-safe.
 */
#ifndef HW_CONTENT_RANGE_H
#define HW_CONTENT_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

typedef struct hw_content_range {
  uint64_t begin; /* offset of the first byte */
  uint64_t end;   /* offset behind the last byte; greater than begin */
  uint64_t total; /* size of the whole; at least end */
} hw_content_range;

/* Reads "bytes 0-99/1234". False for anything else, also for an unknown total ("bytes 0-99/" and a
 * star). */
bool hw_content_range_parse(hw_view value, hw_content_range *out);

#endif

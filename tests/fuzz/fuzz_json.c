/*
 * fuzz_json.c - any bytes as JSON: parsing, walking, writing, and the search for the fault never
 * read or write out of bounds, and what was read is written so that it reads the same again.
 */
#include <stdlib.h>

#include "json.h"
#include "json_write.h"

enum { FUZZ_BYTES_MAX = 1 << 20 };

/* What is frozen reads as before. */
static void freeze(hw_json value, const hw_buf *text) {
  hw_json thawed;
  hw_buf again;
  uint64_t *tape = NULL;
  hw_json_extent extent = hw_json_measure(value);
  char *frozen = malloc(extent.size);
  if (frozen == NULL) {
    return;
  }
  hw_json_freeze(value, &extent, frozen);
  hw_buf_init(&again, FUZZ_BYTES_MAX * 8);
  if (hw_json_thaw(frozen, &tape, &thawed, NULL) == HW_OK &&
      (hw_json_write_value(&again, thawed, NULL) != HW_OK ||
       !hw_view_equal(hw_buf_view(text), hw_buf_view(&again)))) {
    abort();
  }
  hw_buf_free(&again);
  free(tape);
  free(frozen);
}

/* A fault that the parser finds must have a place; good text must survive a round. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  static hw_json_parser *parser, *again;
  hw_json root, second;
  hw_error err;
  hw_buf text, text2;
  if (parser == NULL) {
    parser = hw_json_parser_new(FUZZ_BYTES_MAX);
    again = hw_json_parser_new(FUZZ_BYTES_MAX * 8);
  }
  hw_error_init(&err);
  if (hw_json_parse(parser, (const char *)data, size, size, &root, &err) != HW_OK) {
    if (err.message[0] == '\0') {
      abort();
    }
    return 0;
  }
  if (hw_json_locate((const char *)data, size, NULL) != HW_OK) {
    abort();
  }
  hw_buf_init(&text, FUZZ_BYTES_MAX * 8);
  hw_buf_init(&text2, FUZZ_BYTES_MAX * 8);
  hw_error_init(&err);
  if (hw_json_write_value(&text, root, &err) == HW_OK) {
    if (hw_json_parse(again, text.ptr, text.len, text.capacity, &second, &err) != HW_OK ||
        hw_json_write_value(&text2, second, &err) != HW_OK ||
        !hw_view_equal(hw_buf_view(&text), hw_buf_view(&text2))) {
      abort();
    }
    freeze(root, &text);
  }
  hw_buf_free(&text);
  hw_buf_free(&text2);
  return 0;
}

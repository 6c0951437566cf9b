/*
 * test_content_range.c - the ranges that servers answer with.
 */
#include "content_range.h"

#include "check.h"

static bool parse(const char *text, hw_content_range *out) {
  return hw_content_range_parse(hw_view_of(text), out);
}

static void ranges_are_read(void) {
  hw_content_range range;
  CHECK(parse("bytes 0-99/1234", &range));
  CHECK_INT(range.begin, 0);
  CHECK_INT(range.end, 100);
  CHECK_INT(range.total, 1234);
  CHECK(parse("bytes 5-5/6", &range));
  CHECK_INT(range.end, 6);
  CHECK(parse("bytes 0-9223372036854775806/9223372036854775807", &range));
  CHECK_INT(range.end, 9223372036854775807);
}

static void everything_else_is_refused(void) {
  static const char *const texts[] = {"",
                                      "bytes",
                                      "bytes ",
                                      "bytes 0-99/*",
                                      "bytes */100",
                                      "bytes 0-99",
                                      "bytes 0-99/100 ",
                                      "bytes 9-8/100",
                                      "bytes 0-100/100",
                                      "bytes -1-5/10",
                                      "bytes 0--5/10",
                                      "items 0-5/10",
                                      "bytes 0-9223372036854775807/9223372036854775807",
                                      "bytes 0-5/18446744073709551626",
                                      "bytes 0-99999999999999999999999999/10"};
  hw_content_range range;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    CHECK(!parse(texts[i], &range));
  }
  CHECK(!hw_content_range_parse((hw_view){0}, &range));
}

int main(void) {
  RUN(ranges_are_read);
  RUN(everything_else_is_refused);
  return check_failures == 0 ? 0 : 1;
}

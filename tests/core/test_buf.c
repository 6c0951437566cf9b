#include "buf.h"
#include "check.h"

#include <stdlib.h>

static void test_append_grows_and_terminates(void) {
  hw_buf buf;
  hw_buf_init(&buf, 1000);
  for (int i = 0; i < 100; i++) {
    CHECK_INT(hw_buf_append(&buf, "0123456789", 10, NULL), HW_OK);
  }
  CHECK_INT(buf.len, 1000);
  CHECK_INT(buf.ptr[1000], 0);
  CHECK(hw_view_equal((hw_view){buf.ptr + 990, 10}, hw_view_of("0123456789")));
  hw_buf_free(&buf);
}

static void test_limit_frees_and_explains(void) {
  hw_buf buf;
  hw_error err;
  hw_error_init(&err);
  hw_buf_init(&buf, 8);
  CHECK_INT(hw_buf_append_str(&buf, "12345678", &err), HW_OK);
  CHECK_INT(hw_buf_append_char(&buf, '9', &err), HW_LIMIT);
  CHECK_INT(err.status, HW_LIMIT);
  CHECK(strstr(err.message, "8 bytes") != NULL);
  CHECK(buf.ptr == NULL);
  CHECK_INT(buf.len, 0);
  CHECK_INT(hw_buf_append_str(&buf, "again", NULL), HW_OK);
  hw_buf_free(&buf);
}

static void test_reserve_cannot_overflow(void) {
  hw_buf buf;
  hw_buf_init(&buf, 100);
  CHECK_INT(hw_buf_append_str(&buf, "x", NULL), HW_OK);
  CHECK_INT(hw_buf_reserve(&buf, (size_t)-1, NULL), HW_LIMIT);
  hw_buf_free(&buf);
}

static void test_secret_is_wiped_when_it_moves(void) {
  hw_buf buf;
  hw_buf_init_secret(&buf, 4096);
  CHECK_INT(hw_buf_append_str(&buf, "ApiKey key.value", NULL), HW_OK);
  CHECK_INT(hw_buf_reserve(&buf, 2000, NULL), HW_OK);
  CHECK_STR(buf.ptr, "ApiKey key.value");
  hw_buf_clear(&buf);
  for (size_t i = 0; i < 16; i++) {
    CHECK_INT(buf.ptr[i], 0);
  }
  hw_buf_free(&buf);
}

static void test_take_hands_memory_out(void) {
  hw_buf buf;
  size_t len = 0;
  hw_buf_init(&buf, 100);
  CHECK_INT(hw_buf_appendf(&buf, NULL, "%s-%d", "row", 7), HW_OK);
  char *text = hw_buf_take(&buf, &len);
  CHECK_STR(text, "row-7");
  CHECK_INT(len, 5);
  CHECK(buf.ptr == NULL);
  free(text);
}

static void test_error_keeps_the_first_message(void) {
  hw_error err;
  hw_error_init(&err);
  CHECK_INT(hw_error_set(&err, HW_CONNECT, "no answer from %s", "host:443"), HW_CONNECT);
  CHECK_INT(hw_error_set(&err, HW_IO, "later"), HW_IO);
  CHECK_INT(err.status, HW_CONNECT);
  hw_error_context(&err, "login");
  CHECK_STR(err.message, "login: no answer from host:443");
  CHECK_STR(hw_status_text(HW_TIMEOUT), "timed out");
  CHECK_INT(hw_error_set(NULL, HW_NOMEM, "ignored"), HW_NOMEM);
}

int main(void) {
  RUN(test_append_grows_and_terminates);
  RUN(test_limit_frees_and_explains);
  RUN(test_reserve_cannot_overflow);
  RUN(test_secret_is_wiped_when_it_moves);
  RUN(test_take_hands_memory_out);
  RUN(test_error_keeps_the_first_message);
  return check_failures == 0 ? 0 : 1;
}

/*
 * fuzz_http_head.c - any bytes as the lines of an answer's head, the value of Retry-After and the
 * target of a redirect: nothing is read out of bounds, numbers stay in range, and a URL that is
 * accepted has a host.
 */
#include <stdlib.h>
#include <string.h>

#include "http_response.h"
#include "retry.h"
#include "url.h"

static void check(bool good) {
  if (!good) {
    abort();
  }
}

static void read_lines(const char *text, size_t size, hw_http_response *response) {
  const char *at = text;
  const char *end = text + size;
  while (at < end) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const char *next = newline == NULL ? end : newline + 1;
    hw_view line = {.ptr = at, .len = (size_t)(next - at)};
    if (hw__http_response_line(response, line, NULL) != HW_OK) {
      return;
    }
    at = next;
  }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  hw_http_response response;
  hw_origin origin;
  const char *text = (const char *)data;
  hw_http_response_init(&response);
  read_lines(text, size, &response);
  check(response.status >= 0 && response.status <= 999);
  check(memchr(response.reason, '\0', sizeof response.reason) != NULL);
  hw_view after = hw_http_response_header(&response, "Retry-After");
  check(after.len <= response.head.len);
  int64_t wait = hw_retry_after_parse(after, 1700000000);
  check(wait >= -1);
  check(hw_retry_after_parse((hw_view){.ptr = text, .len = size}, 1700000000) >= -1);
  hw_view target = hw_http_response_header(&response, "Location");
  char *url = malloc(target.len + 1);
  if (url != NULL) {
    memcpy(url, target.len == 0 ? "" : target.ptr, target.len);
    url[target.len] = '\0';
    if (hw_origin_parse(url, &origin, NULL) == HW_OK) {
      check(origin.host[0] != '\0' && origin.port > 0 && origin.port < 65536);
    }
    free(url);
  }
  hw_http_response_free(&response);
  return 0;
}

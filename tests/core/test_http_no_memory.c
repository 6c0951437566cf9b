/*
 * test_http_no_memory.c - a service opened, asked and closed while memory runs out at each
 * allocation in turn, also inside curl: nothing wrong is sent, nothing is lost, and the next call
 * works. (libcurl 7.88 itself loses the query of a URL when one allocation of its own fails; the
 * script allows for that.)
 */
#include "failing_memory.h"

#include "check.h"
#include "http.h"
#include "http_stream.h"
#include "server.h"

static server peer;
static char socket_path[64];

static hw_status token(void *ctx, hw_buf *value, hw_error *err) {
  (void)ctx;
  return hw_buf_append_str(value, "Bearer abc.secret", err);
}

static hw_http_pool *open_pool(hw_error *err) {
  static const hw_http_header headers[] = {
      {{"X-Own", 5}, {"value", 5}},
  };
  hw_http_pool *pool = NULL;
  hw_http_config config;
  hw_http_config_init(&config);
  config.base_url = "http://localhost";
  config.unix_socket = socket_path;
  config.headers = headers;
  config.header_count = 1;
  config.credential.read = token;
  config.retry.max_attempts = 1;
  hw_status status = hw_http_pool_new(&config, &pool, err);
  CHECK((status == HW_OK) == (pool != NULL));
  return pool;
}

static hw_status put(hw_http_pool *pool, hw_error *err) {
  hw_http_header type = {hw_view_of("Content-Type"), hw_view_of("text/plain")};
  hw_http_source source = {.memory = hw_view_of("content")};
  hw_http_request request;
  hw_http_response response;
  hw_http_response_init(&response);
  hw_http_request_init(&request, "PUT", "/a?b=c");
  request.headers = &type;
  request.header_count = 1;
  request.source = &source;
  hw_status status = hw_http_send(pool, &request, &response, err);
  if (status == HW_OK) {
    CHECK_INT(response.status, 200);
    CHECK_STR(response.body.ptr, "good");
  }
  hw_http_response_free(&response);
  return status;
}

static hw_status pull(hw_http_pool *pool, hw_error *err) {
  hw_http_request request;
  hw_http_stream *stream = NULL;
  char into[8];
  size_t got = 0;
  hw_http_request_init(&request, "GET", "/down");
  hw_status status = hw_http_stream_open_download(pool, &request, &stream, err);
  if (status == HW_OK) {
    status = hw_http_stream_read(stream, into, sizeof into, &got, err);
  }
  hw_http_stream_free(stream);
  return status;
}

static hw_status whole(hw_error *err) {
  hw_http_pool *pool = open_pool(err);
  if (pool == NULL) {
    return err->status;
  }
  hw_status status = put(pool, err);
  if (status == HW_OK) {
    status = pull(pool, err);
  }
  hw_http_pool_free(pool);
  return status;
}

static void every_allocation_may_fail(void) {
  hw_error err;
  hw_status status = HW_NOMEM;
  /* What libraries set up once stays alive. */
  for (int i = 0; i < 2; i++) {
    hw_error_init(&err);
    CHECK_INT(whole(&err), HW_OK);
  }
  for (long at = 0; MEMORY_CAN_FAIL && at < 100000; at++) {
    hw_error_init(&err);
    long before = memory_alive;
    memory_fail_at = at;
    status = whole(&err);
    bool failed = memory_fail_at < 0;
    memory_fail_at = -1;
    if (memory_alive != before) {
      (void)fprintf(stderr, "allocation %ld: %ld blocks left\n", at, (long)memory_alive - before);
      check_failures++;
    }
    CHECK(status == HW_OK || err.message[0] != '\0');
    if (!failed) {
      break;
    }
  }
  CHECK(status == HW_OK || !MEMORY_CAN_FAIL);
  hw_error_init(&err);
  CHECK_INT(whole(&err), HW_OK);
}

static void a_kept_connection_survives(void) {
  hw_error err;
  hw_error_init(&err);
  hw_http_pool *pool = open_pool(&err);
  CHECK_INT(put(pool, &err), HW_OK);
  for (long at = 0; MEMORY_CAN_FAIL && at < 100000; at++) {
    hw_error_init(&err);
    memory_fail_at = at;
    hw_status status = put(pool, &err);
    bool failed = memory_fail_at < 0;
    memory_fail_at = -1;
    CHECK(status == HW_OK || err.message[0] != '\0');
    if (!failed) {
      CHECK_INT(status, HW_OK);
      break;
    }
  }
  hw_http_pool_free(pool);
}

int main(void) {
  char script[512];
  (void)snprintf(socket_path, sizeof socket_path, "/tmp/hw-memory-%d.sock", (int)getpid());
  (void)snprintf(
      script, sizeof script,
      "{\"unix_socket\": \"%s\", \"ordered\": false, \"complete\": false, \"steps\": "
      "[{\"expect\": \"PUT /a?b=c\", \"body\": \"good\", \"expect_body\": \"content\", \"times\": "
      "3000, \"expect_headers\": {\"Content-Type\": \"text/plain\", \"Authorization\": \"Bearer "
      "abc.secret\", \"Expect\": null}},"
      "{\"expect\": \"PUT /a\", \"body\": \"good\", \"times\": 100},"
      "{\"expect\": \"GET /down\", \"size\": 100000, \"times\": 3000, \"expect_headers\": "
      "{\"Authorization\": \"Bearer abc.secret\"}}]}",
      socket_path);
  server_start(&peer, script, 0);
  RUN(every_allocation_may_fail);
  RUN(a_kept_connection_survives);
  CHECK_INT(server_stop(&peer), 0);
  unlink(socket_path);
  return check_failures == 0 ? 0 : 1;
}

#include "http_stream.h"

#include <pthread.h>
#include <time.h>

#include "check.h"
#include "server.h"

static hw_http_pool *open_pool(const server *peer) {
  hw_http_pool *pool = NULL;
  hw_http_config config;
  hw_http_config_init(&config);
  config.base_url = peer->url;
  config.read_timeout_ms = 3000;
  config.retry.first_delay_ms = 20;
  CHECK_INT(hw_http_pool_new(&config, &pool, NULL), HW_OK);
  return pool;
}

static void content_is_pushed(void) {
  server peer;
  hw_http_request request;
  hw_http_stream *stream = NULL;
  hw_error err;
  static char block[700000];
  memset(block, 'b', sizeof block);
  hw_error_init(&err);
  server_start(&peer,
               "{\"steps\": [{\"expect\": \"POST /up\", \"status\": 201, \"body\": \"{}\", "
               "\"expect_headers\": {\"Transfer-Encoding\": \"chunked\"}}]}",
               0);
  hw_http_pool *pool = open_pool(&peer);
  hw_http_request_init(&request, "POST", "/up");
  CHECK_INT(hw_http_stream_open_upload(pool, &request, &stream, &err), HW_OK);
  for (int i = 0; i < 10; i++) {
    CHECK_INT(hw_http_stream_write(stream, (hw_view){block, sizeof block}, &err), HW_OK);
    CHECK_INT(hw_http_stream_write(stream, hw_view_of("x"), &err), HW_OK);
    CHECK_INT(hw_http_stream_write(stream, (hw_view){0}, &err), HW_OK);
  }
  CHECK_INT(hw_http_stream_finish(stream, &err), HW_OK);
  CHECK_INT(hw_http_stream_response(stream)->status, 201);
  CHECK_STR(hw_http_stream_response(stream)->body.ptr, "{}");
  CHECK_INT(hw_http_stream_write(stream, hw_view_of("late"), &err), HW_CLOSED);
  hw_http_stream_free(stream);
  hw_http_pool_free(pool);
  CHECK_INT(server_stop(&peer), 0);
  CHECK(strstr(peer.report, "POST /up 1 7000010") != NULL);
}

static void nothing_pushed_is_an_empty_body(void) {
  server peer;
  hw_http_request request;
  hw_http_stream *stream = NULL;
  server_start(&peer,
               "{\"steps\": [{\"expect\": \"POST /up\", \"expect_body\": \"\"},"
               "{\"expect\": \"GET /next\"}]}",
               0);
  hw_http_pool *pool = open_pool(&peer);
  hw_http_request_init(&request, "POST", "/up");
  CHECK_INT(hw_http_stream_open_upload(pool, &request, &stream, NULL), HW_OK);
  CHECK_INT(hw_http_stream_finish(stream, NULL), HW_OK);
  hw_http_stream_free(stream);
  /* The connection of a finished stream serves the next request. */
  hw_http_response response;
  hw_http_response_init(&response);
  hw_http_request_init(&request, "GET", "/next");
  CHECK_INT(hw_http_send(pool, &request, &response, NULL), HW_OK);
  hw_http_response_free(&response);
  hw_http_pool_free(pool);
  CHECK_INT(server_stop(&peer), 0);
  CHECK_INT(server_count(&peer, "connections "), 1);
}

static void an_early_answer_ends_the_upload(void) {
  server peer;
  hw_http_request request;
  hw_http_stream *stream = NULL;
  hw_error err;
  hw_status status = HW_OK;
  static char block[1000000];
  hw_error_init(&err);
  server_start(&peer,
               "{\"steps\": [{\"expect\": \"POST /up\", \"early\": true, \"status\": 413, "
               "\"reason\": \"Too Large\", \"body\": \"no\"}]}",
               0);
  hw_http_pool *pool = open_pool(&peer);
  hw_http_request_init(&request, "POST", "/up");
  CHECK_INT(hw_http_stream_open_upload(pool, &request, &stream, &err), HW_OK);
  for (int i = 0; i < 100 && status == HW_OK; i++) {
    status = hw_http_stream_write(stream, (hw_view){block, sizeof block}, &err);
  }
  /* The server closed with unread content, so its answer may be lost to a reset. */
  CHECK(status == HW_HTTP || status == HW_IO);
  if (status == HW_HTTP) {
    CHECK_INT(err.http_status, 413);
    CHECK_STR(hw_http_stream_response(stream)->body.ptr, "no");
  }
  hw_http_stream_free(stream);
  hw_http_pool_free(pool);
  CHECK_INT(server_stop(&peer), 0);
}

static void a_freed_upload_is_broken_off(void) {
  server peer;
  hw_http_request request;
  hw_http_stream *stream = NULL;
  server_start(&peer, "{\"steps\": [{\"expect\": \"POST /up\"}]}", 0);
  hw_http_pool *pool = open_pool(&peer);
  hw_http_request_init(&request, "POST", "/up");
  CHECK_INT(hw_http_stream_open_upload(pool, &request, &stream, NULL), HW_OK);
  CHECK_INT(hw_http_stream_write(stream, hw_view_of("half"), NULL), HW_OK);
  nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL); /* let the server read the head */
  hw_http_stream_free(stream);
  CHECK_INT(hw_http_pool_connections(pool), 0);
  hw_http_pool_free(pool);
  CHECK_INT(server_stop(&peer), 0);
  CHECK_INT(server_count(&peer, "requests "), 0);
}

static void nobody_to_push_to(void) {
  server peer;
  hw_http_request request;
  hw_http_stream *stream = NULL;
  hw_error err;
  hw_error_init(&err);
  server_start(&peer, "{\"steps\": []}", 0);
  hw_http_pool *pool = open_pool(&peer);
  CHECK_INT(server_stop(&peer), 0);
  hw_http_request_init(&request, "POST", "/up");
  CHECK_INT(hw_http_stream_open_upload(pool, &request, &stream, &err), HW_CONNECT);
  CHECK(stream == NULL);
  CHECK_STR(err.operation, "POST /up");
  hw_http_pool_free(pool);
}

static void content_is_pulled(void) {
  server peer;
  hw_http_request request;
  hw_http_stream *stream = NULL;
  hw_error err;
  char piece[10007];
  size_t total = 0;
  size_t got = 1;
  bool right = true;
  hw_error_init(&err);
  server_start(&peer,
               "{\"steps\": [{\"expect\": \"GET /down\", \"status\": 503},"
               "{\"expect\": \"GET /down\", \"size\": 9000001, \"headers\": {\"X-Kind\": "
               "\"arrow\"}}]}",
               0);
  hw_http_pool *pool = open_pool(&peer);
  hw_http_request_init(&request, "GET", "/down");
  CHECK_INT(hw_http_stream_open_download(pool, &request, &stream, &err), HW_OK);
  const hw_http_response *response = hw_http_stream_response(stream);
  CHECK_INT(response->status, 200);
  CHECK_INT(response->content_length, 9000001);
  CHECK_INT(response->attempts, 2);
  CHECK(hw_view_equal(hw_http_response_header(response, "X-Kind"), hw_view_of("arrow")));
  while (got > 0) {
    CHECK_INT(hw_http_stream_read(stream, piece, sizeof piece, &got, &err), HW_OK);
    for (size_t i = 0; i < got; i += 97) {
      right = right && (unsigned char)piece[i] == (total + i) % 256;
    }
    total += got;
  }
  CHECK_INT(total, 9000001);
  CHECK(right);
  hw_http_stream_free(stream);
  hw_http_pool_free(pool);
  CHECK_INT(server_stop(&peer), 0);
}

static void a_truncated_download_is_an_error(void) {
  server peer;
  hw_http_request request;
  hw_http_stream *stream = NULL;
  hw_error err;
  char piece[4096];
  size_t got = 1;
  hw_status status = HW_OK;
  hw_error_init(&err);
  server_start(
      &peer, "{\"steps\": [{\"expect\": \"GET /down\", \"size\": 9000000, \"truncate\": 5000000}]}",
      0);
  hw_http_pool *pool = open_pool(&peer);
  hw_http_request_init(&request, "GET", "/down");
  CHECK_INT(hw_http_stream_open_download(pool, &request, &stream, &err), HW_OK);
  while (status == HW_OK && got > 0) {
    status = hw_http_stream_read(stream, piece, sizeof piece, &got, &err);
  }
  CHECK_INT(status, HW_IO);
  CHECK(strstr(err.message, "the rest of the answer") != NULL);
  hw_http_stream_free(stream);
  hw_http_pool_free(pool);
  CHECK_INT(server_stop(&peer), 0);
}

static void what_came_before_a_break_is_given_first(void) {
  enum { ROOM = 9000000, SENT = 5000000 };
  server peer;
  hw_http_request request;
  hw_http_stream *stream = NULL;
  hw_error err;
  size_t got = 0;
  size_t total = 0;
  hw_status status = HW_OK;
  char *room = malloc(ROOM);
  hw_error_init(&err);
  server_start(
      &peer, "{\"steps\": [{\"expect\": \"GET /down\", \"size\": 9000000, \"truncate\": 5000000}]}",
      0);
  hw_http_pool *pool = open_pool(&peer);
  hw_http_request_init(&request, "GET", "/down");
  request.retry = HW_RETRY_NEVER;
  CHECK(room != NULL);
  CHECK_INT(hw_http_stream_open_download(pool, &request, &stream, &err), HW_OK);
  CHECK_INT(hw_http_stream_read(stream, room, 10, &got, &err), HW_OK);
  CHECK_INT(got, 10);
  for (total = got; status == HW_OK; total += got) {
    status = hw_http_stream_read(stream, room + total, ROOM - total, &got, &err);
  }
  CHECK_INT(status, HW_IO);
  CHECK(strstr(err.message, "the rest of the answer") != NULL);
  CHECK(total > 10 && total <= SENT);
  CHECK_INT(hw_http_stream_read(stream, room, 10, &got, NULL), HW_CLOSED);
  hw_http_stream_free(stream);
  hw_http_pool_free(pool);
  free(room);
  CHECK_INT(server_stop(&peer), 0);
}

static void an_error_answer_is_collected(void) {
  server peer;
  hw_http_request request;
  hw_http_stream *stream = NULL;
  char piece[16];
  size_t got = 1;
  server_start(&peer,
               "{\"steps\": [{\"expect\": \"GET /down\", \"status\": 404, \"body\": \"{}\"}]}", 0);
  hw_http_pool *pool = open_pool(&peer);
  hw_http_request_init(&request, "GET", "/down");
  CHECK_INT(hw_http_stream_open_download(pool, &request, &stream, NULL), HW_OK);
  CHECK_INT(hw_http_stream_response(stream)->status, 404);
  CHECK_STR(hw_http_stream_response(stream)->body.ptr, "{}");
  CHECK_INT(hw_http_stream_read(stream, piece, sizeof piece, &got, NULL), HW_OK);
  CHECK_INT(got, 0);
  hw_http_stream_free(stream);
  hw_http_pool_free(pool);
  CHECK_INT(server_stop(&peer), 0);
}

/* Work on the content takes longer than a pause between bytes, but not for ever. */
static void an_answer_to_content_may_take_longer(void) {
  server peer;
  hw_http_request request;
  hw_http_stream *stream = NULL;
  hw_http_config config;
  hw_http_pool *pool = NULL;
  hw_error err;
  hw_error_init(&err);
  server_start(&peer,
               "{\"steps\": [{\"expect\": \"POST /up\", \"delay\": 0.8, \"body\": \"{}\"},"
               "{\"expect\": \"POST /up\", \"silent\": 30},"
               "{\"expect\": \"POST /up\", \"silent\": 30}]}",
               0);
  hw_http_config_init(&config);
  config.base_url = peer.url;
  config.read_timeout_ms = 200;
  CHECK_INT(hw_http_pool_new(&config, &pool, NULL), HW_OK);
  hw_http_request_init(&request, "POST", "/up");
  for (int i = 0; i < 3; i++) {
    struct timespec began;
    struct timespec ended;
    request.read_timeout_ms = i == 2 ? 300 : -1;
    hw_error_init(&err);
    CHECK_INT(hw_http_stream_open_upload(pool, &request, &stream, &err), HW_OK);
    CHECK_INT(hw_http_stream_write(stream, hw_view_of("content"), &err), HW_OK);
    clock_gettime(CLOCK_MONOTONIC, &began);
    CHECK_INT(hw_http_stream_finish(stream, &err), i == 0 ? HW_OK : HW_TIMEOUT);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    double took =
        (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
    CHECK(i == 0 ? took >= 0.7 : i == 1 ? took >= 1.9 && took < 3 : took >= 0.25 && took < 1);
    hw_http_stream_free(stream);
  }
  hw_http_pool_free(pool);
  CHECK_INT(server_stop(&peer), 0);
}

static void silence_ends_a_pull(void) {
  server peer;
  hw_http_request request;
  hw_http_stream *stream = NULL;
  hw_error err;
  char piece[64];
  size_t got = 0;
  hw_error_init(&err);
  server_start(&peer,
               "{\"steps\": [{\"expect\": \"GET /down\", \"size\": 20, \"trickle\": [10, 5]}]}", 0);
  hw_http_pool *pool = open_pool(&peer);
  hw_http_request_init(&request, "GET", "/down");
  request.read_timeout_ms = 300;
  CHECK_INT(hw_http_stream_open_download(pool, &request, &stream, &err), HW_OK);
  CHECK_INT(hw_http_stream_read(stream, piece, sizeof piece, &got, &err), HW_OK);
  CHECK_INT(got, 10);
  CHECK_INT(hw_http_stream_read(stream, piece, sizeof piece, &got, &err), HW_TIMEOUT);
  CHECK_INT(hw_http_stream_read(stream, piece, sizeof piece, &got, NULL), HW_CLOSED);
  hw_http_stream_free(stream);
  hw_http_pool_free(pool);
  CHECK_INT(server_stop(&peer), 0);
}

int main(void) {
  unsetenv("http_proxy");
  unsetenv("HTTP_PROXY");
  RUN(content_is_pushed);
  RUN(nothing_pushed_is_an_empty_body);
  RUN(an_early_answer_ends_the_upload);
  RUN(a_freed_upload_is_broken_off);
  RUN(nobody_to_push_to);
  RUN(content_is_pulled);
  RUN(a_truncated_download_is_an_error);
  RUN(what_came_before_a_break_is_given_first);
  RUN(an_error_answer_is_collected);
  RUN(an_answer_to_content_may_take_longer);
  RUN(silence_ends_a_pull);
  return check_failures == 0 ? 0 : 1;
}

/*
 * test_http.c - the HTTP layer against a server that behaves and misbehaves by script.
 *
 * Each test starts tests/scripted_server.py as a child; the server itself checks what was sent.
 */
#include "http.h"

#include <pthread.h>
#include <sys/socket.h>
#include <time.h>

#include "check.h"
#include "server.h"

typedef struct client {
  server peer;
  hw_http_pool *pool;
  hw_http_response response;
  hw_error err;
} client;

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static hw_http_config config_of(const server *peer) {
  static const hw_http_header headers[] = {
      {{"Authorization", 13}, {"ApiKey abc.secret", 17}},
  };
  hw_http_config config;
  hw_http_config_init(&config);
  config.base_url = peer->url;
  config.headers = headers;
  config.header_count = 1;
  config.read_timeout_ms = 5000;
  config.retry.first_delay_ms = 20;
  return config;
}

static void open_client(client *self, const char *script) {
  server_start(&self->peer, script, 0);
  hw_http_config config = config_of(&self->peer);
  hw_error_init(&self->err);
  hw_http_response_init(&self->response);
  CHECK_INT(hw_http_pool_new(&config, &self->pool, &self->err), HW_OK);
}

static void close_client(client *self) {
  hw_http_response_free(&self->response);
  hw_http_pool_free(self->pool);
  CHECK_INT(server_stop(&self->peer), 0);
}

static hw_status send_plain(client *self, const char *verb, const char *url) {
  hw_http_request request;
  hw_http_request_init(&request, verb, url);
  hw_error_init(&self->err);
  return hw_http_send(self->pool, &request, &self->response, &self->err);
}

static const char *body_of(const client *self) {
  return self->response.body.ptr == NULL ? "" : self->response.body.ptr;
}

static void connections_are_kept(void) {
  client self;
  open_client(&self, "{\"steps\": [{\"expect\": \"GET /a?x=1\", \"body\": \"first\", \"headers\": "
                     "{\"X-One\": \" one \"}, \"expect_headers\": {\"Authorization\": \"ApiKey "
                     "abc.secret\", \"Expect\": null, \"Content-Type\": null}},"
                     "{\"expect\": \"GET /b%2Fc\", \"body\": \"second\", \"chunked\": true}]}");
  CHECK_INT(send_plain(&self, "GET", "/a?x=1"), HW_OK);
  CHECK_INT(self.response.status, 200);
  CHECK_STR(self.response.reason, "OK");
  CHECK_STR(body_of(&self), "first");
  CHECK_INT(self.response.content_length, 5);
  CHECK_INT(self.response.attempts, 1);
  hw_view one = hw_http_response_header(&self.response, "x-one");
  CHECK(hw_view_equal(one, hw_view_of("one")));
  CHECK_INT(hw_http_response_header(&self.response, "X-On").len, 0);
  CHECK_INT(send_plain(&self, "GET", "/b%2Fc"), HW_OK);
  CHECK_STR(body_of(&self), "second");
  CHECK_INT(self.response.content_length, -1);
  CHECK_INT(hw_http_pool_connections(self.pool), 1);
  close_client(&self);
  CHECK_INT(server_count(&self.peer, "connections "), 1);
}

static void error_answers_are_answers(void) {
  client self;
  open_client(&self,
              "{\"steps\": [{\"expect\": \"GET /x?q=hidden\", \"status\": 404, \"reason\": \"Not "
              "Found\", \"body\": \"{\\\"errorCode\\\": 1}\"}]}");
  hw_http_request request;
  hw_http_request_init(&request, "GET", "/x?q=hidden");
  hw_error_init(&self.err);
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(hw_http_check(self.pool, &request, &self.response, &self.err), HW_HTTP);
  CHECK_INT(self.err.http_status, 404);
  CHECK_STR(self.err.operation, "GET /x");
  CHECK_STR(self.err.message, "localhost answered /x with 404 Not Found");
  CHECK_STR(body_of(&self), "{\"errorCode\": 1}");
  close_client(&self);
}

static void bodies_are_sent(void) {
  client self;
  open_client(
      &self,
      "{\"steps\": [{\"expect\": \"POST /p\", \"expect_body\": \"{}\", \"status\": 201,"
      " \"expect_headers\": {\"Content-Length\": \"2\", \"Content-Type\": \"application/json\"}},"
      "{\"expect\": \"PUT /p\", \"expect_body\": \"whole\"},"
      "{\"expect\": \"POST /none\", \"expect_headers\": {\"Content-Length\": \"0\","
      " \"Content-Type\": null}},"
      "{\"expect\": \"DELETE /p\", \"status\": 204, \"reason\": \"No Content\"},"
      "{\"expect\": \"HEAD /p\", \"size\": 100}, {\"expect\": \"GET /p\", \"body\": \"x\"}]}");
  hw_http_header type = {hw_view_of("content-type"), hw_view_of("application/json")};
  hw_http_source source = {.memory = hw_view_of("{}")};
  hw_http_request request;
  hw_http_request_init(&request, "POST", "/p");
  request.source = &source;
  request.headers = &type;
  request.header_count = 1;
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(self.response.status, 201);
  hw_http_request_init(&request, "PUT", "/p");
  source.memory = hw_view_of("whole");
  request.source = &source;
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(send_plain(&self, "POST", "/none"), HW_OK);
  CHECK_INT(send_plain(&self, "DELETE", "/p"), HW_OK);
  CHECK_INT(self.response.status, 204);
  CHECK_INT(self.response.body.len, 0);
  CHECK_INT(send_plain(&self, "HEAD", "/p"), HW_OK);
  CHECK_INT(self.response.content_length, 100);
  CHECK_INT(self.response.body.len, 0);
  CHECK_INT(send_plain(&self, "GET", "/p"), HW_OK);
  CHECK_STR(body_of(&self), "x");
  close_client(&self);
}

typedef struct counter {
  size_t left;
  size_t seen;
  size_t rewinds;
  bool wrong;
  hw_status refuse;
} counter;

static hw_status give(void *ctx, char *into, size_t room, size_t *got, hw_error *err) {
  counter *self = ctx;
  if (self->refuse != HW_OK) {
    return hw_error_set(err, self->refuse, "the source gave up");
  }
  *got = self->left < room ? self->left : room;
  memset(into, 'a', *got);
  self->left -= *got;
  self->seen += *got;
  return HW_OK;
}

static hw_status restart(void *ctx, hw_error *err) {
  counter *self = ctx;
  (void)err;
  self->rewinds++;
  self->left = self->seen;
  self->seen = 0;
  return HW_OK;
}

static hw_status take(void *ctx, hw_view bytes, hw_error *err) {
  counter *self = ctx;
  if (self->refuse != HW_OK) {
    return hw_error_set(err, self->refuse, "the sink is full");
  }
  for (size_t i = 0; i < bytes.len; i++) {
    self->wrong = self->wrong || (unsigned char)bytes.ptr[i] != (self->seen + i) % 256;
  }
  self->seen += bytes.len;
  return HW_OK;
}

static void sinks_take_large_answers(void) {
  client self;
  counter seen = {0};
  hw_http_sink sink = {.write = take, .ctx = &seen};
  hw_http_request request;
  open_client(&self, "{\"steps\": [{\"expect\": \"GET /big\", \"size\": 20000000},"
                     "{\"expect\": \"GET /big\", \"size\": 3000000},"
                     "{\"expect\": \"GET /big\", \"status\": 416, \"body\": \"no such range\"}]}");
  hw_http_request_init(&request, "GET", "/big");
  request.sink = &sink;
  request.bulk = true;
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(seen.seen, 20000000);
  CHECK(!seen.wrong);
  CHECK_INT(self.response.body.len, 0);
  seen = (counter){.refuse = HW_IO};
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_IO);
  CHECK_STR(self.err.message, "the sink is full");
  seen = (counter){0};
  hw_error_init(&self.err);
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(seen.seen, 0);
  CHECK_STR(body_of(&self), "no such range");
  close_client(&self);
}

static void sources_give_large_bodies(void) {
  client self;
  hw_http_request request;
  counter given = {.left = 3000000};
  hw_http_source source = {.read = give, .ctx = &given, .length = 3000000};
  open_client(&self,
              "{\"steps\": [{\"expect\": \"POST /up\", \"expect_headers\": {\"Content-Length\":"
              " \"3000000\", \"Expect\": null}},"
              "{\"expect\": \"POST /up\", \"expect_headers\": {\"Transfer-Encoding\": "
              "\"chunked\", \"Content-Length\": null}}, {\"expect\": \"POST /up\"}]}");
  hw_http_request_init(&request, "POST", "/up");
  request.source = &source;
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  given = (counter){.left = 3000000};
  source.length = -1;
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(given.seen, 3000000);
  given = (counter){.refuse = HW_IO};
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_IO);
  CHECK_STR(self.err.message, "the source gave up");
  close_client(&self);
  CHECK(strstr(self.peer.report, "POST /up 1 3000000") != NULL);
}

static void answers_in_memory_are_bounded(void) {
  client self;
  hw_http_request request;
  open_client(&self, "{\"steps\": [{\"expect\": \"GET /big\", \"size\": 2000000},"
                     "{\"expect\": \"GET /big\", \"size\": 2000000, \"chunked\": true},"
                     "{\"expect\": \"GET /big\", \"size\": 2000000, \"status\": 500}]}");
  hw_http_request_init(&request, "GET", "/big");
  request.max_response = 1000000;
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_LIMIT);
  CHECK(strstr(self.err.message, "announces 2000000 bytes") != NULL);
  hw_error_init(&self.err);
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_LIMIT);
  CHECK(strstr(self.err.message, "longer than the 1000000 bytes") != NULL);
  hw_error_init(&self.err);
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(self.response.body.len, 1048576);
  close_client(&self);
}

typedef struct log_lines {
  int warnings;
  int lines;
  char last[512];
} log_lines;

static void keep_line(void *ctx, hw_log_level level, const char *text) {
  log_lines *self = ctx;
  self->lines++;
  self->warnings += level == HW_LOG_WARNING;
  (void)snprintf(self->last, sizeof self->last, "%s", text);
}

static void passing_failures_are_repeated(void) {
  client self;
  log_lines log = {0};
  hw_http_request request;
  open_client(&self, "{\"steps\": [{\"expect\": \"GET /a\", \"reset\": \"request\"},"
                     "{\"expect\": \"GET /a\", \"status\": 503},"
                     "{\"expect\": \"GET /a\", \"truncate\": 3, \"body\": \"0123456789\"},"
                     "{\"expect\": \"GET /a\", \"body\": \"good\"}]}");
  hw_http_request_init(&request, "GET", "/a");
  request.hooks = (hw_http_hooks){.log = keep_line, .ctx = &log};
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_STR(body_of(&self), "good");
  CHECK_INT(self.response.attempts, 4);
  CHECK_INT(log.lines, 4);
  CHECK_INT(log.warnings, 3);
  CHECK(strstr(log.last, "GET /a at localhost -> 200 OK") != NULL);
  CHECK(strstr(log.last, "(attempt 4)") != NULL);
  close_client(&self);
}

static void attempts_end(void) {
  client self;
  open_client(&self, "{\"steps\": [{\"expect\": \"GET /a\", \"reset\": \"request\", \"times\": 4},"
                     "{\"expect\": \"GET /b\", \"status\": 502, \"times\": 4}]}");
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_IO);
  CHECK_INT(self.response.attempts, 4);
  CHECK(strstr(self.err.message, "(4 attempts in") != NULL);
  CHECK_STR(self.err.operation, "GET /a");
  CHECK_INT(send_plain(&self, "GET", "/b"), HW_OK);
  CHECK_INT(self.response.status, 502);
  CHECK_INT(self.response.attempts, 4);
  close_client(&self);
}

static void a_post_is_not_repeated(void) {
  client self;
  hw_http_request request;
  hw_http_source source = {.memory = hw_view_of("x")};
  open_client(&self,
              "{\"steps\": [{\"expect\": \"POST /a\", \"reset\": \"request\"},"
              "{\"expect\": \"POST /b\", \"status\": 503},"
              "{\"expect\": \"POST /c\", \"status\": 503, \"headers\": {\"Retry-After\": \"0\"}},"
              "{\"expect\": \"POST /c\", \"expect_body\": \"x\", \"status\": 201}]}");
  hw_http_request_init(&request, "POST", "/a");
  request.source = &source;
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_IO);
  CHECK_INT(self.response.attempts, 1);
  request.url = "/b";
  hw_error_init(&self.err);
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(self.response.status, 503);
  CHECK_INT(self.response.attempts, 1);
  request.url = "/c";
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(self.response.status, 201);
  CHECK_INT(self.response.attempts, 2);
  close_client(&self);
}

/* curl alone would send each of these again on a fresh connection, unseen. */
static void nothing_is_sent_again_unseen(void) {
  client self;
  log_lines log = {0};
  hw_http_request request;
  counter given = {.left = 5};
  hw_http_source memory = {.memory = hw_view_of("x")};
  hw_http_source callback = {.read = give, .rewind = restart, .ctx = &given, .length = 5};
  const hw_http_source *sources[] = {NULL, &memory, &callback};
  static const char *const verbs[] = {"POST", "PATCH"};
  open_client(&self,
              "{\"steps\": ["
              "{\"expect\": \"GET /warm\"}, {\"expect\": \"POST /a\", \"reset\": \"request\"},"
              "{\"expect\": \"GET /warm\"}, {\"expect\": \"POST /a\", \"silent\": 0.05},"
              "{\"expect\": \"GET /warm\"}, {\"expect\": \"POST /a\", \"reset\": \"request\"},"
              "{\"expect\": \"GET /warm\"}, {\"expect\": \"PATCH /a\", \"silent\": 0.05},"
              "{\"expect\": \"GET /warm\"}, {\"expect\": \"PATCH /a\", \"reset\": \"request\"},"
              "{\"expect\": \"GET /warm\"}, {\"expect\": \"PATCH /a\", \"silent\": 0.05}]}");
  for (int i = 0; i < 6; i++) {
    CHECK_INT(send_plain(&self, "GET", "/warm"), HW_OK);
    hw_http_request_init(&request, verbs[i / 3], "/a");
    request.source = sources[i % 3];
    request.hooks = (hw_http_hooks){.log = keep_line, .ctx = &log};
    given = (counter){.left = 5};
    hw_error_init(&self.err);
    CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_IO);
    CHECK(strstr(self.err.message, "was closed before an answer came; the request is not sent "
                                   "again by itself, because the server may have acted") != NULL);
    CHECK_INT(self.response.attempts, 1);
    CHECK_INT(log.lines, i + 1);
  }
  close_client(&self);
  CHECK_INT(server_count(&self.peer, "requests "), 12);
  CHECK_INT(server_count(&self.peer, "connections "), 6);
}

static void a_safe_request_on_a_tired_connection_is_a_second_attempt(void) {
  client self;
  log_lines log = {0};
  hw_http_request request;
  hw_http_source memory = {.memory = hw_view_of("x")};
  open_client(&self, "{\"steps\": ["
                     "{\"expect\": \"GET /warm\"}, {\"expect\": \"PUT /a\", \"silent\": 0.05},"
                     "{\"expect\": \"PUT /a\", \"expect_body\": \"x\"},"
                     "{\"expect\": \"GET /a\", \"reset\": \"request\"},"
                     "{\"expect\": \"GET /a\", \"body\": \"good\"}]}");
  CHECK_INT(send_plain(&self, "GET", "/warm"), HW_OK);
  hw_http_request_init(&request, "PUT", "/a");
  request.source = &memory;
  request.hooks = (hw_http_hooks){.log = keep_line, .ctx = &log};
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(self.response.attempts, 2);
  CHECK_INT(log.lines, 2);
  CHECK_INT(log.warnings, 1);
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_OK);
  CHECK_STR(body_of(&self), "good");
  CHECK_INT(self.response.attempts, 2);
  close_client(&self);
  CHECK_INT(server_count(&self.peer, "requests "), 5);
}

/* The second connection is refused; still the request was sent once, on the first. */
static void a_server_that_goes_away_is_not_asked_twice(void) {
  client self;
  open_client(&self, "{\"steps\": [{\"expect\": \"GET /warm\"},"
                     "{\"expect\": \"POST /a\", \"last\": true}]}");
  CHECK_INT(send_plain(&self, "GET", "/warm"), HW_OK);
  CHECK_INT(send_plain(&self, "POST", "/a"), HW_IO);
  CHECK_INT(self.response.attempts, 1);
  CHECK(strstr(self.err.message, "the server may have acted on it") != NULL);
  close_client(&self);
  CHECK_INT(server_count(&self.peer, "requests "), 2);
}

static void a_source_is_rewound_or_not_repeated(void) {
  client self;
  hw_http_request request;
  counter given = {.left = 5};
  hw_http_source source = {.read = give, .rewind = restart, .ctx = &given, .length = 5};
  open_client(&self, "{\"steps\": [{\"expect\": \"PUT /a\", \"status\": 503},"
                     "{\"expect\": \"PUT /a\", \"expect_body\": \"aaaaa\"},"
                     "{\"expect\": \"PUT /b\", \"status\": 503}]}");
  hw_http_request_init(&request, "PUT", "/a");
  request.source = &source;
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(self.response.status, 200);
  CHECK_INT(given.rewinds, 1);
  given = (counter){.left = 5};
  source.rewind = NULL;
  request.url = "/b";
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(self.response.status, 503);
  close_client(&self);
}

static void retry_after_is_waited_for(void) {
  client self;
  open_client(
      &self,
      "{\"steps\": [{\"expect\": \"GET /a\", \"status\": 429, \"headers\": "
      "{\"Retry-After\": \"1\"}}, {\"expect\": \"GET /a\"},"
      "{\"expect\": \"GET /b\", \"status\": 429, \"headers\": {\"Retry-After\": \"600\"}}]}");
  int64_t began = now_ms();
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_OK);
  CHECK_INT(self.response.status, 200);
  CHECK(now_ms() - began >= 1000 && now_ms() - began < 1600);
  CHECK_INT(send_plain(&self, "GET", "/b"), HW_OK);
  CHECK_INT(self.response.status, 429);
  close_client(&self);
}

static void silence_ends(void) {
  client self;
  hw_http_request request;
  open_client(&self,
              "{\"steps\": [{\"expect\": \"GET /a\", \"silent\": 20},"
              "{\"expect\": \"GET /b\", \"truncate\": 10, \"size\": 20, \"trickle\": [5, 3]}]}");
  hw_http_request_init(&request, "GET", "/a");
  request.read_timeout_ms = 300;
  int64_t began = now_ms();
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_TIMEOUT);
  CHECK(now_ms() - began >= 300 && now_ms() - began < 700);
  CHECK(strstr(self.err.message, "sent nothing for 0.3 s while an answer was awaited") != NULL);
  CHECK_INT(self.response.attempts, 1);
  request.url = "/b";
  hw_error_init(&self.err);
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_TIMEOUT);
  CHECK(strstr(self.err.message, "the rest of the answer") != NULL);
  close_client(&self);
}

static void the_total_holds_over_drops_and_retries(void) {
  client self;
  hw_http_request request;
  open_client(&self,
              "{\"steps\": [{\"expect\": \"GET /a\", \"size\": 1000, \"trickle\": [1, 0.05]},"
              "{\"expect\": \"GET /b\", \"status\": 503, \"headers\": {\"Retry-After\": \"5\"}}]}");
  hw_http_request_init(&request, "GET", "/a");
  request.total_timeout_ms = 400;
  int64_t began = now_ms();
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_TIMEOUT);
  CHECK(now_ms() - began >= 400 && now_ms() - began < 800);
  CHECK(strstr(self.err.message, "whole request") != NULL);
  request.url = "/b";
  hw_error_init(&self.err);
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(self.response.status, 503);
  close_client(&self);
}

typedef struct ticker {
  int ticks;
  int stop_after;
} ticker;

static bool count_tick(void *ctx) {
  ticker *self = ctx;
  return ++self->ticks < self->stop_after;
}

static void a_tick_can_end_a_wait(void) {
  client self;
  ticker ticks = {.stop_after = 3};
  hw_http_request request;
  open_client(&self,
              "{\"steps\": [{\"expect\": \"GET /a\", \"silent\": 20}, {\"expect\": \"GET /b\"}]}");
  hw_http_request_init(&request, "GET", "/a");
  request.hooks = (hw_http_hooks){.tick = count_tick, .ctx = &ticks};
  int64_t began = now_ms();
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_CANCELLED);
  CHECK(now_ms() - began < 500);
  CHECK_INT(hw_http_pool_connections(self.pool), 0);
  CHECK_INT(send_plain(&self, "GET", "/b"), HW_OK);
  close_client(&self);
}

typedef struct later {
  hw_cancel *cancel;
  hw_http_pool *pool;
  int64_t after_ms;
} later;

static void *fire_later(void *ctx) {
  later *self = ctx;
  struct timespec pause = {.tv_nsec = (long)self->after_ms * 1000000};
  nanosleep(&pause, NULL);
  if (self->cancel != NULL) {
    hw_cancel_fire(self->cancel);
  } else {
    hw_http_pool_close(self->pool);
  }
  return NULL;
}

static void a_cancel_ends_waits_at_once(void) {
  client self;
  hw_cancel cancel;
  hw_http_request request;
  pthread_t thread;
  open_client(&self, "{\"steps\": [{\"expect\": \"GET /a\", \"silent\": 20}]}");
  CHECK_INT(hw_cancel_init(&cancel, NULL), HW_OK);
  later what = {.cancel = &cancel, .after_ms = 210};
  hw_http_request_init(&request, "GET", "/a");
  request.cancel = &cancel;
  int64_t began = now_ms();
  pthread_create(&thread, NULL, fire_later, &what);
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_CANCELLED);
  CHECK(now_ms() - began >= 200 && now_ms() - began < 290);
  pthread_join(thread, NULL);
  hw_error_init(&self.err);
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_CANCELLED);
  hw_cancel_destroy(&cancel);
  close_client(&self);
}

static void a_close_ends_waits_at_once(void) {
  client self;
  pthread_t thread;
  open_client(&self, "{\"steps\": [{\"expect\": \"GET /a\", \"silent\": 20}]}");
  later what = {.pool = self.pool, .after_ms = 210};
  int64_t began = now_ms();
  pthread_create(&thread, NULL, fire_later, &what);
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_CLOSED);
  CHECK(now_ms() - began < 290);
  pthread_join(thread, NULL);
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_CLOSED);
  CHECK(strstr(self.err.message, "closed; connect or log in again") != NULL);
  CHECK(hw_http_pool_closed(self.pool));
  hw_http_pool_close(self.pool);
  close_client(&self);
}

static void nobody_listens(void) {
  client self;
  open_client(&self, "{\"steps\": []}");
  CHECK_INT(server_stop(&self.peer), 0);
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_CONNECT);
  CHECK_INT(self.response.attempts, 4);
  CHECK(strstr(self.err.message, "Connection refused") != NULL);
  CHECK(strstr(self.err.message, "check host and port") != NULL);
  CHECK(strstr(self.err.message, "secret") == NULL);
  hw_http_response_free(&self.response);
  hw_http_pool_free(self.pool);
}

static void unknown_hosts_are_named(void) {
  hw_http_config config;
  hw_http_pool *pool = NULL;
  hw_http_response response;
  hw_http_request request;
  hw_error err;
  hw_error_init(&err);
  hw_http_config_init(&config);
  hw_http_response_init(&response);
  config.base_url = "http://no-such-host.invalid";
  CHECK_INT(hw_http_pool_new(&config, &pool, NULL), HW_OK);
  hw_http_request_init(&request, "GET", "/");
  CHECK_INT(hw_http_send(pool, &request, &response, &err), HW_RESOLVE);
  CHECK(strstr(err.message, "no-such-host.invalid") != NULL);
  CHECK_INT(response.attempts, 1);
  hw_http_response_free(&response);
  hw_http_pool_free(pool);
}

static void bad_input_is_refused_before_anything_is_sent(void) {
  client self;
  hw_http_request request;
  hw_http_header bad = {hw_view_of("X-Bad"), hw_view_of("a\r\nEvil: yes")};
  open_client(&self, "{\"steps\": []}");
  CHECK_INT(send_plain(&self, "GET", "/a b"), HW_ARGUMENT);
  CHECK_INT(send_plain(&self, "get", "/a"), HW_ARGUMENT);
  hw_http_request_init(&request, "GET", "/a");
  request.headers = &bad;
  request.header_count = 1;
  hw_error_init(&self.err);
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_ARGUMENT);
  CHECK(strstr(self.err.message, "X-Bad") != NULL);
  CHECK(strstr(self.err.message, "Evil") == NULL);
  close_client(&self);
}

static void redirects_within_a_host(void) {
  client self;
  hw_http_request request;
  hw_http_source source = {.memory = hw_view_of("x")};
  open_client(
      &self, "{\"steps\": [{\"expect\": \"GET /a\", \"status\": 302, \"headers\": {\"Location\": "
             "\"/b\"}, \"body\": \"moved\"}, {\"expect\": \"GET /b\", \"body\": \"here\", "
             "\"expect_headers\": {\"Authorization\": \"ApiKey abc.secret\"}},"
             "{\"expect\": \"POST /p\", \"status\": 303, \"headers\": {\"Location\": \"/r\"}},"
             "{\"expect\": \"GET /r\", \"expect_body\": \"\"},"
             "{\"expect\": \"POST /p\", \"status\": 307, \"headers\": {\"Location\": \"/q\"}},"
             "{\"expect\": \"POST /q\", \"expect_body\": \"x\"},"
             "{\"expect\": \"GET /loop\", \"status\": 302, \"headers\": {\"Location\": \"/loop\"}, "
             "\"times\": 11}]}");
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_OK);
  CHECK_STR(body_of(&self), "here");
  hw_http_request_init(&request, "POST", "/p");
  request.source = &source;
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(send_plain(&self, "GET", "/loop"), HW_PROTOCOL);
  CHECK(strstr(self.err.message, "more than 10 times") != NULL);
  close_client(&self);
}

static void credentials_stay_with_their_host(void) {
  client self;
  server other;
  char script[512];
  hw_http_request request;
  hw_http_header extra[] = {{hw_view_of("X-API-KEY"), hw_view_of("also.secret")},
                            {hw_view_of("Range"), hw_view_of("bytes=0-1")}};
  server_start(&other,
               "{\"steps\": [{\"expect\": \"GET /there\", \"body\": \"away\", "
               "\"expect_headers\": {\"Authorization\": null, \"X-API-KEY\": null, \"Range\": "
               "\"bytes=0-1\"}}]}",
               0);
  (void)snprintf(
      script, sizeof script,
      "{\"steps\": [{\"expect\": \"GET /a\", \"status\": 307, \"headers\": {\"Location\": "
      "\"http://127.0.0.1:%d/there\"}, \"expect_headers\": {\"X-API-KEY\": "
      "\"also.secret\"}}]}",
      other.port);
  open_client(&self, script);
  hw_http_request_init(&request, "GET", "/a");
  request.headers = extra;
  request.header_count = 2;
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_STR(body_of(&self), "away");
  close_client(&self);
  CHECK_INT(server_stop(&other), 0);
}

enum { THREADS = 8, REQUESTS_EACH = 50 };

static void *send_many(void *ctx) {
  hw_http_pool *pool = ctx;
  hw_http_response response;
  size_t good = 0;
  hw_http_response_init(&response);
  for (int i = 0; i < REQUESTS_EACH; i++) {
    hw_http_request request;
    hw_http_request_init(&request, "GET", "/many");
    good += hw_http_send(pool, &request, &response, NULL) == HW_OK && response.body.len == 5000;
  }
  hw_http_response_free(&response);
  return (void *)good;
}

static void threads_share_a_pool(void) {
  client self;
  pthread_t threads[THREADS];
  size_t good = 0;
  open_client(&self, "{\"steps\": [{\"expect\": \"GET /many\", \"size\": 5000, \"times\": 400}]}");
  for (int i = 0; i < THREADS; i++) {
    pthread_create(&threads[i], NULL, send_many, self.pool);
  }
  for (int i = 0; i < THREADS; i++) {
    void *count = NULL;
    pthread_join(threads[i], &count);
    good += (size_t)count;
  }
  CHECK_INT(good, THREADS * REQUESTS_EACH);
  CHECK(hw_http_pool_connections(self.pool) <= THREADS);
  close_client(&self);
  CHECK(server_count(&self.peer, "connections ") <= THREADS);
}

static void a_child_opens_its_own_connection(void) {
  client self;
  open_client(&self, "{\"steps\": [{\"expect\": \"GET /a\", \"times\": 3}]}");
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_OK);
  pid_t child = fork();
  if (child == 0) {
    bool good = hw_http_pool_connections(self.pool) == 0;
    good = good && send_plain(&self, "GET", "/a") == HW_OK && self.response.status == 200;
    good = good && hw_http_pool_connections(self.pool) == 1;
    hw_http_pool_close(self.pool);
    _exit(good ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_OK);
  CHECK_INT(hw_http_pool_connections(self.pool), 1);
  close_client(&self);
  CHECK_INT(server_count(&self.peer, "connections "), 2);
}

static void a_unix_socket(void) {
  char path[64];
  char script[384];
  client self;
  (void)snprintf(path, sizeof path, "/tmp/hw-http-%d.sock", (int)getpid());
  (void)snprintf(
      script, sizeof script,
      "{\"unix_socket\": \"%s\", \"steps\": [{\"expect\": \"GET /a\", \"body\": \"local\", "
      "\"expect_headers\": {\"Host\": \"localhost\"}},"
      "{\"expect\": \"GET /b\", \"status\": 302, \"headers\": {\"Location\": "
      "\"http://elsewhere.example/\"}}]}",
      path);
  server_start(&self.peer, script, 0);
  hw_http_config config = config_of(&self.peer);
  config.base_url = "http://localhost/";
  config.unix_socket = path;
  hw_error_init(&self.err);
  hw_http_response_init(&self.response);
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  CHECK_INT(hw_http_pool_new(&config, &self.pool, &self.err), HW_OK);
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_OK);
  CHECK_STR(body_of(&self), "local");
  CHECK_INT(send_plain(&self, "GET", "/b"), HW_PROTOCOL);
  CHECK(strstr(self.err.message, "elsewhere.example") != NULL);
  unsetenv("http_proxy");
  CHECK_STR(hw_http_pool_unix_socket(self.pool), path);
  close_client(&self);
  unlink(path);
  server_start(&self.peer, "{\"steps\": []}", 0);
  CHECK_INT(hw_http_pool_new(&config, &self.pool, &self.err), HW_OK);
  hw_http_response_init(&self.response);
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_CONNECT);
  CHECK(strstr(self.err.message, path) != NULL);
  CHECK(strstr(self.err.message, "hopsworks local start") != NULL);
  close_client(&self);
}

static void proxies_of_the_environment(void) {
  client self;
  char proxy[64];
  server_start(&self.peer,
               "{\"steps\": [{\"expect\": \"GET http://service.example/a\", \"body\": "
               "\"through\"}]}",
               0);
  hw_http_config config = config_of(&self.peer);
  config.base_url = "http://service.example";
  (void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", self.peer.port);
  setenv("HTTP_PROXY", proxy, 1);
  hw_error_init(&self.err);
  hw_http_response_init(&self.response);
  CHECK_INT(hw_http_pool_new(&config, &self.pool, &self.err), HW_OK);
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_OK);
  CHECK_STR(body_of(&self), "through");
  unsetenv("HTTP_PROXY");
  close_client(&self);
}

static void a_given_proxy_is_for_every_host(void) {
  client self;
  char proxy[64];
  server_start(&self.peer,
               "{\"steps\": [{\"expect\": \"GET http://service.example/a\", \"body\": "
               "\"through\"}, {\"expect\": \"GET http://other.example/b\"}]}",
               0);
  hw_http_config config = config_of(&self.peer);
  config.base_url = "http://service.example";
  (void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", self.peer.port);
  config.proxy = proxy;
  setenv("no_proxy", "*", 1);
  hw_error_init(&self.err);
  hw_http_response_init(&self.response);
  CHECK_INT(hw_http_pool_new(&config, &self.pool, &self.err), HW_OK);
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_OK);
  CHECK_STR(body_of(&self), "through");
  CHECK_INT(send_plain(&self, "GET", "http://other.example/b"), HW_OK);
  unsetenv("no_proxy");
  close_client(&self);
}

static void a_named_host_gets_the_headers_of_the_request(void) {
  client self;
  server store;
  char url[128];
  server_start(&store,
               "{\"steps\": [{\"expect\": \"PUT /s?sig=x\", \"status\": 307, \"headers\": "
               "{\"Location\": \"/t\"}, \"expect_headers\": {\"X-Own\": \"1\", "
               "\"Authorization\": null}}, {\"expect\": \"PUT /t\", \"expect_body\": \"data\", "
               "\"expect_headers\": {\"X-Own\": \"1\", \"Authorization\": null}}]}",
               0);
  open_client(&self, "{\"steps\": []}");
  (void)snprintf(url, sizeof url, "%s/s?sig=x", store.url);
  hw_http_header own = {hw_view_of("X-Own"), hw_view_of("1")};
  hw_http_source source = {.memory = hw_view_of("data")};
  hw_http_request request;
  hw_http_request_init(&request, "PUT", url);
  request.headers = &own;
  request.header_count = 1;
  request.source = &source;
  CHECK_INT(hw_http_send(self.pool, &request, &self.response, &self.err), HW_OK);
  CHECK_INT(self.response.status, 200);
  (void)snprintf(url, sizeof url, "%s/t", store.url);
  CHECK_STR(self.response.location.ptr, url);
  CHECK_INT(server_stop(&store), 0);
  close_client(&self);
}

static void redirects_may_be_answers(void) {
  client self;
  server_start(&self.peer,
               "{\"steps\": [{\"expect\": \"GET /a\", \"status\": 302, \"body\": \"there\", "
               "\"headers\": {\"Location\": \"/b\"}}]}",
               0);
  hw_http_config config = config_of(&self.peer);
  config.max_redirects = 0;
  hw_error_init(&self.err);
  hw_http_response_init(&self.response);
  CHECK_INT(hw_http_pool_new(&config, &self.pool, &self.err), HW_OK);
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_OK);
  CHECK_INT(self.response.status, 302);
  CHECK_STR(body_of(&self), "there");
  CHECK_INT(self.response.location.len, 0);
  size_t at = 0;
  hw_view name, value;
  CHECK(hw_http_response_next(&self.response, &at, &name, &value));
  CHECK(hw_view_equal(name, hw_view_of("Location")) && hw_view_equal(value, hw_view_of("/b")));
  CHECK(hw_http_response_next(&self.response, &at, &name, &value));
  CHECK(!hw_http_response_next(&self.response, &at, &name, &value));
  close_client(&self);
}

static void garbage_is_not_http(void) {
  client self;
  open_client(&self, "{\"steps\": [{\"expect\": \"GET /a\", \"raw\": \"SSH-2.0-OpenSSH\\r\\n\"},"
                     "{\"expect\": \"GET /b\", \"raw\": \"HTTP/1.1 2x0 huh\\r\\n\\r\\n\"}]}");
  CHECK_INT(send_plain(&self, "GET", "/a"), HW_PROTOCOL);
  CHECK(strstr(self.err.message, "did not answer in HTTP") != NULL);
  CHECK(send_plain(&self, "GET", "/b") != HW_OK);
  close_client(&self);
}

int main(void) {
  static const char *const proxies[] = {"http_proxy", "https_proxy", "all_proxy", "no_proxy",
                                        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"};
  for (size_t i = 0; i < sizeof proxies / sizeof proxies[0]; i++) {
    unsetenv(proxies[i]);
  }
  RUN(connections_are_kept);
  RUN(error_answers_are_answers);
  RUN(bodies_are_sent);
  RUN(sinks_take_large_answers);
  RUN(sources_give_large_bodies);
  RUN(answers_in_memory_are_bounded);
  RUN(passing_failures_are_repeated);
  RUN(attempts_end);
  RUN(a_post_is_not_repeated);
  RUN(nothing_is_sent_again_unseen);
  RUN(a_safe_request_on_a_tired_connection_is_a_second_attempt);
  RUN(a_server_that_goes_away_is_not_asked_twice);
  RUN(a_source_is_rewound_or_not_repeated);
  RUN(retry_after_is_waited_for);
  RUN(silence_ends);
  RUN(the_total_holds_over_drops_and_retries);
  RUN(a_tick_can_end_a_wait);
  RUN(a_cancel_ends_waits_at_once);
  RUN(a_close_ends_waits_at_once);
  RUN(nobody_listens);
  RUN(unknown_hosts_are_named);
  RUN(bad_input_is_refused_before_anything_is_sent);
  RUN(redirects_within_a_host);
  RUN(a_given_proxy_is_for_every_host);
  RUN(a_named_host_gets_the_headers_of_the_request);
  RUN(redirects_may_be_answers);
  RUN(credentials_stay_with_their_host);
  RUN(threads_share_a_pool);
  RUN(a_child_opens_its_own_connection);
  RUN(a_unix_socket);
  RUN(proxies_of_the_environment);
  RUN(garbage_is_not_http);
  return check_failures == 0 ? 0 : 1;
}

/*
 * test_http_renewal.c - a token that runs out is read again and the request repeated.
 */
#include <fcntl.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "credential.h"
#include "http.h"
#include "http_stream.h"
#include "server.h"

#define BEARER(token) "\"expect_headers\": {\"Authorization\": \"Bearer " token "\"}"
#define REFUSED(request, token)                                                                    \
  "{\"expect\": \"" request "\", \"status\": 401, \"reason\": \"Unauthorized\", " BEARER(token) "}"
#define ACCEPTED(request, token)                                                                   \
  "{\"expect\": \"" request "\", \"body\": \"yes\", " BEARER(token) "}"
#define STEPS(list) "{\"steps\": [" list "]}"

static char token_file[64];

static void write_token(const char *text) {
  char fresh[80];
  (void)snprintf(fresh, sizeof fresh, "%s.new", token_file);
  FILE *file = fopen(fresh, "w");
  CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
  CHECK_INT(rename(fresh, token_file), 0);
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

typedef struct client {
  server peer;
  hw_http_pool *pool;
  hw_http_response response;
  hw_error err;
  hw_http_request request;
} client;

static void open_client_with(client *self, hw_credential credential, const char *script) {
  hw_http_config config;
  server_start(&self->peer, script, 0);
  hw_http_config_init(&config);
  config.base_url = self->peer.url;
  config.credential = credential;
  hw_error_init(&self->err);
  hw_http_response_init(&self->response);
  hw_http_request_init(&self->request, "GET", "/a");
  CHECK_INT(hw_http_pool_new(&config, &self->pool, &self->err), HW_OK);
}

static void open_client(client *self, const char *script) {
  open_client_with(self, (hw_credential){.read = hw_token_file_read, .ctx = token_file}, script);
}

static hw_status send_it(client *self) {
  hw_error_init(&self->err);
  return hw_http_send(self->pool, &self->request, &self->response, &self->err);
}

static void close_client(client *self) {
  hw_http_response_free(&self->response);
  hw_http_pool_free(self->pool);
  CHECK_INT(server_stop(&self->peer), 0);
}

/* Writes the next of some tokens whenever an attempt is reported. */
typedef struct renewer {
  const char *const *tokens;
  int reports;
  char lines[4096];
} renewer;

static void renew(void *ctx, hw_log_level level, const char *text) {
  renewer *self = ctx;
  (void)level;
  self->reports++;
  (void)strncat(self->lines, text, sizeof self->lines - strlen(self->lines) - 1);
  if (*self->tokens != NULL) {
    write_token(*self->tokens++);
  }
}

static void a_token_that_was_renewed_already(void) {
  client self;
  write_token("old\n");
  open_client(&self, STEPS(ACCEPTED("GET /a", "old") "," REFUSED("POST /a", "old") "," ACCEPTED(
                         "POST /a", "new") "," ACCEPTED("GET /a", "new")));
  CHECK_INT(send_it(&self), HW_OK);
  CHECK_INT(self.response.attempts, 1);
  write_token("  new  \n");
  hw_http_source body = {.memory = {"content", 7}};
  hw_http_request_init(&self.request, "POST", "/a");
  self.request.source = &body;
  self.request.retry = HW_RETRY_NEVER;
  CHECK_INT(send_it(&self), HW_OK);
  CHECK_INT(self.response.status, 200);
  CHECK_INT(self.response.attempts, 2);
  hw_http_request_init(&self.request, "GET", "/a");
  CHECK_INT(send_it(&self), HW_OK);
  CHECK_INT(self.response.attempts, 1);
  close_client(&self);
}

static void a_token_that_is_waited_for(void) {
  client self;
  /* It comes after the second refusal: 0.6 s and 1.2 s are waited. */
  const char *const tokens[] = {"old", "new", NULL};
  renewer surroundings = {.tokens = tokens};
  write_token("old");
  open_client(&self, STEPS(REFUSED("GET /a", "old") "," REFUSED("GET /a", "old") "," ACCEPTED(
                         "GET /a", "new")));
  self.request.hooks = (hw_http_hooks){.log = renew, .ctx = &surroundings};
  int64_t began = now_ms();
  CHECK_INT(send_it(&self), HW_OK);
  CHECK(now_ms() - began >= 1790);
  CHECK_INT(self.response.status, 200);
  CHECK_INT(self.response.attempts, 3);
  CHECK_INT(surroundings.reports, 3);
  CHECK(strstr(surroundings.lines, "trying again in 0.60 s") != NULL);
  CHECK(strstr(surroundings.lines, "trying again in 1.20 s") != NULL);
  CHECK(strstr(surroundings.lines, "old") == NULL);
  CHECK(strstr(surroundings.lines, "new") == NULL);
  close_client(&self);
}

static void not_longer_than_the_deadline(void) {
  client self;
  write_token("old");
  open_client(&self, STEPS(REFUSED("GET /a", "old") "," REFUSED("GET /a", "old")));
  unlink(token_file); /* what cannot be read again leaves the old token in force */
  self.request.total_timeout_ms = 1500;
  CHECK_INT(send_it(&self), HW_OK);
  CHECK_INT(self.response.status, 401);
  CHECK_INT(self.response.attempts, 2);
  CHECK_INT(hw_http_check(self.pool, &self.request, &self.response, &self.err), HW_HTTP);
  CHECK_INT(self.err.http_status, 401);
  close_client(&self);
}

static hw_status another_each_time(void *ctx, hw_buf *value, hw_error *err) {
  return hw_buf_appendf(value, err, "Bearer %d", ++*(int *)ctx);
}

static void not_more_often_than_ten_times(void) {
  client self;
  int reads = 0;
  open_client_with(&self, (hw_credential){.read = another_each_time, .ctx = &reads},
                   STEPS("{\"expect\": \"GET /a\", \"status\": 401, \"times\": 11}"));
  CHECK_INT(send_it(&self), HW_OK);
  CHECK_INT(self.response.status, 401);
  CHECK_INT(self.response.attempts, 11);
  close_client(&self);
}

static bool refuse(void *ctx) {
  return ++*(int *)ctx < 3;
}

static void the_wait_can_be_ended(void) {
  client self;
  int ticks = 0;
  write_token("old");
  open_client(&self, STEPS(REFUSED("GET /a", "old")));
  self.request.hooks = (hw_http_hooks){.tick = refuse, .ctx = &ticks};
  CHECK_INT(send_it(&self), HW_CANCELLED);
  CHECK_INT(ticks, 3);
  close_client(&self);
}

static hw_status read_once(void *ctx, char *into, size_t room, size_t *got, hw_error *err) {
  size_t *left = ctx;
  (void)err;
  *got = *left < room ? *left : room;
  memset(into, 'x', *got);
  *left -= *got;
  return HW_OK;
}

static hw_status again(void *ctx, hw_error *err) {
  (void)err;
  *(size_t *)ctx = 100;
  return HW_OK;
}

static void content_is_repeated_only_if_it_can_be(void) {
  client self;
  size_t left = 100;
  hw_http_source source = {.read = read_once, .ctx = &left, .length = 100};
  write_token("old");
  open_client(&self, STEPS(REFUSED("PUT /a", "old") "," REFUSED("PUT /a", "new") "," ACCEPTED(
                         "PUT /a", "newer")));
  hw_http_request_init(&self.request, "PUT", "/a");
  self.request.source = &source;
  write_token("new");
  CHECK_INT(send_it(&self), HW_OK);
  CHECK_INT(self.response.status, 401);
  CHECK_INT(self.response.attempts, 1);
  /* The token was read again all the same: the next request has it. */
  write_token("newer");
  source.rewind = again;
  left = 100;
  CHECK_INT(send_it(&self), HW_OK);
  CHECK_INT(self.response.status, 200);
  CHECK_INT(self.response.attempts, 2);
  close_client(&self);
}

static void pushed_content_gets_the_newest_token(void) {
  client self;
  hw_http_stream *stream = NULL;
  write_token("old");
  open_client(&self,
              STEPS("{\"expect\": \"POST /a\", \"expect_body\": \"rows\", " BEARER("new") "}"));
  write_token("new");
  hw_http_request_init(&self.request, "POST", "/a");
  CHECK_INT(hw_http_stream_open_upload(self.pool, &self.request, &stream, &self.err), HW_OK);
  CHECK_INT(hw_http_stream_write(stream, hw_view_of("rows"), &self.err), HW_OK);
  CHECK_INT(hw_http_stream_finish(stream, &self.err), HW_OK);
  CHECK_INT(hw_http_stream_response(stream)->status, 200);
  hw_http_stream_free(stream);
  close_client(&self);
}

static void a_pulled_answer(void) {
  client self;
  hw_http_stream *stream = NULL;
  char block[16];
  size_t got = 0;
  write_token("old");
  open_client(&self, STEPS(REFUSED("GET /a", "old") "," ACCEPTED("GET /a", "new")));
  write_token("new");
  CHECK_INT(hw_http_stream_open_download(self.pool, &self.request, &stream, &self.err), HW_OK);
  CHECK_INT(hw_http_stream_read(stream, block, sizeof block, &got, &self.err), HW_OK);
  CHECK_INT(got, 3);
  hw_http_stream_free(stream);
  close_client(&self);
}

static void another_host_gets_no_token(void) {
  client self;
  write_token("old");
  open_client(&self,
              STEPS("{\"expect\": \"GET /a\", \"status\": 302, \"headers\": {\"Location\": "
                    "\"http://127.0.0.1:{port}/b\"}, " BEARER(
                        "old") "},"
                               "{\"expect\": \"GET /b\", \"status\": 401, \"expect_headers\": "
                               "{\"Authorization\": null}}"));
  write_token("new");
  CHECK_INT(send_it(&self), HW_OK);
  CHECK_INT(self.response.status, 401);
  CHECK_INT(self.response.attempts, 1);
  close_client(&self);
}

static void *send_from_a_thread(void *ctx) {
  client *self = ctx;
  hw_http_request request;
  hw_http_response response;
  hw_error err;
  hw_error_init(&err);
  hw_http_response_init(&response);
  hw_http_request_init(&request, "GET", "/a");
  hw_status status = hw_http_send(self->pool, &request, &response, &err);
  bool good = status == HW_OK && response.status == 200;
  hw_http_response_free(&response);
  return good ? self : NULL;
}

static void many_threads_at_once(void) {
  enum { THREADS = 16 };
  client self;
  pthread_t threads[THREADS];
  write_token("old");
  open_client(&self, STEPS("{\"expect\": \"GET /a\", \"status\": 401, \"times\": 8},"
                           "{\"expect\": \"GET /a\", \"times\": 16}"));
  write_token("new");
  for (int i = 0; i < THREADS; i++) {
    CHECK_INT(pthread_create(&threads[i], NULL, send_from_a_thread, &self), 0);
  }
  for (int i = 0; i < THREADS; i++) {
    void *good = NULL;
    CHECK_INT(pthread_join(threads[i], &good), 0);
    CHECK(good == &self);
  }
  close_client(&self);
}

static hw_status open_with(const char *text, hw_error *err) {
  hw_http_config config;
  hw_http_pool *pool = NULL;
  if (text == NULL) {
    unlink(token_file);
  } else {
    write_token(text);
  }
  hw_http_config_init(&config);
  config.base_url = "http://localhost:1";
  config.credential = (hw_credential){.read = hw_token_file_read, .ctx = token_file};
  hw_error_init(err);
  hw_status status = hw_http_pool_new(&config, &pool, err);
  hw_http_pool_free(pool);
  return status;
}

static void tokens_that_cannot_be(void) {
  static char long_token[HW_CREDENTIAL_MAX + 2];
  hw_error err;
  CHECK_INT(open_with("good.token-_~+/=", &err), HW_OK);
  CHECK_INT(open_with(NULL, &err), HW_IO);
  CHECK(err.os_error != 0);
  CHECK(strstr(err.message, token_file) != NULL);
  CHECK_INT(open_with(" \n", &err), HW_ARGUMENT);
  CHECK(strstr(err.message, "is empty") != NULL);
  CHECK_INT(open_with("secret\nX-Forged: 1", &err), HW_ARGUMENT);
  CHECK(strstr(err.message, token_file) != NULL);
  CHECK(strstr(err.message, "secret") == NULL);
  memset(long_token, 'x', sizeof long_token - 1);
  CHECK_INT(open_with(long_token, &err), HW_LIMIT);
  CHECK(strstr(err.message, token_file) != NULL);
}

int main(void) {
  (void)snprintf(token_file, sizeof token_file, "/tmp/hw-token-%ld", (long)getpid());
  RUN(a_token_that_was_renewed_already);
  RUN(a_token_that_is_waited_for);
  RUN(not_longer_than_the_deadline);
  RUN(not_more_often_than_ten_times);
  RUN(the_wait_can_be_ended);
  RUN(content_is_repeated_only_if_it_can_be);
  RUN(pushed_content_gets_the_newest_token);
  RUN(a_pulled_answer);
  RUN(another_host_gets_no_token);
  RUN(many_threads_at_once);
  RUN(tokens_that_cannot_be);
  unlink(token_file);
  return check_failures > 0;
}

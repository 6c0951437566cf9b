/*
 * test_transfer.c - uploads and downloads of the core, several requests at a time.
 *
 * What a chunk looks like and what happens on every kind of fault is tested from Python
 * (tests/local/test_uploads.py, test_downloads.py); here are the threads: order, callbacks, cancel,
 * the first failure.
 */
#include "transfer.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "server.h"

enum { CHUNK = 1000, CHUNKS = 20 };

typedef struct transfer {
  server peer;
  hw_http_pool *pool;
  hw_http_response failed;
  hw_error err;
  hw_transfer_options options;
  pthread_t caller;
  unsigned ticks, reports, lines, foreign_calls;
  uint64_t done, total;
  unsigned cancel_after; /* ticks */
  bool slow_log;
  bool fail_progress;
} transfer;

static char source[] = "/tmp/hopsworks-test-transfer-XXXXXX";
static char target[64];

static void note_thread(transfer *self) {
  self->foreign_calls += pthread_equal(self->caller, pthread_self()) == 0;
}

static bool on_tick(void *ctx) {
  transfer *self = ctx;
  note_thread(self);
  return ++self->ticks != self->cancel_after;
}

static void on_log(void *ctx, hw_log_level level, const char *text) {
  transfer *self = ctx;
  (void)level;
  note_thread(self);
  self->lines += strstr(text, "/upload") != NULL;
  if (self->slow_log) {
    struct timespec nap = {.tv_nsec = 5000000};
    (void)nanosleep(&nap, NULL);
  }
}

static hw_status on_progress(void *ctx, uint64_t done, uint64_t total, hw_error *err) {
  transfer *self = ctx;
  note_thread(self);
  CHECK(done <= total);
  self->reports++;
  self->done = done;
  self->total = total;
  return self->fail_progress ? hw_error_set(err, HW_CALLBACK, "not any more") : HW_OK;
}

static void begin(transfer *self, const char *script, unsigned parallel) {
  hw_http_config config;
  memset(self, 0, sizeof *self);
  server_start(&self->peer, script, 0);
  hw_http_config_init(&config);
  config.base_url = self->peer.url;
  hw_error_init(&self->err);
  hw_http_response_init(&self->failed);
  CHECK_INT(hw_http_pool_new(&config, &self->pool, &self->err), HW_OK);
  hw_transfer_options_init(&self->options);
  self->caller = pthread_self();
  self->options.parallel = parallel;
  self->options.retry_interval_ms = 10;
  self->options.hooks = (hw_http_hooks){.tick = on_tick, .log = on_log, .ctx = self};
  self->options.progress = on_progress;
}

static int end(transfer *self) {
  hw_http_response_free(&self->failed);
  hw_http_pool_free(self->pool);
  CHECK_INT(self->foreign_calls, 0);
  return server_stop(&self->peer);
}

static hw_status upload_by(transfer *self, uint64_t chunk) {
  hw_upload_item item = {.local_path = source, .url = "/upload", .name = "x"};
  return hw_upload_files(self->pool, &item, 1, chunk, &self->options, &self->failed, &self->err);
}

static hw_status upload(transfer *self) {
  return upload_by(self, CHUNK);
}

static void chunks_go_side_by_side(void) {
  transfer self;
  begin(&self,
        "{\"ordered\": false, \"steps\": [{\"expect\": \"POST /upload\", \"times\": 20, \"delay\": "
        "0.02}]}",
        4);
  CHECK_INT(upload(&self), HW_OK);
  CHECK_INT(self.done, CHUNK * CHUNKS);
  CHECK_INT(self.total, CHUNK * CHUNKS);
  CHECK_INT(self.lines, CHUNKS);
  CHECK_INT(end(&self), 0);
  CHECK_INT(server_count(&self.peer, "connections "), 4);
}

/* There is room for 32 lines, and the workers are faster than the log. */
static void a_slow_log_loses_no_line(void) {
  transfer self;
  begin(&self, "{\"steps\": [{\"expect\": \"POST /upload\", \"times\": 200}]}", 12);
  self.slow_log = true;
  CHECK_INT(upload_by(&self, CHUNK * CHUNKS / 200), HW_OK);
  CHECK_INT(self.lines, 200);
  CHECK_INT(end(&self), 0);
}

static void one_at_a_time_stays_on_the_thread(void) {
  transfer self;
  begin(&self, "{\"steps\": [{\"expect\": \"POST /upload\", \"times\": 20}]}", 1);
  CHECK_INT(upload(&self), HW_OK);
  CHECK_INT(self.reports, 1);
  CHECK_INT(end(&self), 0);
  CHECK_INT(server_count(&self.peer, "connections "), 1);
}

static void the_first_chunk_goes_alone(void) {
  transfer self;
  begin(&self,
        "{\"steps\": [{\"expect\": \"POST /upload\", \"status\": 403, \"delay\": 0.1, \"body\": "
        "\"no\"}]}",
        4);
  CHECK_INT(upload(&self), HW_HTTP);
  CHECK_INT(self.failed.status, 403);
  CHECK_STR(self.failed.body.ptr, "no");
  CHECK_INT(self.err.http_status, 403);
  CHECK_INT(end(&self), 0);
}

static void the_first_failure_ends_the_others(void) {
  transfer self;
  begin(&self,
        "{\"ordered\": false, \"steps\": [{\"expect\": \"POST /upload\"},"
        "{\"expect\": \"POST /upload\", \"status\": 500, \"delay\": 0.2},"
        "{\"expect\": \"POST /upload\", \"silent\": 20, \"times\": 3}]}",
        4);
  CHECK_INT(upload(&self), HW_HTTP);
  CHECK_INT(self.failed.status, 500);
  CHECK_INT(end(&self), 0);
}

static void a_cancel_ends_everything(void) {
  transfer self;
  begin(&self,
        "{\"ordered\": false, \"steps\": [{\"expect\": \"POST /upload\"},"
        "{\"expect\": \"POST /upload\", \"silent\": 20, \"times\": 4}]}",
        4);
  self.cancel_after = 3;
  CHECK_INT(upload(&self), HW_CANCELLED);
  CHECK_INT(self.ticks, 3);
  (void)end(&self);
}

static void a_failed_report_ends_everything(void) {
  transfer self;
  begin(&self,
        "{\"ordered\": false, \"steps\": [{\"expect\": \"POST /upload\"},"
        "{\"expect\": \"POST /upload\", \"silent\": 20, \"times\": 4}]}",
        4);
  self.fail_progress = true;
  CHECK_INT(upload(&self), HW_CALLBACK);
  CHECK_STR(self.err.message, "not any more");
  (void)end(&self);
}

static void a_missing_file_costs_no_request(void) {
  transfer self;
  begin(&self, "{\"steps\": []}", 4);
  hw_upload_item items[2] = {{.local_path = source, .url = "/upload", .name = "x"},
                             {.local_path = "/no/such/file", .url = "/upload", .name = "y"}};
  CHECK_INT(hw_upload_files(self.pool, items, 2, CHUNK, &self.options, &self.failed, &self.err),
            HW_IO);
  CHECK(strstr(self.err.message, "/no/such/file") != NULL);
  CHECK_INT(end(&self), 0);
  CHECK_INT(server_count(&self.peer, "requests "), 0);
}

static void a_whole_answer_is_written(void) {
  transfer self;
  char head[4];
  begin(&self, "{\"steps\": [{\"expect\": \"GET /x\", \"size\": 20000000}]}", 4);
  hw_download what = {.url = "/x", .target = target, .size = 20000000};
  CHECK_INT(hw_download_files(self.pool, &what, 1, &self.options, &self.failed, &self.err), HW_OK);
  CHECK_INT(self.done, 20000000);
  int fd = open(target, O_RDONLY | O_CLOEXEC);
  CHECK_INT(lseek(fd, 0, SEEK_END), 20000000);
  CHECK_INT(pread(fd, head, 4, 19999998), 2);
  (void)close(fd);
  (void)unlink(target);
  CHECK_INT(end(&self), 0);
}

static void a_cancelled_download_leaves_nothing(void) {
  transfer self;
  begin(&self,
        "{\"steps\": [{\"expect\": \"GET /x\", \"size\": 20000000, \"trickle\": [100000, 0.01]}]}",
        4);
  self.cancel_after = 2;
  hw_download what = {.url = "/x", .target = target, .size = 20000000};
  CHECK_INT(hw_download_files(self.pool, &what, 1, &self.options, &self.failed, &self.err),
            HW_CANCELLED);
  CHECK_INT(access(target, F_OK), -1);
  (void)end(&self);
}

int main(void) {
  char content[CHUNK];
  int fd = mkstemp(source);
  memset(content, 'x', sizeof content);
  for (int i = 0; i < CHUNKS; i++) {
    if (write(fd, content, sizeof content) != (ssize_t)sizeof content) {
      perror(source);
      return 2;
    }
  }
  (void)close(fd);
  (void)snprintf(target, sizeof target, "%s.target", source);
  RUN(chunks_go_side_by_side);
  RUN(a_slow_log_loses_no_line);
  RUN(one_at_a_time_stays_on_the_thread);
  RUN(the_first_chunk_goes_alone);
  RUN(the_first_failure_ends_the_others);
  RUN(a_cancel_ends_everything);
  RUN(a_failed_report_ends_everything);
  RUN(a_missing_file_costs_no_request);
  RUN(a_whole_answer_is_written);
  RUN(a_cancelled_download_leaves_nothing);
  (void)unlink(source);
  return check_failures == 0 ? 0 : 1;
}

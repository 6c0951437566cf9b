#include "transfer_workers.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
  TICK_MS = 100,
  LOG_PATIENCE_MS = 1000,
  LONGEST_DELAY_MS = 30000,
  LONGEST_RETRY_AFTER_MS = 120000
};

void hw_transfer_options_init(hw_transfer_options *options) {
  *options = (hw_transfer_options){
      .parallel = 1, .retries = 3, .retry_interval_ms = 1000, .range_size = 8 << 20};
}

static struct timespec after_ms(int64_t ms) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  at.tv_sec += (time_t)(ms / 1000);
  at.tv_nsec += (long)(ms % 1000) * 1000000L;
  if (at.tv_nsec >= 1000000000L) {
    at.tv_sec++;
    at.tv_nsec -= 1000000000L;
  }
  return at;
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- log lines of the workers, passed on by the thread that waits
 * ----------------------------------------- */

/* Many small requests make more lines than there is room for until the next tick: then the thread
   that waits is woken, and the worker gives it some time. */
static void keep_line(void *ctx, hw_log_level level, const char *text) {
  hw__workers *workers = ctx;
  (void)pthread_mutex_lock(&workers->lock);
  if (workers->line_count == HW__LOG_LINES) {
    (void)pthread_cond_broadcast(&workers->changed);
  }
  /* Counted in time, not in wakes: the other workers wake this one too. */
  for (int64_t end = now_ms() + LOG_PATIENCE_MS;
       workers->line_count == HW__LOG_LINES && now_ms() < end;) {
    struct timespec until = after_ms(TICK_MS);
    (void)pthread_cond_timedwait(&workers->changed, &workers->lock, &until);
  }
  if (workers->line_count < HW__LOG_LINES) {
    unsigned at = (workers->first_line + workers->line_count++) % HW__LOG_LINES;
    workers->lines[at].level = level;
    (void)snprintf(workers->lines[at].text, HW__LOG_LINE_MAX, "%s", text);
  }
  (void)pthread_mutex_unlock(&workers->lock);
}

/* The lock is held, and given up while a callback runs. */
static void pass_lines_on(hw__workers *workers) {
  while (workers->line_count > 0) {
    hw__log_line line = workers->lines[workers->first_line];
    workers->first_line = (workers->first_line + 1) % HW__LOG_LINES;
    workers->line_count--;
    (void)pthread_mutex_unlock(&workers->lock);
    workers->options->hooks.log(workers->options->hooks.ctx, line.level, line.text);
    (void)pthread_mutex_lock(&workers->lock);
  }
  (void)pthread_cond_broadcast(&workers->changed); /* there is room again */
}

/* --- the end of a transfer
 * ---------------------------------------------------------------------------------- */

/* The lock is held. The first failure counts; what it makes the others fail with does not. */
static void fail(hw__workers *workers, hw_status status, const hw_error *error,
                 hw_http_response *response) {
  if (workers->status != HW_OK) {
    return;
  }
  workers->status = status;
  workers->error = *error;
  if (status == HW_HTTP && response != NULL && workers->failed != NULL) {
    hw_http_response *failed = workers->failed;
    hw_http_response kept = *failed;
    *failed = *response;
    *response = kept;
  }
  hw_cancel_fire(&workers->cancel);
  (void)pthread_cond_broadcast(&workers->changed);
}

static void *run_worker(void *argument) {
  hw__workers *workers = argument;
  hw_http_response response;
  hw_error error;
  hw_http_response_init(&response);
  hw_error_init(&error);
  hw_status status = workers->work(workers, workers->ctx, &response, &error);
  (void)pthread_mutex_lock(&workers->lock);
  if (status != HW_OK) {
    fail(workers, status, &error, &response);
  }
  workers->running--;
  (void)pthread_cond_broadcast(&workers->changed);
  (void)pthread_mutex_unlock(&workers->lock);
  hw_http_response_free(&response);
  return NULL;
}

/* --- the thread that waits
 * ---------------------------------------------------------------------------------- */

/* The lock is held, and given up while callbacks run. */
static void look_around(hw__workers *workers) {
  const hw_transfer_options *options = workers->options;
  hw_error error;
  hw_error_init(&error);
  hw_status status = HW_OK;
  if (options->hooks.log != NULL) {
    pass_lines_on(workers);
  }
  if (workers->status != HW_OK) {
    return; /* it is over already; the caller has been asked */
  }
  (void)pthread_mutex_unlock(&workers->lock);
  if (options->progress != NULL) {
    status =
        options->progress(options->hooks.ctx, atomic_load(&workers->done), workers->total, &error);
  }
  if (status == HW_OK && options->hooks.tick != NULL && !options->hooks.tick(options->hooks.ctx)) {
    status = hw_error_set(&error, HW_CANCELLED, "the transfer was cancelled");
  }
  (void)pthread_mutex_lock(&workers->lock);
  if (status != HW_OK) {
    fail(workers, status, &error, NULL);
  }
}

static void wait_for_workers(hw__workers *workers) {
  (void)pthread_mutex_lock(&workers->lock);
  while (workers->running > 0) {
    struct timespec until = after_ms(TICK_MS);
    int reason = 0;
    while (workers->running > 0 && reason == 0 && workers->line_count < HW__LOG_LINES) {
      reason = pthread_cond_timedwait(&workers->changed, &workers->lock, &until);
    }
    look_around(workers);
  }
  look_around(workers);
  (void)pthread_mutex_unlock(&workers->lock);
}

/* A small transfer stays on the calling thread; its requests use the caller's own hooks. */
static void run_here(hw__workers *workers) {
  workers->hooks = workers->options->hooks;
  workers->running = 1;
  (void)run_worker(workers);
  (void)pthread_mutex_lock(&workers->lock);
  if (workers->status == HW_OK && workers->options->progress != NULL) {
    hw_error error;
    hw_error_init(&error);
    (void)pthread_mutex_unlock(&workers->lock);
    hw_status status = workers->options->progress(
        workers->options->hooks.ctx, atomic_load(&workers->done), workers->total, &error);
    (void)pthread_mutex_lock(&workers->lock);
    if (status != HW_OK) {
      fail(workers, status, &error, NULL);
    }
  }
  (void)pthread_mutex_unlock(&workers->lock);
}

static unsigned start(hw__workers *workers, pthread_t *threads, unsigned count) {
  sigset_t all, before;
  unsigned started = 0;
  workers->hooks = (hw_http_hooks){.log = workers->options->hooks.log == NULL ? NULL : keep_line,
                                   .ctx = workers};
  workers->running = count;
  /* Signals belong to the program's own threads. */
  (void)sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  while (started < count && pthread_create(&threads[started], NULL, run_worker, workers) == 0) {
    started++;
  }
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  (void)pthread_mutex_lock(&workers->lock);
  workers->running -= count - started;
  (void)pthread_mutex_unlock(&workers->lock);
  return started;
}

hw_status hw__workers_run(hw__workers *workers, unsigned count, hw_error *err) {
  pthread_t threads[HW__WORKERS_MAX];
  pthread_condattr_t attributes;
  HW_TRY(hw_cancel_init(&workers->cancel, err));
  int64_t timeout = workers->options->timeout_ms;
  workers->deadline_ms = timeout > 0 ? now_ms() + timeout : 0;
  (void)pthread_mutex_init(&workers->lock, NULL);
  (void)pthread_condattr_init(&attributes);
  (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  (void)pthread_cond_init(&workers->changed, &attributes);
  (void)pthread_condattr_destroy(&attributes);
  hw_error_init(&workers->error);
  count = count < HW__WORKERS_MAX ? count : HW__WORKERS_MAX;

  unsigned started = count > 1 ? start(workers, threads, count) : 0;
  if (started > 0) {
    wait_for_workers(workers);
    for (unsigned i = 0; i < started; i++) {
      (void)pthread_join(threads[i], NULL);
    }
  } else {
    run_here(workers);
  }
  if (workers->status != HW_OK && err != NULL) {
    *err = workers->error;
  }
  (void)pthread_cond_destroy(&workers->changed);
  (void)pthread_mutex_destroy(&workers->lock);
  hw_cancel_destroy(&workers->cancel);
  return workers->status;
}

/* --- what the work uses
 * ------------------------------------------------------------------------------------- */

hw_status hw__workers_wait(hw__workers *workers, hw_error *err) {
  if (workers->status == HW_OK) {
    struct timespec until = after_ms(TICK_MS);
    (void)pthread_cond_timedwait(&workers->changed, &workers->lock, &until);
  }
  return workers->status == HW_OK ? HW_OK
                                  : hw_error_set(err, HW_CANCELLED, "the transfer was cancelled");
}

static hw_status too_late(hw_error *err) {
  return hw_error_set(err, HW_TIMEOUT,
                      "the time given for the whole transfer was over before it was complete; "
                      "allow more time with a longer timeout");
}

hw_status hw__workers_request(hw__workers *workers, hw_http_request *request, const char *verb,
                              const char *url, hw_error *err) {
  hw_http_request_init(request, verb, url);
  if (workers->deadline_ms > 0) {
    request->total_timeout_ms = workers->deadline_ms - now_ms();
    if (request->total_timeout_ms <= 0) {
      return too_late(err);
    }
  }
  request->headers = workers->options->headers;
  request->header_count = workers->options->header_count;
  request->retry = HW_RETRY_NEVER;
  request->bulk = true;
  request->cancel = &workers->cancel;
  request->hooks = workers->hooks;
  return HW_OK;
}

/* What a broken connection leaves, and the answers that say "not now". A failed system call is no
 * such thing. */
static bool may_pass(hw_status status, const hw_http_response *response, const hw_error *err) {
  switch (status) {
  case HW_CONNECT:
  case HW_PROTOCOL:
  case HW_TIMEOUT:
    return true;
  case HW_IO:
    return err->os_error == 0;
  case HW_HTTP:
    return response->status == 408 || response->status == 425 || response->status == 429 ||
           (response->status > 501 && response->status < 600);
  default:
    return false;
  }
}

static int64_t delay_before(hw__workers *workers, unsigned failures,
                            const hw_http_response *response, hw_status status) {
  int64_t delay = workers->options->retry_interval_ms;
  for (unsigned i = 1; i < failures && delay < LONGEST_DELAY_MS; i++) {
    delay *= 2;
  }
  delay = delay > LONGEST_DELAY_MS ? LONGEST_DELAY_MS : delay;
  if (status == HW_HTTP) {
    hw_view value = hw_http_response_header(response, "Retry-After");
    int64_t asked = hw_retry_after_parse(value, (int64_t)time(NULL));
    if (asked > LONGEST_RETRY_AFTER_MS) {
      return -1;
    }
    delay = asked > delay ? asked : delay;
  }
  return delay;
}

hw_status hw__workers_pause(hw__workers *workers, hw_status status, unsigned failures,
                            const hw_http_response *response, hw_error *err) {
  if (err != NULL) {
    err->attempts = (int)failures;
  }
  if (failures > workers->options->retries || !may_pass(status, response, err)) {
    return status;
  }
  int64_t delay = delay_before(workers, failures, response, status);
  if (delay < 0) {
    return status;
  }
  int64_t until = now_ms() + delay;
  if (workers->deadline_ms > 0 && until >= workers->deadline_ms) {
    return status; /* there is no time for another attempt: what went wrong is the better answer */
  }
  while (now_ms() < until) {
    struct timespec nap = after_ms(until - now_ms() < TICK_MS ? until - now_ms() : TICK_MS);
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &nap, NULL);
    const hw_http_hooks *hooks = &workers->hooks;
    bool over = hw_cancel_fired(&workers->cancel) || hw_http_pool_closed(workers->pool);
    if (over || (hooks->tick != NULL && !hooks->tick(hooks->ctx))) {
      hw_error_init(err);
      return hw_error_set(err, HW_CANCELLED, "the transfer was cancelled");
    }
  }
  hw_error_init(err);
  return HW_OK;
}

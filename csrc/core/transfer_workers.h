/*
 * transfer_workers.h - threads that share the work of one transfer (private to transfer*.c).
 *
 * The calling thread only waits: it ticks, reports progress and passes on log lines, all at least
 * every 100 ms, so that callbacks are made on that thread alone. The first failure ends everybody's
 * work.
 */
#ifndef HW_TRANSFER_WORKERS_H
#define HW_TRANSFER_WORKERS_H

#include <pthread.h>
#include <stdatomic.h>

#include "cancel.h"
#include "transfer.h"

enum { HW__WORKERS_MAX = 32, HW__LOG_LINES = 32, HW__LOG_LINE_MAX = 512 };

typedef struct hw__log_line {
  hw_log_level level;
  char text[HW__LOG_LINE_MAX];
} hw__log_line;

typedef struct hw__workers hw__workers;

/* Works until nothing is left to do. `response` is the worker's own, used again for every request.
 */
typedef hw_status (*hw__work)(hw__workers *workers, void *ctx, hw_http_response *response,
                              hw_error *err);

struct hw__workers {
  hw_http_pool *pool;
  const hw_transfer_options *options;
  hw__work work;
  void *ctx;
  uint64_t total;
  int64_t deadline_ms;   /* of a clock that only goes forward; 0: none */
  _Atomic uint64_t done; /* bytes, for progress; taken back when a request is repeated */
  hw_cancel cancel;
  pthread_mutex_t lock;   /* of everything below, and of the state that the work shares */
  pthread_cond_t changed; /* a worker ended, or the shared state changed */
  unsigned running;
  hw_status status;
  hw_error error;
  hw_http_response *failed; /* borrowed: takes the answer that ended the transfer */
  hw_http_hooks hooks;      /* for the requests */
  hw__log_line lines[HW__LOG_LINES];
  unsigned first_line, line_count;
};

/* Runs `work` on `count` threads, or on this one when count is 1. */
hw_status hw__workers_run(hw__workers *workers, unsigned count, hw_error *err) HW_MUST_CHECK;

/* The lock is held: waits for a change or a tick. HW_CANCELLED when the transfer is over. */
hw_status hw__workers_wait(hw__workers *workers, hw_error *err) HW_MUST_CHECK;

/* A request with the options' headers, the hooks and the cancel flag of the transfer, for the time
   that is left of it. It is not repeated by the HTTP layer: hw__workers_pause() decides. */
hw_status hw__workers_request(hw__workers *workers, hw_http_request *request, const char *verb,
                              const char *url, hw_error *err) HW_MUST_CHECK;

/* After failure number `failures` of one piece of work: waits and gives HW_OK when it is to be
   tried again, else gives `status` back with `err` as it is. */
hw_status hw__workers_pause(hw__workers *workers, hw_status status, unsigned failures,
                            const hw_http_response *response, hw_error *err) HW_MUST_CHECK;

#endif

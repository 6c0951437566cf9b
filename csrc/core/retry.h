/*
 * retry.h - which failed requests may be sent again, and after how long.
 *
 * Pure decisions, no waiting and no I/O: http.c asks after each attempt. Only what is safe to
 * repeat is repeated; see the three classes. libcurl would send a request again by itself when a
 * kept connection turns out to be closed before one byte of an answer came; http_exchange.c keeps
 * it from that, so that every attempt is decided here and seen in the log.
 */
#ifndef HW_RETRY_H
#define HW_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "error.h"

typedef enum hw_retry_class {
  HW_RETRY_SAFE,   /* repeating changes nothing: GET, HEAD, PUT, DELETE, re-sent chunks */
  HW_RETRY_UNSENT, /* only when the server surely did nothing: no connection, or 429/503 with
                      Retry-After */
  HW_RETRY_NEVER
} hw_retry_class;

enum { HW_RETRY_ANSWERS_MAX = 8 };

typedef struct hw_retry_policy {
  int max_attempts;       /* the first one included */
  int64_t first_delay_ms; /* doubled after every attempt */
  int64_t max_delay_ms;
  int64_t max_retry_after_ms;        /* a server that asks for more is not waited for */
  int answers[HW_RETRY_ANSWERS_MAX]; /* statuses after which a safe request is repeated */
  size_t answer_count;
  bool answers_only_when_told; /* and only if such an answer has Retry-After */
  bool connect_always;         /* requests of every class are repeated when no connection stood */
} hw_retry_policy;

/* Four attempts, 250 ms doubling to 8 s, Retry-After up to 60 s; after 429, 502, 503 and 504. */
hw_retry_policy hw_retry_policy_default(void);

/* How an attempt ended. */
typedef struct hw_attempt {
  hw_status status; /* HW_OK when an answer came, whatever its HTTP status */
  int http_status;  /* 0 when none came */
  bool answered;    /* at least one byte of an answer was received */
  bool consumed;    /* the body cannot be sent again, or part of the answer was already handed on */
  bool stale;       /* a kept connection was closed before one byte of an answer came */
  int64_t retry_after_ms; /* -1 when the answer had none */
} hw_attempt;

/* Milliseconds to wait before attempt number `done` + 1, or -1 for no further attempt. `random` is
   any number; it spreads the delay over the upper half of its range, so that many clients do not
   come back together. */
int64_t hw_retry_delay(const hw_retry_policy *policy, hw_retry_class retry_class, int done,
                       const hw_attempt *attempt, uint32_t random);

/* Reads a Retry-After value (seconds or an HTTP date, `now` in seconds of the epoch); -1 when it is
 * neither. */
int64_t hw_retry_after_parse(hw_view value, int64_t now);

/* SAFE for GET, HEAD, PUT, DELETE and OPTIONS, else UNSENT. */
hw_retry_class hw_retry_class_of(const char *verb);

#endif

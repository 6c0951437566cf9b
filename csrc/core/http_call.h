/*
 * http_call.h - a request with its retries and redirects, as a chain of exchanges (private to
 * http*.c).
 */
#ifndef HW_HTTP_CALL_H
#define HW_HTTP_CALL_H

#include "http_exchange.h"

enum { HW__LOCATION_MAX = 8192 };

typedef struct hw__call {
  hw_http_pool *pool;
  const hw_http_request *request;
  hw_http_response *response;
  hw__flow flow;
  hw__exchange exchange; /* the present one; its handle is NULL when there is none */
  hw_origin home;        /* where the request itself goes */
  hw__audience audience_at_home;
  char location[HW__LOCATION_MAX]; /* where a redirect led, empty before */
  bool secure;                     /* the present exchange goes by TLS */
  const char *verb;
  hw__audience audience;
  bool without_body;
  bool sent_some; /* a source that is a callback was read in some attempt */
  int renewals;   /* attempts after the first that were made for a token */
  int renewal_pauses;
  int64_t began_us;
  int64_t deadline_ms;
  uint32_t random;
} hw__call;

/*
 * Sends until an answer is there that is neither followed nor repeated, and drives its exchange to
 * `until`. On success the exchange is open and hw__call_end() must follow; on failure everything is
 * released.
 */
hw_status hw__call_begin(hw__call *call, hw_http_pool *pool, const hw_http_request *request,
                         hw_http_response *response, hw__flow flow, hw__until until,
                         hw_error *err) HW_MUST_CHECK;
/* Gives the connection back, or breaks it off when the exchange is not complete. May be repeated.
 */
void hw__call_end(hw__call *call);

/* Puts the request's name and the attempts into a failure. */
void hw__call_describe(const hw__call *call, hw_error *err);

#endif

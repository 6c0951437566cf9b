/*
 * http_exchange.h - one request and its answer on one connection (private to http*.c).
 *
 * An exchange sets a handle up, moves bytes between curl and the request's source and sink, and
 * drives the handle in slices. It knows nothing of retries and redirects, which http.c makes of
 * several exchanges, nor who pushes or pulls: http_stream.c drives one until a given point.
 */
#ifndef HW_HTTP_EXCHANGE_H
#define HW_HTTP_EXCHANGE_H

#include "http_pool.h"

/* Where the content of the request comes from and where that of the answer goes. */
typedef enum hw__flow {
  HW__FLOW_WHOLE, /* the request's source and sink */
  HW__FLOW_PUSH,  /* the content is given by http_stream_write */
  HW__FLOW_PULL   /* the content of the answer waits in `inbox` */
} hw__flow;

/* How far hw__exchange_drive() goes. */
typedef enum hw__until {
  HW__UNTIL_DONE,
  HW__UNTIL_TAKEN, /* everything pushed was taken */
  HW__UNTIL_HEAD,  /* the head of the answer is complete */
  HW__UNTIL_BYTES  /* there is something in the inbox, or `into` is full */
} hw__until;

/* Who the request is sent to, and so what it may hold. */
typedef enum hw__audience {
  HW__TO_SERVICE, /* the pool's origin: headers, credentials and certificate of the pool too */
  HW__TO_NAMED,   /* another origin, which the request names: the request's own headers */
  HW__TO_STRANGER /* where a redirect led: what is harmless of the request's own headers */
} hw__audience;

typedef struct hw__exchange {
  /* given */
  hw__handle *handle; /* borrowed */
  const hw_http_request *request;
  hw_http_response *response;
  const char *verb;
  const char *url; /* absolute; NULL: the pool's base and the request's URL */
  hw__audience audience;
  bool without_body; /* a redirect turned the request into a GET */
  hw__flow flow;
  hw_http_hooks hooks;
  int64_t deadline_ms; /* 0: none */

  /* state */
  unsigned authorization; /* which line of the credential was sent, see http_renewal.h */
  hw_error failure;       /* of a callback: it, not curl's view of it, is the reason */
  bool requested;         /* curl began to send the request */
  bool resend_refused;    /* curl wanted to send it a second time, unasked */
  bool started;           /* some content of the request was handed to curl */
  bool answered;          /* a byte of an answer came */
  bool delivered;         /* some content of the answer went to the sink */
  bool head_complete;
  bool redirects; /* the answer is a redirect that can be followed */
  bool attached;  /* the easy handle is in its multi handle */
  bool done;
  bool send_paused, receive_paused;
  CURLcode code;
  int64_t last_byte_ms, last_tick_ms;
  int64_t read_timeout_ms, connect_timeout_ms; /* resolved */
  hw_view pushed;                              /* what is left to send of the caller's bytes */
  bool push_ended;
  hw_buf inbox; /* pulled content not yet read */
  size_t inbox_read;
  char *into; /* borrowed: where pulled content goes past the inbox, while somebody waits for it */
  size_t into_room;
} hw__exchange;

/* Milliseconds of a clock that only goes forward. */
int64_t hw__now_ms(void);

/* The options that connect a new handle with this file. */
void hw__exchange_install(hw__handle *handle);

/* Prepares; the given fields must be set. On failure nothing needs to be ended. */
hw_status hw__exchange_begin(hw__exchange *exchange, hw_error *err) HW_MUST_CHECK;
/* Moves bytes until the point is reached or the exchange is complete (`done`). */
hw_status hw__exchange_drive(hw__exchange *exchange, hw__until until, hw_error *err) HW_MUST_CHECK;
/* Takes the handle apart again. True when it may be used again. */
bool hw__exchange_end(hw__exchange *exchange);
/* Lets a paused direction go on. */
void hw__exchange_resume(hw__exchange *exchange);

/* True when curl may open a connection: not for a request that it has begun to send already. */
bool hw__exchange_may_connect(hw__exchange *exchange);

/* Records the failure of a callback; the first one counts. */
void hw__exchange_fail(hw__exchange *exchange, const hw_error *failure);

/* Sleeps in slices with the hooks of a request. HW_OK when the time is over. */
hw_status hw__wait(hw__handle *handle, const hw_http_request *request, int64_t until_ms,
                   hw_error *err) HW_MUST_CHECK;

#endif

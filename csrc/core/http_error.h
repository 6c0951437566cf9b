/*
 * http_error.h - what to tell about an exchange that failed (private to http*.c).
 *
 * Each function fills `err` and returns its status. Messages name the host, what was awaited and
 * for how long, and what can be done; never a query, a header or a body.
 */
#ifndef HW_HTTP_ERROR_H
#define HW_HTTP_ERROR_H

#include "http_exchange.h"

/* curl gave up with exchange->code, or a callback failed. */
hw_status hw__http_explain(hw__exchange *exchange, hw_error *err);
/* No byte moved within the read timeout. */
hw_status hw__http_explain_silence(hw__exchange *exchange, hw_error *err);
/* The total time is over. */
hw_status hw__http_explain_deadline(hw__exchange *exchange, hw_error *err);

/* "host:port" of what was connected to, or the socket of a local server. */
void hw__http_peer(const hw__exchange *exchange, char *into, size_t room);

#endif

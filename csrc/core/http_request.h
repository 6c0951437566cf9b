/*
 * http_request.h - what one request tells curl: address, header lines, content, limits (private to
 * http*.c).
 */
#ifndef HW_HTTP_REQUEST_H
#define HW_HTTP_REQUEST_H

#include "http_exchange.h"

/* Sets the options of the exchange's handle that differ between requests, and resolves its
   timeouts. */
hw_status hw__request_set_up(hw__exchange *exchange, hw_error *err) HW_MUST_CHECK;

#endif

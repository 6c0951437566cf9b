/*
 * http_renewal.h - the Authorization header of a pool whose credential changes (private to
 * http*.c).
 *
 * The pool keeps one header line and counts how often it changed. A request notes the count of the
 * line that it was sent with; when it is answered with 401, the credential is read again, and the
 * count tells whether there is another line to try, whichever thread has fetched it.
 */
#ifndef HW_HTTP_RENEWAL_H
#define HW_HTTP_RENEWAL_H

#include "http_pool.h"

/* Repeats of one request for want of a valid token, and the first pause between them; the pause is
   doubled each time. */
enum { HW__RENEWALS_MAX = 10, HW__RENEWAL_DELAY_MS = 600 };

bool hw__renewal_possible(const hw_http_pool *pool);

/* Reads the header for the first time. */
hw_status hw__renewal_start(hw_http_pool *pool, hw_error *err) HW_MUST_CHECK;

/* Adds the header line to those of a request, unless it has one of its own; *version tells which
   line it is. */
hw_status hw__renewal_add(hw_http_pool *pool, struct curl_slist **list, unsigned *version,
                          hw_error *err) HW_MUST_CHECK;

/* Reads the credential again. True when the line is another one than that of `version`. What cannot
   be read leaves the old line in force and fills `err`. */
bool hw__renewal_read(hw_http_pool *pool, unsigned version, hw_error *err);

/* Wipes the line. Called with the lock of the pool held. */
void hw__renewal_wipe(hw_http_pool *pool);

#endif

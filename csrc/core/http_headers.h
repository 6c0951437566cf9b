/*
 * http_headers.h - the header lines of a request as curl takes them (private to http*.c).
 *
 * Lines may hold credentials: lists are wiped when freed.
 */
#ifndef HW_HTTP_HEADERS_H
#define HW_HTTP_HEADERS_H

#include <curl/curl.h>

#include "http.h"

/* A list of header lines: `own`, then those of `more` that are not in `own`. Both may be empty.
   HW_ARGUMENT names a header with a byte that could forge another line. *out is owned:
   hw__headers_free(). */
hw_status hw__headers_build(struct curl_slist **out, const hw_http_header *own, size_t count,
                            const struct curl_slist *more, hw_error *err) HW_MUST_CHECK;
/* Wipes and frees. */
void hw__headers_free(struct curl_slist *list);
/* The lines of `own` that may go to a host that the user did not name: no credentials, nothing
 * unknown. */
hw_status hw__headers_build_foreign(struct curl_slist **out, const hw_http_header *own,
                                    size_t count, hw_error *err) HW_MUST_CHECK;
/* Whether a list has a line of that name, given as "Name:" and perhaps more. */
bool hw__headers_have(const struct curl_slist *list, const char *line);
/* Adds a line as it is. */
hw_status hw__headers_add(struct curl_slist **list, const char *line, hw_error *err) HW_MUST_CHECK;

#endif

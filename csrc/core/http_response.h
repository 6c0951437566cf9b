/*
 * http_response.h - the answer to a request: status, header lines, collected content.
 *
 * Owned by the caller; http.c fills it. One thread at a time.
 */
#ifndef HW_HTTP_RESPONSE_H
#define HW_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "error.h"

typedef struct hw_http_response {
  int status;      /* 0 while no answer came */
  char reason[64]; /* phrase of the status line, may be empty */
  hw_buf head;     /* header lines of the last answer, "Name: value\n" each */
  hw_buf body;     /* what was not handed to a sink */
  hw_buf location; /* absolute URL that answered, when redirects led there; else empty */
  int attempts;
  int64_t elapsed_us;     /* the whole call */
  int64_t content_length; /* as announced, -1 when not */
} hw_http_response;

/* A response may be used again: its memory is kept between calls. */
void hw_http_response_init(hw_http_response *response);
void hw_http_response_free(hw_http_response *response);
/* Value of a header of the answer, name in any case (borrowed until the response changes); empty if
 * absent. */
hw_view hw_http_response_header(const hw_http_response *response, const char *name);

/* The header lines one after the other, from *at = 0 on (borrowed like the above). False at the
 * end. */
bool hw_http_response_next(const hw_http_response *response, size_t *at, hw_view *name,
                           hw_view *value);

/* For http.c: empties the answer of an earlier attempt, and takes one line of a head. A status line
   begins a new head. Lines after the end of the head (trailers) must not be given. */
void hw__http_response_reset(hw_http_response *response);
hw_status hw__http_response_line(hw_http_response *response, hw_view line,
                                 hw_error *err) HW_MUST_CHECK;

#endif

/*
 * url.h - quoting of URL parts, and the origin (scheme, host, port) of a URL.
 *
 * A path segment is quoted alone, including "/", as the service expects; query text is quoted as in
 * HTML forms. All functions are thread-safe. See endpoint.h for who builds paths, http.h for who
 * sends them.
 */
#ifndef HW_URL_H
#define HW_URL_H

#include <stdbool.h>

#include "buf.h"
#include "error.h"

enum { HW_URL_HOST_MAX = 256 };

/* Appends one path segment: letters, digits and - . _ ~ + ; : , @ ( ) stay, every other byte
 * becomes %XX. */
hw_status hw_url_append_segment(hw_buf *out, hw_view segment, hw_error *err) HW_MUST_CHECK;

/* Appends a key or a value of a query: letters, digits and - . _ ~ stay, a space becomes "+". */
hw_status hw_url_append_query(hw_buf *out, hw_view text, hw_error *err) HW_MUST_CHECK;

typedef struct hw_origin {
  bool tls;
  int port;
  char host[HW_URL_HOST_MAX]; /* lower case; an IPv6 address keeps its brackets */
} hw_origin;

/* Reads the origin of an http or https URL. A user name or password inside the URL is refused: they
   would end up in logs. The message names the URL without them. */
hw_status hw_origin_parse(const char *url, hw_origin *out, hw_error *err) HW_MUST_CHECK;
bool hw_origin_equal(const hw_origin *a, const hw_origin *b);

/* HW_ARGUMENT unless `url` can stand in a request line: it begins with "/" and has no space,
   control byte or byte above 126, and no fragment. */
hw_status hw_url_check_path(const char *url, hw_error *err) HW_MUST_CHECK;
/* The same for a URL that names its origin, which goes to `out`. */
hw_status hw_url_check_absolute(const char *url, hw_origin *out, hw_error *err) HW_MUST_CHECK;

/* HW_ARGUMENT unless `proxy` is the address of a proxy: http, https or a kind of socks, or no
   scheme, and a host. It may hold a password, so that messages do not repeat it. */
hw_status hw_url_check_proxy(const char *proxy, hw_error *err) HW_MUST_CHECK;

#endif

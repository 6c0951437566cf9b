/*
 * endpoint.h - the rows that describe REST operations, and the URLs made from them.
 *
 * tools/generate.py turns the [[endpoint]] blocks of resources/ into constant rows. A row says
 * verb, path, query, body, what comes back, which service codes mean "not there", and whether a
 * repeat is safe.
 */
#ifndef HW_ENDPOINT_H
#define HW_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "error.h"
#include "retry.h"

typedef enum hw_endpoint_body {
  HW_BODY_NONE,
  HW_BODY_OBJECT, /* a resource object */
  HW_BODY_JSON,
  HW_BODY_RAW, /* bytes as they are */
  HW_BODY_FORM /* urlencoded pairs */
} hw_endpoint_body;

typedef enum hw_returns {
  HW_RETURNS_NONE,
  HW_RETURNS_ONE,        /* an object */
  HW_RETURNS_LIST,       /* a bare array of objects */
  HW_RETURNS_COLLECTION, /* {"items", "count"}, a bare array, or one object */
  HW_RETURNS_FIRST,      /* the first of an array */
  HW_RETURNS_PAGE,       /* {"pagination": {"has_more", "next_offset"}, "results": [objects]} */
  HW_RETURNS_JSON,       /* plain values */
  HW_RETURNS_TEXT,
  HW_RETURNS_BYTES
} hw_returns;

typedef struct hw_query {
  hw_view key;
  hw_view value; /* literal text, or the name of a parameter */
  bool parameter;
} hw_query;

typedef struct hw_endpoint {
  const char *name;
  const char *verb;
  const char
      *path; /* placeholders in braces; relative to the API root unless it begins with a slash */
  const char *doc;
  const hw_query *query;
  const long *absent;
  size_t query_count, absent_count;
  hw_endpoint_body body;
  hw_returns returns;
  hw_retry_class retry;
  uint16_t target; /* index of the type or union that comes back */
  bool target_is_union;
} hw_endpoint;

/* The rows of resources/, sorted by name. */
const hw_endpoint *hw_endpoints(size_t *count);
/* NULL when there is none. */
const hw_endpoint *hw_endpoint_find(hw_view name);

/* One parameter; a list is several rows of the same name, a parameter without value has no row. */
typedef struct hw_param {
  hw_view name;
  hw_view value;
  bool used; /* set by hw_endpoint_build */
} hw_param;

/*
 * Appends the path and query of a call. `given` wins over `fixed`. HW_ARGUMENT names a path
 * parameter that is missing, or a given one that the row does not know.
 */
hw_status hw_endpoint_build(const hw_endpoint *endpoint, hw_param *given, size_t given_count,
                            hw_param *fixed, size_t fixed_count, hw_buf *url,
                            hw_error *err) HW_MUST_CHECK;

/* Whether a service code of an HTTP 400 or 404 means that the thing is not there. */
bool hw_endpoint_absent(const hw_endpoint *endpoint, long service_code);

/* The errorCode of an error body, -1 when there is none. */
long hw_service_error_code(hw_view body);

#endif

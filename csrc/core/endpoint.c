/*
 * endpoint.c - URLs from endpoint rows, and what service codes mean.
 */
#include "endpoint.h"

#include <string.h>

#include "json.h"
#include "url.h"

static const char API_ROOT[] = "/hopsworks-api/api/";

static int compare_name(hw_view name, const char *row) {
  size_t len = strlen(row), shared = len < name.len ? len : name.len;
  int order = memcmp(name.ptr, row, shared);
  return order != 0 ? order : (name.len > len) - (name.len < len);
}

const hw_endpoint *hw_endpoint_find(hw_view name) {
  size_t low = 0, high;
  const hw_endpoint *rows = hw_endpoints(&high);
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    int order = compare_name(name, rows[middle].name);
    if (order == 0) {
      return &rows[middle];
    }
    if (order > 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return NULL;
}

typedef struct params {
  hw_param *given, *fixed;
  size_t given_count, fixed_count;
} params;

/* The rows of a parameter: those given with the call, or else the fixed ones. Marks them used. */
static hw_param *find_first(const params *all, hw_view name, size_t *left, bool *given) {
  hw_param *found = NULL;
  *left = 0;
  for (size_t i = 0; i < all->given_count; i++) {
    if (hw_view_equal(all->given[i].name, name)) {
      all->given[i].used = true;
      if (found == NULL) {
        found = &all->given[i];
        *left = all->given_count - i;
        *given = true;
      }
    }
  }
  for (size_t i = 0; found == NULL && i < all->fixed_count; i++) {
    if (hw_view_equal(all->fixed[i].name, name)) {
      all->fixed[i].used = true;
      found = &all->fixed[i];
      *left = all->fixed_count - i;
      *given = false;
    }
  }
  return found;
}

/* Servers and proxies follow dots upwards, and a slash at the end is the collection: the request
   would reach another resource than was named, and a DELETE all of them. */
static hw_status check_segment(const hw_endpoint *endpoint, const hw_param *param, hw_error *err) {
  bool dots =
      hw_view_equal(param->value, hw_view_of(".")) || hw_view_equal(param->value, hw_view_of(".."));
  bool whole = param->value.len == 0 && strcmp(endpoint->verb, "DELETE") == 0;
  if (!whole && !dots) {
    return HW_OK;
  }
  return hw_error_set(err, HW_ARGUMENT, "%s cannot have \"%.*s\" as '%.*s' (path %s)",
                      endpoint->name, (int)param->value.len,
                      param->value.len == 0 ? "" : param->value.ptr, (int)param->name.len,
                      param->name.ptr, endpoint->path);
}

/* Writes a path placeholder: each value is one segment. */
static hw_status append_segments(const hw_endpoint *endpoint, const params *all, hw_view name,
                                 hw_buf *url, hw_error *err) {
  size_t left;
  bool given, first = true;
  const hw_param *param = find_first(all, name, &left, &given);
  if (param == NULL) {
    return hw_error_set(err, HW_ARGUMENT, "%s needs a value for '%.*s' (path %s)", endpoint->name,
                        (int)name.len, name.ptr, endpoint->path);
  }
  for (; left > 0; param++, left--) {
    if (hw_view_equal(param->name, name)) {
      if (!first) {
        HW_TRY(hw_buf_append_char(url, '/', err));
      }
      first = false;
      HW_TRY(check_segment(endpoint, param, err));
      HW_TRY(hw_url_append_segment(url, param->value, err));
    }
  }
  return HW_OK;
}

static hw_status append_path(const hw_endpoint *endpoint, const params *all, hw_buf *url,
                             hw_error *err) {
  const char *at = endpoint->path;
  if (*at != '/') {
    HW_TRY(hw_buf_append_str(url, API_ROOT, err));
  }
  while (*at != '\0') {
    size_t literal = strcspn(at, "{");
    HW_TRY(hw_buf_append(url, at, literal, err));
    at += literal;
    if (*at == '{') {
      hw_view name = {at + 1, strcspn(at + 1, "}")};
      HW_TRY(append_segments(endpoint, all, name, url, err));
      at += name.len + 2;
    }
  }
  return HW_OK;
}

static hw_status append_pair(hw_buf *url, bool *first, hw_view key, hw_view value, hw_error *err) {
  HW_TRY(hw_buf_append_char(url, *first ? '?' : '&', err));
  *first = false;
  HW_TRY(hw_url_append_query(url, key, err));
  HW_TRY(hw_buf_append_char(url, '=', err));
  return hw_url_append_query(url, value, err);
}

static hw_status append_query(const hw_endpoint *endpoint, const params *all, hw_buf *url,
                              hw_error *err) {
  bool first = true, given;
  for (size_t i = 0; i < endpoint->query_count; i++) {
    const hw_query *row = &endpoint->query[i];
    if (!row->parameter) {
      HW_TRY(append_pair(url, &first, row->key, row->value, err));
      continue;
    }
    size_t left;
    for (const hw_param *param = find_first(all, row->value, &left, &given); left > 0;
         param++, left--) {
      if (hw_view_equal(param->name, row->value)) {
        HW_TRY(append_pair(url, &first, row->key, param->value, err));
      }
    }
  }
  return HW_OK;
}

hw_status hw_endpoint_build(const hw_endpoint *endpoint, hw_param *given, size_t given_count,
                            hw_param *fixed, size_t fixed_count, hw_buf *url, hw_error *err) {
  params all = {given, fixed, given_count, fixed_count};
  for (size_t i = 0; i < given_count; i++) {
    given[i].used = false;
  }
  HW_TRY(append_path(endpoint, &all, url, err));
  HW_TRY(append_query(endpoint, &all, url, err));
  for (size_t i = 0; i < given_count; i++) {
    if (!given[i].used) {
      return hw_error_set(err, HW_ARGUMENT, "%s has no parameter '%.*s' (path %s)", endpoint->name,
                          (int)given[i].name.len, given[i].name.ptr, endpoint->path);
    }
  }
  return HW_OK;
}

bool hw_endpoint_absent(const hw_endpoint *endpoint, long service_code) {
  for (size_t i = 0; i < endpoint->absent_count; i++) {
    if (endpoint->absent[i] == service_code) {
      return true;
    }
  }
  return false;
}

long hw_service_error_code(hw_view body) {
  enum { ERROR_BODY_MAX = 1 << 20 };
  long code = -1;
  hw_json root, value;
  hw_json_parser *parser = NULL;
  size_t start = 0;
  while (start < body.len && strchr(" \t\r\n", body.ptr[start]) != NULL &&
         body.ptr[start] != '\0') {
    start++;
  }
  if (start == body.len || body.ptr[start] != '{' || body.len > ERROR_BODY_MAX) {
    return -1;
  }
  parser = hw_json_parser_new(ERROR_BODY_MAX);
  if (parser == NULL) {
    return -1;
  }
  if (hw_json_parse(parser, body.ptr, body.len, body.len, &root, NULL) == HW_OK &&
      (hw_json_member(root, hw_view_of("errorCode"), &value) ||
       hw_json_member(root, hw_view_of("error_code"), &value)) &&
      hw_json_type_of(value) == HW_JSON_INT) {
    code = (long)hw_json_int(value);
  }
  hw_json_parser_free(parser);
  return code;
}

/*
 * call.c - one request of a Client or a Scope: made from its arguments, sent, and its failure
 * raised.
 */
#include "client.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { URL_MAX = 64 * 1024, REQUEST_BODY_MAX = 1024 * 1024 * 1024 };

static int find_endpoint(hwpy_call *call, PyObject *name) {
  Py_ssize_t len = 0;
  const char *text = PyUnicode_Check(name) ? PyUnicode_AsUTF8AndSize(name, &len) : NULL;
  if (text == NULL) {
    PyErr_SetString(PyExc_TypeError, "the endpoint's name must be str, like \"feature_group.get\"");
    return -1;
  }
  call->endpoint = hw_endpoint_find((hw_view){.ptr = text, .len = (size_t)len});
  if (call->endpoint == NULL) {
    PyErr_Format(PyExc_ValueError, "there is no endpoint \"%U\"; resources/*.toml lists them",
                 name);
    return -1;
  }
  return 0;
}

/* Fixed parameters are copied, because the core notes in the rows which of them it used. */
static int build_url(hwpy_call *call, hwpy_scope *scope, hwpy_params *given) {
  hw_param fixed[HWPY_PARAMS_INLINE];
  hw_error err;
  hw_error_init(&err);
  size_t count = scope->fixed.count;
  memcpy(fixed, scope->fixed.rows, count * sizeof fixed[0]);
  hw_buf_init(&call->url, URL_MAX);
  if (hw_endpoint_build(call->endpoint, given->rows, given->count, fixed, count, &call->url,
                        &err) == HW_OK) {
    return 0;
  }
  hw_error_context(&err, "%s", call->endpoint->name);
  hwpy_raise(call->state, call->errors, &err, NULL, NULL);
  return -1;
}

static int text_of(PyObject *object, const char *what, hw_view *out) {
  Py_ssize_t len = 0;
  const char *text = PyUnicode_Check(object) ? PyUnicode_AsUTF8AndSize(object, &len) : NULL;
  if (text == NULL && PyErr_Occurred() == NULL) {
    PyErr_Format(PyExc_TypeError, "%s must be str, not %R", what, (PyObject *)Py_TYPE(object));
  }
  *out = (hw_view){.ptr = text, .len = (size_t)len};
  return text == NULL ? -1 : 0;
}

/* The content type comes first, unless the caller names one. */
static int set_headers(hwpy_call *call, PyObject *headers, const char *content_type) {
  bool has_own = headers != NULL && headers != Py_None;
  if (has_own && !PyDict_Check(headers)) {
    PyErr_SetString(PyExc_TypeError, "headers must be a dict of str to str");
    return -1;
  }
  Py_ssize_t own = has_own ? PyDict_Size(headers) : 0;
  if (own == 0 && content_type == NULL) {
    return 0;
  }
  call->headers = calloc((size_t)own + 1, sizeof *call->headers);
  if (call->headers == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  size_t count = 0;
  bool typed = false;
  PyObject *name = NULL;
  PyObject *value = NULL;
  Py_ssize_t at = 0;
  while (has_own && PyDict_Next(headers, &at, &name, &value)) {
    hw_http_header *header = &call->headers[count++];
    if (text_of(name, "a header name", &header->name) != 0 ||
        text_of(value, "a header value", &header->value) != 0) {
      return -1;
    }
    typed =
        typed || (header->name.len == 12 && strncasecmp(header->name.ptr, "content-type", 12) == 0);
  }
  if (content_type != NULL && !typed) {
    call->headers[count++] =
        (hw_http_header){.name = hw_view_of("Content-Type"), .value = hw_view_of(content_type)};
  }
  call->request.headers = call->headers;
  call->request.header_count = count;
  return 0;
}

/* Seconds to connect and seconds of silence; None in either place is no limit. */
static int set_timeout_pair(hwpy_call *call, PyObject *pair) {
  if (PyTuple_Size(pair) != 2) {
    PyErr_SetString(PyExc_ValueError, "timeout as a pair is (to connect, to read), in seconds");
    return -1;
  }
  call->request.connect_timeout_ms = hwpy_milliseconds(PyTuple_GetItem(pair, 0), "timeout[0]");
  if (call->request.connect_timeout_ms < 0) {
    return -1;
  }
  call->request.read_timeout_ms = hwpy_milliseconds(PyTuple_GetItem(pair, 1), "timeout[1]");
  return call->request.read_timeout_ms < 0 ? -1 : 0;
}

/* A call that is given more time than the usual silence may also be silent for that long. */
static int set_timeout(hwpy_call *call, PyObject *timeout) {
  if (timeout == NULL || timeout == Py_None) {
    return 0;
  }
  if (PyTuple_Check(timeout)) {
    return set_timeout_pair(call, timeout);
  }
  int64_t ms = hwpy_milliseconds(timeout, "timeout");
  if (ms < 0) {
    return -1;
  }
  call->request.total_timeout_ms = ms;
  call->request.read_timeout_ms = ms;
  return 0;
}

/* Content that a row sends as it is stays where it is; everything else is written out first. */
static int set_body(hwpy_call *call, PyObject *body, const char **content_type) {
  bool as_it_is = call->endpoint->body == HW_BODY_RAW &&
                  (PyObject_CheckBuffer(body) || PyObject_HasAttrString(body, "read"));
  call->request.source = &call->source;
  if (as_it_is) {
    *content_type = "application/octet-stream";
    return hwpy_content_open(&call->content, body, &call->source);
  }
  hw_buf_init(&call->body, REQUEST_BODY_MAX);
  if (hwpy_encode_body(call->state, call->endpoint, body, &call->body, content_type) != 0) {
    return -1;
  }
  call->source = (hw_http_source){.memory = hw_buf_view(&call->body)};
  return 0;
}

static void attach(hwpy_call *call, hwpy_client *client) {
  call->pool = client->pool;
  call->errors = Py_XNewRef(client->errors);
}

int hwpy_call_begin(hwpy_call *call, PyObject *scope, PyObject *endpoint_name, hwpy_params *params,
                    PyObject *body, PyObject *headers, PyObject *timeout) {
  hwpy_scope *self = (hwpy_scope *)scope;
  const char *content_type = NULL;
  memset(call, 0, sizeof *call);
  call->state = self->state;
  if (self->client == NULL) {
    PyErr_SetString(PyExc_ValueError, "the scope's client is gone");
    return -1;
  }
  attach(call, self->client);
  if (find_endpoint(call, endpoint_name) != 0 || build_url(call, self, params) != 0) {
    return -1;
  }
  hw_http_request_init(&call->request, call->endpoint->verb, call->url.ptr);
  call->request.retry = call->endpoint->retry;
  if (body != NULL && body != Py_None && set_body(call, body, &content_type) != 0) {
    return -1;
  }
  if (set_headers(call, headers, content_type) != 0) {
    return -1;
  }
  return set_timeout(call, timeout);
}

/* A limit as it is given: absent or "..." is the client's. 0, or -1 with an exception set. */
static int read_limit(PyObject *seconds, const char *what, int64_t *out) {
  if (seconds == NULL || seconds == Py_Ellipsis) {
    *out = -1;
    return 0;
  }
  *out = hwpy_milliseconds(seconds, what);
  return *out < 0 ? -1 : 0;
}

static int read_retry(PyObject *retry, hw_retry_class *out) {
  static const char *const names[] = {
      [HW_RETRY_SAFE] = "safe", [HW_RETRY_UNSENT] = "unsent", [HW_RETRY_NEVER] = "never"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (PyUnicode_Check(retry) && PyUnicode_CompareWithASCIIString(retry, names[i]) == 0) {
      *out = (hw_retry_class)i;
      return 0;
    }
  }
  PyErr_Format(PyExc_ValueError, "retry is \"never\", \"unsent\" or \"safe\", not %R", retry);
  return -1;
}

static int copy_target(hwpy_call *call, PyObject *target) {
  hw_view text;
  hw_error err;
  hw_error_init(&err);
  hw_buf_init(&call->url, URL_MAX);
  if (text_of(target, "target", &text) != 0) {
    return -1;
  }
  if (memchr(text.ptr, '\0', text.len) != NULL) {
    PyErr_SetString(PyExc_ValueError, "the target of a request holds a NUL");
    return -1;
  }
  if (hw_buf_append_view(&call->url, text, &err) != HW_OK) {
    hwpy_raise(call->state, call->errors, &err, NULL, NULL);
    return -1;
  }
  return 0;
}

int hwpy_call_begin_plain(hwpy_call *call, hwpy_client *client, const hwpy_plain *plain) {
  memset(call, 0, sizeof *call);
  call->state = client->state;
  attach(call, client);
  if (copy_target(call, plain->target) != 0) {
    return -1;
  }
  hw_http_request *request = &call->request;
  hw_http_request_init(request, plain->verb, call->url.ptr == NULL ? "" : call->url.ptr);
  request->retry = HW_RETRY_NEVER;
  if ((plain->retry != NULL && read_retry(plain->retry, &request->retry) != 0) ||
      read_limit(plain->connect_timeout, "connect_timeout", &request->connect_timeout_ms) != 0 ||
      read_limit(plain->read_timeout, "read_timeout", &request->read_timeout_ms) != 0 ||
      read_limit(plain->total_timeout, "total_timeout", &request->total_timeout_ms) != 0) {
    return -1;
  }
  if (plain->body != NULL && plain->body != Py_None) {
    if (hwpy_content_open(&call->content, plain->body, &call->source) != 0) {
      return -1;
    }
    request->source = &call->source;
  }
  return set_headers(call, plain->headers, NULL);
}

void hwpy_call_end(hwpy_call *call) {
  hw_buf_free(&call->url);
  hw_buf_free(&call->body);
  hwpy_content_close(&call->content);
  Py_CLEAR(call->errors);
  free(call->headers);
  call->headers = NULL;
}

void hwpy_call_wait_begin(hwpy_call *call, hwpy_wait *wait) {
  hwpy_wait_begin(wait, call->state);
  call->request.hooks = wait->hooks;
  call->content.wait = wait;
}

int hwpy_call_send(hwpy_call *call, hw_http_response *response) {
  hw_error err;
  hwpy_wait wait;
  hw_error_init(&err);
  hwpy_call_wait_begin(call, &wait);
  hw_status status = hw_http_send(call->pool, &call->request, response, &err);
  if (hwpy_wait_end(&wait) != 0) {
    return -1;
  }
  if (status != HW_OK) {
    hwpy_call_raise(call, &err, response);
    return -1;
  }
  return 0;
}

int hwpy_call_url(const hwpy_call *call, const hw_http_response *response, hw_buf *out) {
  const char *asked = call->request.url;
  hw_buf_init(out, 2 * URL_MAX);
  if (response != NULL && response->location.len > 0) {
    return hw_buf_append_view(out, hw_buf_view(&response->location), NULL) == HW_OK ? 0 : -1;
  }
  if (asked[0] == '/' && hw_buf_append_str(out, hw_http_pool_base_url(call->pool), NULL) != HW_OK) {
    return -1;
  }
  return hw_buf_append_str(out, asked, NULL) == HW_OK ? 0 : -1;
}

/* Raises with the whole URL, which the public exceptions carry; of one that names its own host
   without the query, which may be the permission to use it. */
PyObject *hwpy_call_raise(hwpy_call *call, const hw_error *err, const hw_http_response *response) {
  hw_buf url;
  bool named = hwpy_call_url(call, NULL, &url) == 0;
  if (named && call->request.url[0] != '/') {
    url.ptr[strcspn(url.ptr, "?")] = '\0';
  }
  hwpy_raise(call->state, call->errors, err, response, named ? url.ptr : NULL);
  hw_buf_free(&url);
  return NULL;
}

PyObject *hwpy_call_refused(hwpy_call *call, const hw_http_response *response) {
  hw_error err;
  hw_error_init(&err);
  long code = call->endpoint == NULL ? -1 : hw_service_error_code(hw_buf_view(&response->body));
  if (call->endpoint != NULL && (response->status == 400 || response->status == 404) &&
      hw_endpoint_absent(call->endpoint, code)) {
    return hwpy_decode_absent(call->state, call->endpoint);
  }
  if (hw_http_check(call->pool, &call->request, response, &err) == HW_OK) {
    hw_error_set(&err, HW_PROTOCOL, "an answer of status %d was not expected", response->status);
  }
  err.service_code = code;
  return hwpy_call_raise(call, &err, response);
}

/*
 * scope.c - the type Scope: calls of endpoint rows with some parameters fixed.
 *
 * A call is: gather parameters, build the URL in the core, release the GIL, send, take the GIL
 * back, decode. Which verb, path, query and codes belong to a name is in the tables (endpoint.h).
 */
#include "client.h"
#include "transfer_methods.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <structmember.h>

enum { URL_MAX = 32 * 1024, REQUEST_BODY_MAX = 1024 * 1024 * 1024 };

static hwpy_scope *as_scope(PyObject *object) {
  return (hwpy_scope *)object;
}

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
  hwpy_raise(call->state, &err, NULL, NULL);
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

/* A call that is given more time than the usual silence may also be silent for that long. */
static int set_timeout(hwpy_call *call, PyObject *timeout) {
  if (timeout == NULL || timeout == Py_None) {
    return 0;
  }
  int64_t ms = hwpy_milliseconds(timeout, "timeout");
  if (ms < 0) {
    return -1;
  }
  call->request.total_timeout_ms = ms;
  call->request.read_timeout_ms = ms;
  return 0;
}

int hwpy_call_begin(hwpy_call *call, PyObject *scope, PyObject *endpoint_name, hwpy_params *params,
                    PyObject *body, PyObject *headers, PyObject *timeout) {
  hwpy_scope *self = as_scope(scope);
  const char *content_type = NULL;
  memset(call, 0, sizeof *call);
  call->state = self->state;
  if (self->client == NULL) {
    PyErr_SetString(PyExc_ValueError, "the scope's client is gone");
    return -1;
  }
  call->pool = self->client->pool;
  if (find_endpoint(call, endpoint_name) != 0 || build_url(call, self, params) != 0) {
    return -1;
  }
  hw_http_request_init(&call->request, call->endpoint->verb, call->url.ptr);
  call->request.retry = call->endpoint->retry;
  if (body != NULL && body != Py_None) {
    hw_buf_init(&call->body, REQUEST_BODY_MAX);
    if (hwpy_encode_body(self->state, call->endpoint, body, &call->body, &content_type) != 0) {
      return -1;
    }
    call->source = (hw_http_source){.memory = hw_buf_view(&call->body)};
    call->request.source = &call->source;
  }
  if (set_headers(call, headers, content_type) != 0) {
    return -1;
  }
  return set_timeout(call, timeout);
}

void hwpy_call_end(hwpy_call *call) {
  hw_buf_free(&call->url);
  hw_buf_free(&call->body);
  free(call->headers);
  call->headers = NULL;
}

/* Raises with the whole URL, which the public exceptions carry. */
PyObject *hwpy_call_raise(hwpy_call *call, const hw_error *err, const hw_http_response *response) {
  hw_buf url;
  hw_buf_init(&url, 2 * URL_MAX);
  bool named = hw_buf_append_str(&url, hw_http_pool_base_url(call->pool), NULL) == HW_OK &&
               hw_buf_append_str(&url, call->request.url, NULL) == HW_OK;
  hwpy_raise(call->state, err, response, named ? url.ptr : NULL);
  hw_buf_free(&url);
  return NULL;
}

PyObject *hwpy_call_refused(hwpy_call *call, const hw_http_response *response) {
  hw_error err;
  hw_error_init(&err);
  long code = hw_service_error_code(hw_buf_view(&response->body));
  if ((response->status == 400 || response->status == 404) &&
      hw_endpoint_absent(call->endpoint, code)) {
    return hwpy_decode_absent(call->state, call->endpoint);
  }
  if (hw_http_check(call->pool, &call->request, response, &err) == HW_OK) {
    hw_error_set(&err, HW_PROTOCOL, "an answer of status %d was not expected", response->status);
  }
  err.service_code = code;
  return hwpy_call_raise(call, &err, response);
}

static PyObject *send_and_decode(hwpy_call *call, hwpy_scope *scope) {
  hw_http_response response;
  hw_error err;
  hwpy_wait wait;
  PyObject *result = NULL;
  hwpy_client *client = scope->client;
  hw_error_init(&err);
  /* The call may run Python code (signal handlers), which may drop the last reference to the
   * client. */
  Py_INCREF((PyObject *)client);
  hwpy_client_take_response(client, &response);
  hwpy_wait_begin(&wait, call->state);
  call->request.hooks = wait.hooks;
  hw_status status = hw_http_send(call->pool, &call->request, &response, &err);
  if (hwpy_wait_end(&wait) == 0) {
    if (status != HW_OK) {
      hwpy_call_raise(call, &err, &response);
    } else if (response.status >= 200 && response.status <= 299) {
      result = hwpy_decode_response(call->state, call->endpoint, hw_buf_view(&response.body),
                                    response.body.capacity, (PyObject *)scope);
    } else {
      result = hwpy_call_refused(call, &response);
    }
  }
  hwpy_client_put_response(client, &response);
  Py_DECREF((PyObject *)client);
  return result;
}

static bool is_named(PyObject *name, const char *text) {
  return PyUnicode_CompareWithASCIIString(name, text) == 0;
}

static PyObject *tuple_item(PyObject *tuple, Py_ssize_t i) {
  return PyTuple_GetItem(tuple, i); /* borrowed */
}

static PyObject *scope_call(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames) {
  PyObject *body = nargs > 1 ? args[1] : NULL;
  PyObject *timeout = NULL;
  PyObject *headers = NULL;
  PyObject *own_headers = NULL;
  PyObject *result = NULL;
  hwpy_params params;
  hwpy_call call;
  if (nargs < 1 || nargs > 2) {
    PyErr_SetString(PyExc_TypeError,
                    "call() takes the endpoint's name and at most a body by position");
    return NULL;
  }
  hwpy_params_init(&params);
  Py_ssize_t count = kwnames == NULL ? 0 : PyTuple_Size(kwnames);
  for (Py_ssize_t i = 0; i < count; i++) {
    PyObject *name = tuple_item(kwnames, i);
    PyObject *value = args[nargs + i];
    if (is_named(name, "timeout")) {
      timeout = value;
    } else if (is_named(name, "headers")) {
      headers = value;
    } else if (is_named(name, "body")) {
      if (nargs > 1) {
        PyErr_SetString(PyExc_TypeError, "call() got two values for body");
        goto done;
      }
      body = value;
    } else if (hwpy_params_add(&params, name, value) != 0) {
      goto done;
    }
  }
  if (headers != NULL && PyDict_Check(headers)) {
    /* The request borrows the texts, and another thread may change the dict meanwhile. */
    own_headers = PyDict_Copy(headers);
    if (own_headers == NULL) {
      goto done;
    }
    headers = own_headers;
  }
  if (hwpy_call_begin(&call, self, args[0], &params, body, headers, timeout) == 0) {
    result = send_and_decode(&call, as_scope(self));
  }
  hwpy_call_end(&call);
done:
  Py_XDECREF(own_headers);
  hwpy_params_free(&params);
  return result;
}

/* Splits the keywords of a stream call. `content_type` is NULL where there is none. */
static PyObject *open_stream(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames, bool upload) {
  PyObject *content_type = NULL;
  PyObject *timeout = NULL;
  PyObject *headers = NULL;
  PyObject *body = NULL;
  PyObject *result = NULL;
  PyObject *merged = NULL;
  hwpy_params params;
  if (nargs != 1) {
    PyErr_SetString(PyExc_TypeError, "the endpoint's name is the one argument by position");
    return NULL;
  }
  hwpy_call *call = calloc(1, sizeof *call);
  if (call == NULL) {
    return PyErr_NoMemory();
  }
  hwpy_params_init(&params);
  Py_ssize_t count = kwnames == NULL ? 0 : PyTuple_Size(kwnames);
  for (Py_ssize_t i = 0; i < count; i++) {
    PyObject *name = tuple_item(kwnames, i);
    PyObject *value = args[nargs + i];
    if (upload && is_named(name, "content_type")) {
      content_type = value;
    } else if (is_named(name, "timeout")) {
      timeout = value;
    } else if (is_named(name, "headers")) {
      headers = value;
    } else if (!upload && is_named(name, "body")) {
      body = value;
    } else if (hwpy_params_add(&params, name, value) != 0) {
      goto done;
    }
  }
  if (upload && content_type == NULL) {
    PyErr_SetString(PyExc_TypeError, "open_upload() needs content_type");
    goto done;
  }
  merged = headers == NULL || headers == Py_None ? PyDict_New() : PyDict_Copy(headers);
  if (merged == NULL ||
      (upload && PyDict_SetItemString(merged, "Content-Type", content_type) != 0)) {
    goto done;
  }
  if (hwpy_call_begin(call, self, args[0], &params, body, merged, timeout) == 0) {
    result = upload ? hwpy_upload_stream_new(as_scope(self), call, merged)
                    : hwpy_download_stream_new(as_scope(self), call, merged);
    call = NULL; /* taken */
  }
done:
  if (call != NULL) {
    hwpy_call_end(call);
    free(call);
  }
  Py_XDECREF(merged);
  hwpy_params_free(&params);
  return result;
}

static PyObject *scope_open_upload(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                   PyObject *kwnames) {
  return open_stream(self, args, nargs, kwnames, true);
}

static PyObject *scope_open_download(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                     PyObject *kwnames) {
  return open_stream(self, args, nargs, kwnames, false);
}

PyObject *hwpy_scope_new(hwpy_state *state, hwpy_client *client, PyObject *context,
                         PyObject *params) {
  PyTypeObject *type = state->client.scope;
  hwpy_scope *self = (hwpy_scope *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
  if (self == NULL) {
    return NULL;
  }
  self->state = state;
  self->client = (hwpy_client *)Py_NewRef((PyObject *)client);
  self->context = Py_NewRef(context);
  hwpy_params_init(&self->fixed);
  self->params = params == NULL ? PyDict_New() : PyDict_Copy(params);
  PyObject *name = NULL;
  PyObject *value = NULL;
  Py_ssize_t at = 0;
  bool failed = self->params == NULL;
  while (!failed && PyDict_Next(self->params, &at, &name, &value)) {
    failed = hwpy_params_add(&self->fixed, name, value) != 0;
  }
  if (!failed && self->fixed.count > HWPY_PARAMS_INLINE) {
    PyErr_Format(PyExc_ValueError, "a scope fixes at most %d parameters", (int)HWPY_PARAMS_INLINE);
    failed = true;
  }
  if (failed) {
    Py_DECREF((PyObject *)self);
    return NULL;
  }
  return (PyObject *)self;
}

static int scope_traverse(PyObject *object, visitproc visit, void *arg) {
  hwpy_scope *self = as_scope(object);
  Py_VISIT(Py_TYPE(object));
  Py_VISIT((PyObject *)self->client);
  Py_VISIT(self->context);
  Py_VISIT(self->params);
  Py_VISIT(self->fixed.keep);
  return 0;
}

/* Only the context can close a cycle. The rest stays: a call may still come from another finalizer.
 */
static int scope_clear(PyObject *object) {
  Py_CLEAR(as_scope(object)->context);
  return 0;
}

static void scope_dealloc(PyObject *object) {
  hwpy_scope *self = as_scope(object);
  PyTypeObject *type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  scope_clear(object);
  hwpy_params_free(&self->fixed);
  Py_CLEAR(self->params);
  Py_CLEAR(self->client);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

static PyObject *scope_repr(PyObject *object) {
  hwpy_scope *self = as_scope(object);
  return PyUnicode_FromFormat("<Scope %R of %R>", self->params, (PyObject *)self->client);
}

static PyObject *scope_get_params(PyObject *object, void *unused) {
  (void)unused;
  return PyDict_Copy(as_scope(object)->params);
}

static PyMemberDef scope_members[] = {{"context", T_OBJECT, offsetof(hwpy_scope, context), READONLY,
                                       "The object that the scope was made with."},
                                      {"client", T_OBJECT, offsetof(hwpy_scope, client), READONLY,
                                       "The ``Client`` it sends through."},
                                      {NULL, 0, 0, 0, NULL}};

static PyGetSetDef scope_getset[] = {
    {"params", scope_get_params, NULL, "A copy of the fixed parameters (dict).", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyMethodDef scope_methods[] = {
    {"call", (PyCFunction)(void (*)(void))scope_call, METH_FASTCALL | METH_KEYWORDS,
     "call($self, endpoint, /, body=None, *, timeout=None, headers=None, **params)\n--\n\n"
     "Sends the request of an endpoint and decodes the answer.\n\n"
     "Args:\n"
     "    endpoint: Name of a row in resources/, for example ``\"feature_group.get\"``.\n"
     "    body: A resource object, dict or list (sent as JSON), or str or bytes (sent as they "
     "are).\n"
     "    timeout: Seconds for the whole call, retries included; default the client's limits.\n"
     "    headers: More headers, as a dict.\n"
     "    params: Values for the row's placeholders. None drops a query parameter; a list repeats "
     "it.\n\n"
     "Returns:\n"
     "    What the row says: resource objects, plain values, text, bytes or None. A not-found code "
     "that the "
     "row lists gives None, or an empty list.\n\n"
     "Raises:\n"
     "    hopsworks.client.exceptions.RestAPIError: For an error answer.\n"
     "    hopsworks.client.exceptions.NoHopsworksConnectionError: When the client is closed.\n"
     "    TypeError: For a parameter that cannot become text.\n"
     "    ValueError: For an unknown endpoint, or a parameter that is missing or unknown.\n\n"
     "Example:\n"
     "    >>> projects = scope.call(\"project.list\")\n"},
    {"open_upload", (PyCFunction)(void (*)(void))scope_open_upload, METH_FASTCALL | METH_KEYWORDS,
     "open_upload($self, endpoint, /, *, content_type, headers=None, timeout=None, "
     "**params)\n--\n\n"
     "Begins a request whose content is written piece by piece.\n\n"
     "Args:\n"
     "    endpoint: Name of a row in resources/.\n"
     "    content_type: Media type of what will be written.\n"
     "    headers: More headers, as a dict.\n"
     "    timeout: Seconds for the whole request; default the client's limits.\n"
     "    params: Values for the row's placeholders.\n\n"
     "Returns:\n"
     "    An ``UploadStream``, a writable binary file for libraries like pyarrow.\n\n"
     "Example:\n"
     "    >>> with scope.open_upload(\"rows.insert\", content_type=\"text/csv\", id=3) as stream:\n"
     "    ...     stream.write(b\"1,2\\n\")\n"},
    {"open_download", (PyCFunction)(void (*)(void))scope_open_download,
     METH_FASTCALL | METH_KEYWORDS,
     "open_download($self, endpoint, /, *, body=None, headers=None, timeout=None, **params)\n--\n\n"
     "Sends a request and gives its answer as a readable binary file.\n\n"
     "Args:\n"
     "    endpoint: Name of a row in resources/.\n"
     "    body: Content of the request, as for ``call``.\n"
     "    headers: More headers, as a dict.\n"
     "    timeout: Seconds for the whole request; default the client's limits.\n"
     "    params: Values for the row's placeholders.\n\n"
     "Returns:\n"
     "    A ``DownloadStream``.\n\n"
     "Raises:\n"
     "    hopsworks.client.exceptions.RestAPIError: For an error answer.\n\n"
     "Example:\n"
     "    >>> with scope.open_download(\"dataset.download\", path=\"Resources/a.csv\") as stream:\n"
     "    ...     first = stream.read(1024)\n"},
    {"upload", (PyCFunction)(void (*)(void))hwpy_scope_upload, METH_FASTCALL | METH_KEYWORDS,
     hwpy_upload_doc},
    {"upload_files", (PyCFunction)(void (*)(void))hwpy_scope_upload_files,
     METH_FASTCALL | METH_KEYWORDS, hwpy_upload_files_doc},
    {"download", (PyCFunction)(void (*)(void))hwpy_scope_download, METH_FASTCALL | METH_KEYWORDS,
     hwpy_download_doc},
    {"download_files", (PyCFunction)(void (*)(void))hwpy_scope_download_files,
     METH_FASTCALL | METH_KEYWORDS, hwpy_download_files_doc},
    {NULL, NULL, 0, NULL}};

static PyType_Slot scope_slots[] = {
    {Py_tp_doc, "Calls to one client with some parameters fixed; made by ``Client.scope()``."},
    {Py_tp_dealloc, scope_dealloc},
    {Py_tp_traverse, scope_traverse},
    {Py_tp_clear, scope_clear},
    {Py_tp_repr, scope_repr},
    {Py_tp_members, scope_members},
    {Py_tp_getset, scope_getset},
    {Py_tp_methods, scope_methods},
    {0, NULL}};

PyType_Spec hwpy_scope_spec = {.name = "hopsworks._native.Scope",
                               .basicsize = sizeof(hwpy_scope),
                               .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |
                                        Py_TPFLAGS_IMMUTABLETYPE |
                                        Py_TPFLAGS_DISALLOW_INSTANTIATION,
                               .slots = scope_slots};

hw_http_pool *hwpy_pool_of(hwpy_state *state, PyObject *object) {
  if (Py_TYPE(object) == state->client.client) {
    return ((hwpy_client *)object)->pool;
  }
  if (Py_TYPE(object) == state->client.scope && as_scope(object)->client != NULL) {
    return as_scope(object)->client->pool;
  }
  PyErr_Format(PyExc_TypeError, "a Client or a Scope is needed, not %R",
               (PyObject *)Py_TYPE(object));
  return NULL;
}

hwpy_state *hwpy_scope_state(PyObject *scope) {
  return as_scope(scope)->state;
}

hw_view hwpy_scope_param(PyObject *scope, const char *name) {
  const hwpy_params *fixed = &as_scope(scope)->fixed;
  for (size_t i = 0; i < fixed->count; i++) {
    if (hw_view_equal(fixed->rows[i].name, hw_view_of(name))) {
      return fixed->rows[i].value;
    }
  }
  return (hw_view){0};
}

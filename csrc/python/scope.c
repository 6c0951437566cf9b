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
#include <structmember.h>

static hwpy_scope *as_scope(PyObject *object) {
  return (hwpy_scope *)object;
}

static PyObject *send_and_decode(hwpy_call *call, hwpy_scope *scope) {
  hw_http_response response;
  PyObject *result = NULL;
  hwpy_client *client = scope->client;
  /* The call may run Python code (signal handlers), which may drop the last reference to the
   * client. */
  Py_INCREF((PyObject *)client);
  hwpy_client_take_response(client, &response);
  if (hwpy_call_send(call, &response) == 0) {
    if (response.status >= 200 && response.status <= 299) {
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
    result = upload ? hwpy_upload_stream_new(self, call, merged)
                    : hwpy_download_stream_new(self, call, merged);
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
     "are); for a row with ``raw`` content also a binary file, sent from where it stands.\n"
     "    timeout: Seconds for the whole call, retries included; or a pair, seconds to connect and "
     "of\n"
     "        silence, where None is no limit. Default the client's limits.\n"
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

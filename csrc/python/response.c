/*
 * response.c - the type Response: the answer to a plain request, of whatever status.
 */
#include "client.h"

#include <string.h>
#include <structmember.h>

typedef struct response_object {
  PyObject_HEAD int status;
  PyObject *reason;
  PyObject *headers;
  PyObject *content;
  PyObject *url;
} response_object;

static int response_traverse(PyObject *object, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(((response_object *)object)->headers);
  return 0;
}

static int response_clear(PyObject *object) {
  Py_CLEAR(((response_object *)object)->headers);
  return 0;
}

static void response_dealloc(PyObject *object) {
  response_object *self = (response_object *)object;
  PyTypeObject *type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  response_clear(object);
  Py_CLEAR(self->reason);
  Py_CLEAR(self->content);
  Py_CLEAR(self->url);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

static PyObject *lower_case(hw_view name) {
  char text[256];
  size_t len = name.len < sizeof text ? name.len : sizeof text;
  for (size_t i = 0; i < len; i++) {
    text[i] = (char)(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? name.ptr[i] + 32 : name.ptr[i]);
  }
  return PyUnicode_DecodeLatin1(text, (Py_ssize_t)len, "strict");
}

/* Adds a line; a name that comes again gets its values joined, as HTTP allows. */
static int add_line(PyObject *headers, hw_view name, hw_view value) {
  PyObject *key = lower_case(name);
  PyObject *text = PyUnicode_DecodeLatin1(value.ptr, (Py_ssize_t)value.len, "strict");
  PyObject *before = key == NULL ? NULL : PyDict_GetItemWithError(headers, key); /* borrowed */
  if (before != NULL && text != NULL) {
    PyObject *joined = PyUnicode_FromFormat("%U, %U", before, text);
    Py_DECREF(text);
    text = joined;
  }
  int result = key == NULL || text == NULL ? -1 : PyDict_SetItem(headers, key, text);
  Py_XDECREF(key);
  Py_XDECREF(text);
  return result;
}

static PyObject *headers_of(const hw_http_response *response) {
  PyObject *headers = PyDict_New();
  hw_view name, value;
  size_t at = 0;
  while (headers != NULL && hw_http_response_next(response, &at, &name, &value)) {
    if (add_line(headers, name, value) != 0) {
      Py_CLEAR(headers);
    }
  }
  return headers;
}

PyObject *hwpy_response_new(hwpy_call *call, const hw_http_response *response) {
  hw_buf url;
  PyTypeObject *type = call->state->client.response;
  if (hwpy_call_url(call, response, &url) != 0) {
    hw_buf_free(&url);
    return PyErr_NoMemory();
  }
  response_object *self =
      (response_object *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
  if (self != NULL) {
    hw_view body = hw_buf_view(&response->body);
    self->status = response->status;
    self->reason =
        PyUnicode_DecodeLatin1(response->reason, (Py_ssize_t)strlen(response->reason), "strict");
    self->headers = headers_of(response);
    self->content = PyBytes_FromStringAndSize(body.len == 0 ? "" : body.ptr, (Py_ssize_t)body.len);
    self->url = PyUnicode_DecodeUTF8(url.ptr, (Py_ssize_t)url.len, "replace");
    if (self->reason == NULL || self->headers == NULL || self->content == NULL ||
        self->url == NULL) {
      Py_CLEAR(self);
    }
  }
  hw_buf_free(&url);
  return (PyObject *)self;
}

static PyObject *response_repr(PyObject *object) {
  response_object *self = (response_object *)object;
  return PyUnicode_FromFormat("<Response %d %U>", self->status, self->reason);
}

static PyMemberDef response_members[] = {
    {"status", T_INT, offsetof(response_object, status), READONLY, "HTTP status (int)."},
    {"reason", T_OBJECT, offsetof(response_object, reason), READONLY,
     "Phrase of the status line (str), perhaps empty."},
    {"headers", T_OBJECT, offsetof(response_object, headers), READONLY,
     "Headers by their names in lower case (dict); repeated ones are joined by commas."},
    {"content", T_OBJECT, offsetof(response_object, content), READONLY,
     "The content, decompressed (bytes); of an error at most the first 1 MiB."},
    {"url", T_OBJECT, offsetof(response_object, url), READONLY,
     "The address that answered (str), after redirects."},
    {NULL, 0, 0, 0, NULL}};

static PyType_Slot response_slots[] = {
    {Py_tp_doc, "An answer of any status; made by ``Client.request()``."},
    {Py_tp_dealloc, response_dealloc},
    {Py_tp_traverse, response_traverse},
    {Py_tp_clear, response_clear},
    {Py_tp_repr, response_repr},
    {Py_tp_members, response_members},
    {0, NULL}};

PyType_Spec hwpy_response_spec = {.name = "hopsworks._native.Response",
                                  .basicsize = sizeof(response_object),
                                  .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |
                                           Py_TPFLAGS_IMMUTABLETYPE |
                                           Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                  .slots = response_slots};

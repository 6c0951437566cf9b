/*
 * stream.c - the types UploadStream and DownloadStream: requests as binary files.
 *
 * Both wrap an http_stream. Every wait releases the GIL and answers to signals; a wait that was
 * interrupted breaks the request off. One thread at a time.
 */
#include "client.h"

#include <stdlib.h>
#include <string.h>
#include <structmember.h>

#include "http_stream.h"

enum { READ_ALL_STEP = 256 * 1024 };

typedef struct hwpy_stream {
  PyObject_HEAD PyObject *owner; /* owned: the Scope or the Client */
  hwpy_call *call;               /* owned */
  PyObject *keep;                /* owned: texts of the request */
  hw_http_stream *stream;        /* owned; NULL when closed */
  PyObject *headers;             /* owned list of pairs, made when first asked for or at the end */
  int status;
  int64_t content_length;
  int64_t position;
  bool busy; /* a thread is inside */
} hwpy_stream;

static hwpy_stream *as_stream(PyObject *object) {
  return (hwpy_stream *)object;
}

static void close_stream(hwpy_stream *self) {
  hw_http_stream_free(self->stream);
  self->stream = NULL;
}

static int stream_traverse(PyObject *object, visitproc visit, void *arg) {
  hwpy_stream *self = as_stream(object);
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(self->owner);
  Py_VISIT(self->keep);
  if (self->call != NULL) {
    Py_VISIT(self->call->errors);
    Py_VISIT(self->call->content.file);
  }
  return 0;
}

/* The cycle, if any, goes through the owner, which clears itself. */
static int stream_clear(PyObject *object) {
  (void)object;
  return 0;
}

static void stream_dealloc(PyObject *object) {
  hwpy_stream *self = as_stream(object);
  PyTypeObject *type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  close_stream(self);
  if (self->call != NULL) {
    hwpy_call_end(self->call);
    free(self->call);
  }
  Py_CLEAR(self->headers);
  Py_CLEAR(self->keep);
  Py_CLEAR(self->owner);
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

typedef hw_status (*open_function)(hw_http_pool *, const hw_http_request *, hw_http_stream **,
                                   hw_error *);

static hwpy_stream *make(PyTypeObject *type, PyObject *owner, hwpy_call *call, PyObject *keep) {
  hwpy_stream *self = (hwpy_stream *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
  if (self == NULL) {
    hwpy_call_end(call);
    free(call);
    return NULL;
  }
  self->owner = Py_NewRef(owner);
  self->call = call;
  self->keep = Py_XNewRef(keep);
  self->content_length = -1;
  return self;
}

static PyObject *open_with(hwpy_stream *self, open_function open) {
  hw_error err;
  hwpy_wait wait;
  hw_error_init(&err);
  self->busy = true;
  hwpy_call_wait_begin(self->call, &wait);
  hw_status status = open(self->call->pool, &self->call->request, &self->stream, &err);
  int interrupted = hwpy_wait_end(&wait);
  self->busy = false;
  if (interrupted == 0 && status == HW_OK) {
    return (PyObject *)self;
  }
  if (interrupted == 0) {
    hwpy_call_raise(self->call, &err, NULL);
  }
  Py_DECREF((PyObject *)self);
  return NULL;
}

/* False with an exception when the stream cannot be used now. */
static bool enter(hwpy_stream *self) {
  if (self->busy) {
    PyErr_SetString(PyExc_RuntimeError, "the stream is in use by another thread");
    return false;
  }
  if (self->stream == NULL) {
    PyErr_SetString(PyExc_ValueError, "the stream is closed");
    return false;
  }
  self->busy = true;
  return true;
}

static void remember_answer(hwpy_stream *self) {
  const hw_http_response *response = hw_http_stream_response(self->stream);
  self->status = response->status;
  self->content_length = response->content_length;
  if (self->headers == NULL) {
    self->headers = hwpy_headers_of(response);
    PyErr_Clear();
  }
}

static void begin_wait(hwpy_stream *self, hwpy_wait *wait) {
  hwpy_call_wait_begin(self->call, wait);
  hw_http_stream_set_hooks(self->stream, wait->hooks);
}

/* Ends a wait; raises and closes the stream when it failed. 0 or -1. */
static int leave(hwpy_stream *self, hwpy_wait *wait, hw_status status, const hw_error *err) {
  int interrupted = hwpy_wait_end(wait);
  if (interrupted == 0 && status == HW_OK) {
    self->busy = false;
    return 0;
  }
  if (interrupted == 0) {
    const hw_http_response *response = hw_http_stream_response(self->stream);
    if (status == HW_HTTP) {
      Py_XDECREF(hwpy_call_refused(self->call, response));
      if (PyErr_Occurred() ==
          NULL) { /* a row of "absent" codes says nothing about content refused */
        hwpy_call_raise(self->call, err, response);
      }
    } else {
      hwpy_call_raise(self->call, err, response);
    }
  }
  /* Not earlier: making the exception runs Python, and another thread could close the stream. */
  self->busy = false;
  close_stream(self);
  return -1;
}

static PyObject *stream_enter(PyObject *object, PyObject *unused) {
  (void)unused;
  return Py_NewRef(object);
}

static PyObject *stream_close(PyObject *object, PyObject *unused) {
  (void)unused;
  hwpy_stream *self = as_stream(object);
  if (self->busy) {
    PyErr_SetString(PyExc_RuntimeError, "the stream is in use by another thread");
    return NULL;
  }
  close_stream(self);
  Py_RETURN_NONE;
}

static PyObject *answer_true(PyObject *object, PyObject *unused) {
  (void)object;
  (void)unused;
  Py_RETURN_TRUE;
}

static PyObject *answer_false(PyObject *object, PyObject *unused) {
  (void)object;
  (void)unused;
  Py_RETURN_FALSE;
}

static PyObject *answer_none(PyObject *object, PyObject *unused) {
  (void)object;
  (void)unused;
  Py_RETURN_NONE;
}

static PyObject *stream_tell(PyObject *object, PyObject *unused) {
  (void)unused;
  return PyLong_FromLongLong(as_stream(object)->position);
}

static PyObject *stream_get_closed(PyObject *object, void *unused) {
  (void)unused;
  return PyBool_FromLong(as_stream(object)->stream == NULL);
}

static PyObject *stream_repr(PyObject *object) {
  hwpy_stream *self = as_stream(object);
  const hwpy_call *call = self->call;
  bool upload = Py_TYPE(object) == call->state->client.upload_stream;
  const char *kind = upload ? "UploadStream" : "DownloadStream";
  const char *closed = self->stream == NULL ? " closed" : "";
  if (call->endpoint != NULL) {
    return PyUnicode_FromFormat("<%s of %s%s>", kind, call->endpoint->name, closed);
  }
  /* Without the query, which may be the permission to use it. */
  PyObject *target = PyUnicode_DecodeUTF8(call->request.url,
                                          (Py_ssize_t)strcspn(call->request.url, "?"), "replace");
  PyObject *text = target == NULL ? NULL
                                  : PyUnicode_FromFormat("<%s of %s %U%s>", kind,
                                                         call->request.verb, target, closed);
  Py_XDECREF(target);
  return text;
}

PyObject *hwpy_upload_stream_new(PyObject *owner, hwpy_call *call, PyObject *keep) {
  hwpy_stream *self = make(call->state->client.upload_stream, owner, call, keep);
  return self == NULL ? NULL : open_with(self, hw_http_stream_open_upload);
}

static PyObject *upload_write(PyObject *object, PyObject *data) {
  hwpy_stream *self = as_stream(object);
  Py_buffer view;
  hw_error err;
  hwpy_wait wait;
  if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) != 0) {
    return NULL;
  }
  if (!enter(self)) {
    PyBuffer_Release(&view);
    return NULL;
  }
  hw_error_init(&err);
  begin_wait(self, &wait);
  hw_view bytes = {.ptr = view.buf, .len = (size_t)view.len};
  hw_status status = hw_http_stream_write(self->stream, bytes, &err);
  int result = leave(self, &wait, status, &err);
  PyBuffer_Release(&view);
  if (result != 0) {
    return NULL;
  }
  self->position += (int64_t)bytes.len;
  return PyLong_FromSize_t(bytes.len);
}

static PyObject *upload_finish(PyObject *object, PyObject *unused) {
  (void)unused;
  hwpy_stream *self = as_stream(object);
  PyObject *result = NULL;
  hw_error err;
  hwpy_wait wait;
  if (!enter(self)) {
    return NULL;
  }
  hw_error_init(&err);
  begin_wait(self, &wait);
  hw_status status = hw_http_stream_finish(self->stream, &err);
  if (leave(self, &wait, status, &err) != 0) {
    return NULL;
  }
  remember_answer(self);
  const hw_http_response *response = hw_http_stream_response(self->stream);
  self->busy = true; /* decoding runs Python, and another thread could close the stream */
  if (self->call->endpoint == NULL) {
    result = hwpy_response_new(self->call, response);
  } else if (response->status >= 200 && response->status <= 299) {
    result =
        hwpy_decode_response(self->call->state, self->call->endpoint, hw_buf_view(&response->body),
                             response->body.capacity, self->owner);
  } else {
    result = hwpy_call_refused(self->call, response);
  }
  self->busy = false;
  close_stream(self);
  return result;
}

static PyObject *upload_exit(PyObject *object, PyObject *args) {
  PyObject *type = Py_None, *value = Py_None, *trace = Py_None;
  if (!PyArg_ParseTuple(args, "|OOO:__exit__", &type, &value, &trace)) {
    return NULL;
  }
  if (as_stream(object)->stream == NULL) {
    Py_RETURN_NONE;
  }
  if (type != Py_None) {
    return stream_close(object, NULL);
  }
  PyObject *answer = upload_finish(object, NULL);
  if (answer == NULL) {
    return NULL;
  }
  Py_DECREF(answer);
  Py_RETURN_NONE;
}

static PyMethodDef upload_methods[] = {
    {"write", upload_write, METH_O,
     "write($self, data, /)\n--\n\n"
     "Sends bytes (any buffer) and returns how many; waits until they are taken.\n\n"
     "Raises:\n"
     "    hopsworks.client.exceptions.RestAPIError: When the server refuses the content early.\n"},
    {"finish", upload_finish, METH_NOARGS,
     "finish($self, /)\n--\n\n"
     "Ends the content, waits for the answer and returns it: decoded for an endpoint, else as a "
     "Response of any status.\n"},
    {"abort", stream_close, METH_NOARGS,
     "abort($self, /)\n--\n\nBreaks the request off; the server sees incomplete content."},
    {"close", stream_close, METH_NOARGS,
     "close($self, /)\n--\n\nBreaks the request off, unless it was finished."},
    {"flush", answer_none, METH_NOARGS,
     "flush($self, /)\n--\n\nDoes nothing: nothing is held back."},
    {"tell", stream_tell, METH_NOARGS,
     "tell($self, /)\n--\n\nNumber of bytes written so far (int)."},
    {"writable", answer_true, METH_NOARGS, "writable($self, /)\n--\n\nTrue."},
    {"readable", answer_false, METH_NOARGS, "readable($self, /)\n--\n\nFalse."},
    {"seekable", answer_false, METH_NOARGS, "seekable($self, /)\n--\n\nFalse."},
    {"__enter__", stream_enter, METH_NOARGS, "__enter__($self, /)\n--\n\nThe stream itself."},
    {"__exit__", upload_exit, METH_VARARGS,
     "__exit__($self, *args)\n--\n\nFinishes the request, or breaks it off after an exception."},
    {NULL, NULL, 0, NULL}};

static PyGetSetDef upload_getset[] = {
    {"closed", stream_get_closed, NULL, "Whether the request is over (bool).", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyMemberDef upload_members[] = {{"status", T_INT, offsetof(hwpy_stream, status), READONLY,
                                        "HTTP status of the answer (int); 0 before it came."},
                                       {NULL, 0, 0, 0, NULL}};

static PyType_Slot upload_slots[] = {
    {Py_tp_doc, "A request whose content is written piece by piece; made by ``open_upload()`` of a "
                "Scope or a Client.\n\n"
                "As a context manager it finishes at the end, or breaks off after an exception."},
    {Py_tp_dealloc, stream_dealloc},
    {Py_tp_traverse, stream_traverse},
    {Py_tp_clear, stream_clear},
    {Py_tp_repr, stream_repr},
    {Py_tp_methods, upload_methods},
    {Py_tp_getset, upload_getset},
    {Py_tp_members, upload_members},
    {0, NULL}};

PyType_Spec hwpy_upload_stream_spec = {.name = "hopsworks._native.UploadStream",
                                       .basicsize = sizeof(hwpy_stream),
                                       .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |
                                                Py_TPFLAGS_IMMUTABLETYPE |
                                                Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                       .slots = upload_slots};

PyObject *hwpy_download_stream_new(PyObject *owner, hwpy_call *call, PyObject *keep) {
  hwpy_stream *self = make(call->state->client.download_stream, owner, call, keep);
  if (self == NULL || open_with(self, hw_http_stream_open_download) == NULL) {
    return NULL;
  }
  remember_answer(self);
  if (self->status >= 200 && self->status <= 299) {
    return (PyObject *)self;
  }
  PyObject *absent = hwpy_call_refused(self->call, hw_http_stream_response(self->stream));
  Py_DECREF((PyObject *)self);
  return absent;
}

/* Reads until `room` is full or the content ends. */
static int read_full(hwpy_stream *self, char *into, size_t room, size_t *got) {
  hw_error err;
  hwpy_wait wait;
  hw_status status = HW_OK;
  *got = 0;
  if (!enter(self)) {
    return -1;
  }
  hw_error_init(&err);
  begin_wait(self, &wait);
  while (*got < room) {
    size_t step = 0;
    status = hw_http_stream_read(self->stream, into + *got, room - *got, &step, &err);
    if (status != HW_OK || step == 0) {
      break;
    }
    *got += step;
  }
  if (leave(self, &wait, status, &err) != 0) {
    return -1;
  }
  self->position += (int64_t)*got;
  return 0;
}

/* The next `size` bytes, fewer only at the end of the content. */
static PyObject *read_piece(hwpy_stream *self, Py_ssize_t size) {
  size_t got = 0;
  PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
  char *into = bytes == NULL ? NULL : PyBytes_AsString(bytes);
  if (into == NULL || read_full(self, into, (size_t)size, &got) != 0) {
    Py_XDECREF(bytes);
    return NULL;
  }
  if (got < (size_t)size) { /* the stable ABI has no way to shorten bytes */
    PyObject *shorter = PyBytes_FromStringAndSize(into, (Py_ssize_t)got);
    Py_DECREF(bytes);
    return shorter;
  }
  return bytes;
}

/* Everything that is left of a content whose length is known, without a second copy of it; that it
   really ends there is found out by asking for one byte more. */
static PyObject *read_rest(hwpy_stream *self, int64_t left) {
  char more;
  size_t got = 0;
  PyObject *bytes = read_piece(self, (Py_ssize_t)left);
  if (bytes != NULL && read_full(self, &more, 1, &got) != 0) {
    Py_CLEAR(bytes);
  }
  return bytes;
}

static PyObject *read_unmeasured(hwpy_stream *self) {
  hw_buf all;
  hw_error err;
  PyObject *result = NULL;
  size_t got = 1;
  hw_error_init(&err);
  hw_buf_init(&all, (size_t)PY_SSIZE_T_MAX / 2);
  while (got > 0) {
    if (hw_buf_reserve(&all, READ_ALL_STEP, &err) != HW_OK) {
      hwpy_raise(self->call->state, self->call->errors, &err, NULL, NULL);
      goto done;
    }
    if (read_full(self, all.ptr + all.len, READ_ALL_STEP, &got) != 0) {
      goto done;
    }
    all.len += got;
  }
  result = PyBytes_FromStringAndSize(all.len == 0 ? "" : all.ptr, (Py_ssize_t)all.len);
done:
  hw_buf_free(&all);
  return result;
}

static PyObject *download_read(PyObject *object, PyObject *args) {
  hwpy_stream *self = as_stream(object);
  PyObject *wanted = Py_None;
  if (!PyArg_ParseTuple(args, "|O:read", &wanted)) {
    return NULL;
  }
  Py_ssize_t size = wanted == Py_None ? -1 : PyNumber_AsSsize_t(wanted, PyExc_OverflowError);
  if (size == -1 && PyErr_Occurred() != NULL) {
    return NULL;
  }
  int64_t left = self->content_length < 0 ? -1 : self->content_length - self->position;
  if (left >= 0 && (size < 0 || size >= left)) {
    return read_rest(self, left);
  }
  return size < 0 ? read_unmeasured(self) : read_piece(self, size);
}

static PyObject *download_readinto(PyObject *object, PyObject *target) {
  Py_buffer view;
  size_t got = 0;
  if (PyObject_GetBuffer(target, &view, PyBUF_WRITABLE) != 0) {
    return NULL;
  }
  int result = read_full(as_stream(object), view.buf, (size_t)view.len, &got);
  PyBuffer_Release(&view);
  return result != 0 ? NULL : PyLong_FromSize_t(got);
}

static PyObject *download_exit(PyObject *object, PyObject *args) {
  (void)args;
  return stream_close(object, NULL);
}

static PyObject *download_get_headers(PyObject *object, void *unused) {
  (void)unused;
  PyObject *headers = PyDict_New();
  if (headers != NULL && as_stream(object)->headers != NULL &&
      PyDict_MergeFromSeq2(headers, as_stream(object)->headers, 1) != 0) {
    Py_CLEAR(headers);
  }
  return headers;
}

static PyObject *download_get_size(PyObject *object, void *unused) {
  (void)unused;
  int64_t length = as_stream(object)->content_length;
  return length < 0 ? Py_NewRef(Py_None) : PyLong_FromLongLong(length);
}

static PyMethodDef download_methods[] = {
    {"read", download_read, METH_VARARGS,
     "read($self, size=-1, /)\n--\n\n"
     "The next ``size`` bytes, fewer only at the end; everything that is left when negative or "
     "None.\n"},
    {"readinto", download_readinto, METH_O,
     "readinto($self, buffer, /)\n--\n\nFills a writable buffer; returns the number of bytes "
     "(int)."},
    {"close", stream_close, METH_NOARGS,
     "close($self, /)\n--\n\nBreaks the answer off if it is not complete."},
    {"tell", stream_tell, METH_NOARGS, "tell($self, /)\n--\n\nNumber of bytes read so far (int)."},
    {"readable", answer_true, METH_NOARGS, "readable($self, /)\n--\n\nTrue."},
    {"writable", answer_false, METH_NOARGS, "writable($self, /)\n--\n\nFalse."},
    {"seekable", answer_false, METH_NOARGS, "seekable($self, /)\n--\n\nFalse."},
    {"flush", answer_none, METH_NOARGS, "flush($self, /)\n--\n\nDoes nothing."},
    {"__enter__", stream_enter, METH_NOARGS, "__enter__($self, /)\n--\n\nThe stream itself."},
    {"__exit__", download_exit, METH_VARARGS, "__exit__($self, *args)\n--\n\nCloses the stream."},
    {NULL, NULL, 0, NULL}};

static PyGetSetDef download_getset[] = {
    {"closed", stream_get_closed, NULL, "Whether the stream is closed (bool).", NULL},
    {"headers", download_get_headers, NULL, "Headers of the answer (dict).", NULL},
    {"size", download_get_size, NULL, "Announced length of the content in bytes (int), or None.",
     NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot download_slots[] = {
    {Py_tp_doc, "The answer to a request as a readable binary file; made by ``open_download()`` of "
                "a Scope or a Client."},
    {Py_tp_dealloc, stream_dealloc},
    {Py_tp_traverse, stream_traverse},
    {Py_tp_clear, stream_clear},
    {Py_tp_repr, stream_repr},
    {Py_tp_methods, download_methods},
    {Py_tp_getset, download_getset},
    {Py_tp_members, upload_members},
    {0, NULL}};

PyType_Spec hwpy_download_stream_spec = {.name = "hopsworks._native.DownloadStream",
                                         .basicsize = sizeof(hwpy_stream),
                                         .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |
                                                  Py_TPFLAGS_IMMUTABLETYPE |
                                                  Py_TPFLAGS_DISALLOW_INSTANTIATION,
                                         .slots = download_slots};

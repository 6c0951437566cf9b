/*
 * content.c - what a plain request sends: memory, or a file of Python that is read as it goes.
 */
#include "native.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* How much to read into `room` bytes: no more than was announced. */
static size_t wanted(const hwpy_content *content, size_t room) {
  int64_t left = content->length - content->given;
  return content->length >= 0 && left < (int64_t)room ? (size_t)left : room;
}

static hw_status read_descriptor(void *ctx, char *into, size_t room, size_t *got, hw_error *err) {
  hwpy_content *content = ctx;
  ssize_t count = 0;
  *got = 0;
  room = wanted(content, room);
  if (room == 0) {
    return HW_OK;
  }
  do {
    count = pread(content->fd, into, room, content->start + content->given);
  } while (count < 0 && errno == EINTR);
  if (count <= 0) {
    int reason = errno;
    hwpy_wait_enter(content->wait);
    if (count < 0) {
      errno = reason;
      PyErr_SetFromErrno(PyExc_OSError);
    } else {
      PyErr_Format(PyExc_OSError, "the body ended after %lld of %lld bytes",
                   (long long)content->given, (long long)content->length);
    }
    return hwpy_wait_leave(content->wait, err);
  }
  content->given += count;
  *got = (size_t)count;
  return HW_OK;
}

static hw_status rewind_descriptor(void *ctx, hw_error *err) {
  (void)err;
  ((hwpy_content *)ctx)->given = 0;
  return HW_OK;
}

static hw_status read_file(void *ctx, char *into, size_t room, size_t *got, hw_error *err) {
  hwpy_content *content = ctx;
  Py_buffer piece;
  *got = 0;
  room = wanted(content, room);
  if (room == 0) {
    return HW_OK;
  }
  hwpy_wait_enter(content->wait);
  PyObject *bytes = PyObject_CallMethod(content->file, "read", "n", (Py_ssize_t)room);
  if (bytes != NULL && !PyObject_CheckBuffer(bytes)) {
    PyErr_Format(PyExc_TypeError,
                 "the body is a file whose read() gives %R; open it in binary mode",
                 (PyObject *)Py_TYPE(bytes));
  } else if (bytes != NULL && PyObject_GetBuffer(bytes, &piece, PyBUF_SIMPLE) == 0) {
    if ((size_t)piece.len > room) {
      PyErr_SetString(PyExc_ValueError, "read() of the body gave more bytes than were asked for");
    } else if (piece.len == 0 && content->length >= 0) {
      PyErr_Format(PyExc_OSError, "the body ended after %lld of %lld bytes",
                   (long long)content->given, (long long)content->length);
    } else {
      memcpy(into, piece.buf, (size_t)piece.len);
      *got = (size_t)piece.len;
      content->given += piece.len;
    }
    PyBuffer_Release(&piece);
  }
  Py_XDECREF(bytes);
  return hwpy_wait_leave(content->wait, err);
}

static hw_status rewind_file(void *ctx, hw_error *err) {
  hwpy_content *content = ctx;
  content->given = 0;
  hwpy_wait_enter(content->wait);
  PyObject *at = PyObject_CallMethod(content->file, "seek", "L", (long long)content->start);
  Py_XDECREF(at);
  return hwpy_wait_leave(content->wait, err);
}

/* An integer that a method gives, -1 with an exception set. */
static int64_t number_of(PyObject *number) {
  int64_t value = number == NULL ? -1 : PyLong_AsLongLong(number);
  Py_XDECREF(number);
  return value;
}

/* Where the file stands and how much is left; both unknown (-1) for one that cannot seek. */
static int measure(hwpy_content *content) {
  content->start = number_of(PyObject_CallMethod(content->file, "tell", NULL));
  int64_t end =
      content->start < 0 ? -1 : number_of(PyObject_CallMethod(content->file, "seek", "ii", 0, 2));
  int64_t back =
      end < 0 ? -1 : number_of(PyObject_CallMethod(content->file, "seek", "L", content->start));
  if (back >= 0) {
    content->length = end > content->start ? end - content->start : 0;
    return 0;
  }
  if (PyErr_Occurred() != NULL && !PyErr_ExceptionMatches(PyExc_AttributeError) &&
      !PyErr_ExceptionMatches(PyExc_OSError)) {
    return -1;
  }
  PyErr_Clear();
  content->start = content->length = -1;
  return 0;
}

/* Whether an object is of a class of the module _io, and of no class derived from it. */
static bool is_exactly(PyObject *object, PyObject *io, const char *name) {
  PyObject *type = PyObject_GetAttrString(io, name);
  bool same = type == (PyObject *)Py_TYPE(object);
  Py_XDECREF(type);
  return same;
}

/* A descriptor of a file that gives exactly what the file's own read() gives, or -1: one that is
   compressed, or that a program derived a class for, has another content than its descriptor. */
static int descriptor_of(PyObject *file) {
  int fd = -1;
  PyObject *io = PyImport_ImportModule("_io");
  bool buffered = io != NULL && (is_exactly(file, io, "BufferedReader") ||
                                 is_exactly(file, io, "BufferedRandom"));
  PyObject *raw = buffered ? PyObject_GetAttrString(file, "raw") : Py_NewRef(file);
  if (io != NULL && raw != NULL && is_exactly(raw, io, "FileIO")) {
    int own = PyObject_AsFileDescriptor(raw);
    fd = own < 0 ? -1 : dup(own);
  }
  Py_XDECREF(raw);
  Py_XDECREF(io);
  PyErr_Clear();
  return fd;
}

/* 1 for a file of text, 0 for another object, -1 with an exception set. */
static int is_text_file(PyObject *object) {
  PyObject *io = PyImport_ImportModule("_io");
  PyObject *base = io == NULL ? NULL : PyObject_GetAttrString(io, "_TextIOBase");
  int is_text = base == NULL ? -1 : PyObject_IsInstance(object, base);
  Py_XDECREF(base);
  Py_XDECREF(io);
  return is_text;
}

int hwpy_content_open(hwpy_content *content, PyObject *body, hw_http_source *source) {
  content->fd = -1;
  if (PyObject_CheckBuffer(body)) {
    if (PyObject_GetBuffer(body, &content->view, PyBUF_SIMPLE) != 0) {
      return -1;
    }
    content->has_view = true;
    *source =
        (hw_http_source){.memory = {.ptr = content->view.buf, .len = (size_t)content->view.len}};
    return 0;
  }
  if (!PyObject_HasAttrString(body, "read")) {
    PyErr_Format(PyExc_TypeError, "body must be bytes-like or a binary file, not %R",
                 (PyObject *)Py_TYPE(body));
    return -1;
  }
  int is_text = is_text_file(body);
  if (is_text != 0) {
    if (is_text > 0) {
      PyErr_SetString(PyExc_TypeError, "the body is a file of text; open it in binary mode");
    }
    return -1;
  }
  content->file = Py_NewRef(body);
  if (measure(content) != 0) {
    return -1;
  }
  content->fd = content->length < 0 ? -1 : descriptor_of(body);
  *source = (hw_http_source){.ctx = content, .length = content->length};
  if (content->fd >= 0) {
    source->read = read_descriptor;
    source->rewind = rewind_descriptor;
  } else {
    source->read = read_file;
    source->rewind = content->length < 0 ? NULL : rewind_file;
  }
  return 0;
}

void hwpy_content_close(hwpy_content *content) {
  if (content->has_view) {
    PyBuffer_Release(&content->view);
    content->has_view = false;
  }
  if (content->file != NULL && content->fd >= 0) {
    (void)close(content->fd);
    content->fd = -1;
  }
  Py_CLEAR(content->file);
}

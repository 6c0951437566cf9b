/*
 * params.c - keyword arguments of a call as text for URLs.
 */
#include "native.h"

#include <stdlib.h>
#include <string.h>

void hwpy_params_init(hwpy_params *params) {
  params->rows = params->inline_rows;
  params->count = 0;
  params->capacity = HWPY_PARAMS_INLINE;
  params->keep = NULL;
}

void hwpy_params_free(hwpy_params *params) {
  if (params->rows != params->inline_rows) {
    free(params->rows);
  }
  Py_CLEAR(params->keep);
  hwpy_params_init(params);
}

static int grow(hwpy_params *params) {
  size_t capacity = params->capacity * 2;
  bool inside = params->rows == params->inline_rows;
  hw_param *rows = realloc(inside ? NULL : params->rows, capacity * sizeof *rows);
  if (rows == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  if (inside) {
    memcpy(rows, params->inline_rows, params->count * sizeof *rows);
  }
  params->rows = rows;
  params->capacity = capacity;
  return 0;
}

static int add_text(hwpy_params *params, hw_view name, PyObject *text) {
  Py_ssize_t len = 0;
  const char *bytes = PyUnicode_AsUTF8AndSize(text, &len);
  if (bytes == NULL || (params->count == params->capacity && grow(params) != 0)) {
    return -1;
  }
  params->rows[params->count++] =
      (hw_param){.name = name, .value = {.ptr = bytes, .len = (size_t)len}};
  return 0;
}

/* Text made for this call has no other owner. Takes the reference. */
static int add_made(hwpy_params *params, hw_view name, PyObject *text) {
  int result = -1;
  if (text == NULL) {
    return -1;
  }
  if (params->keep == NULL) {
    params->keep = PyList_New(0);
  }
  if (params->keep != NULL && PyList_Append(params->keep, text) == 0) {
    result = add_text(params, name, text);
  }
  Py_DECREF(text);
  return result;
}

static int add_scalar(hwpy_params *params, hw_view name, PyObject *value) {
  if (PyUnicode_Check(value)) {
    return add_text(params, name, value);
  }
  if (PyBool_Check(value) || PyFloat_Check(value)) {
    return add_made(params, name, PyObject_Str(value)); /* "True", as the service reads it */
  }
  if (PyLong_Check(value)) {
    return add_made(params, name, PyNumber_ToBase(value, 10));
  }
  if (PyIndex_Check(value)) { /* integers of numpy and the like */
    PyObject *number = PyNumber_Index(value);
    PyObject *text = number == NULL ? NULL : PyNumber_ToBase(number, 10);
    Py_XDECREF(number);
    return add_made(params, name, text);
  }
  PyObject *text = PyUnicode_FromStringAndSize(name.ptr, (Py_ssize_t)name.len);
  if (text != NULL) {
    PyErr_Format(PyExc_TypeError,
                 "parameter \"%U\" cannot be %R; give a str, an int, a float or a bool", text,
                 (PyObject *)Py_TYPE(value));
    Py_DECREF(text);
  }
  return -1;
}

int hwpy_params_add(hwpy_params *params, PyObject *name, PyObject *value) {
  Py_ssize_t name_len = 0;
  if (value == Py_None) {
    return 0;
  }
  const char *name_text = PyUnicode_AsUTF8AndSize(name, &name_len);
  if (name_text == NULL) {
    return -1;
  }
  hw_view view = {.ptr = name_text, .len = (size_t)name_len};
  if (!PyList_Check(value) && !PyTuple_Check(value)) {
    return add_scalar(params, view, value);
  }
  Py_ssize_t count = PySequence_Size(value);
  for (Py_ssize_t i = 0; i < count; i++) {
    PyObject *item = PySequence_GetItem(value, i);
    int result = item == NULL || item == Py_None ? -1 : 0;
    if (item == Py_None) {
      PyErr_Format(PyExc_TypeError, "parameter \"%U\" holds None at position %zd", name, i);
    }
    /* The list may change while the call runs, so its items are kept. */
    if (result == 0 && PyUnicode_Check(item)) {
      result = add_made(params, view, Py_NewRef(item));
    } else if (result == 0) {
      result = add_scalar(params, view, item);
    }
    Py_XDECREF(item);
    if (result != 0) {
      return -1;
    }
  }
  return 0;
}

/*
 * values.c - plain Python values from JSON ones.
 */
#include "types.h"

#include <string.h>

enum { SHORT_TEXT = 32 };

/* A hash of short ASCII text; 0 when it is too long or not ASCII. */
static uint32_t short_hash(hw_view text) {
  uint32_t hash = 2166136261u;
  unsigned char all = 0;
  if (text.len > SHORT_TEXT) {
    return 0;
  }
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.ptr[i];
    all |= c;
    hash = (hash ^ c) * 16777619u;
  }
  hash ^= hash >> 15;
  return all & 0x80 ? 0 : hash | 1u;
}

static PyObject *new_text(hw_view text) {
  PyObject *made = PyUnicode_FromStringAndSize(text.ptr, (Py_ssize_t)text.len);
  if (made == NULL && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
    /* Lone surrogates, which Python's own json lets through. */
    PyErr_Clear();
    made = PyUnicode_DecodeUTF8(text.ptr, (Py_ssize_t)text.len, "surrogatepass");
  }
  return made;
}

PyObject *hwpy_text(hwpy_state *state, hw_view text) {
  uint32_t hash = short_hash(text);
  if (hash == 0) {
    return new_text(text);
  }
  PyObject **slot = &state->types->texts.text[(hash >> 1) % HWPY_TEXTS];
  if (*slot != NULL) {
    Py_ssize_t len;
    const char *known = PyUnicode_AsUTF8AndSize(*slot, &len);
    if (known != NULL && (size_t)len == text.len && memcmp(known, text.ptr, text.len) == 0) {
      return Py_NewRef(*slot);
    }
  }
  PyObject *made = new_text(text);
  if (made != NULL) {
    PyObject *old = *slot;
    *slot = Py_NewRef(made);
    Py_XDECREF(old);
  }
  return made;
}

static PyObject *new_big(hw_json value) {
  /* The text comes from int.__str__ in the fallback, which is limited in length by Python itself.
   */
  return PyLong_FromString(hw_json_text(value).ptr, NULL, 10);
}

static PyObject *new_list(hwpy_state *state, hw_json value) {
  PyObject *list = PyList_New((Py_ssize_t)hw_json_count(value));
  Py_ssize_t index = 0;
  for (hw_json at = hw_json_first(value); list != NULL && !hw_json_end(at); at = hw_json_next(at)) {
    PyObject *item = hwpy_value(state, at);
    if (item == NULL || PyList_SetItem(list, index++, item) < 0) {
      Py_CLEAR(list);
    }
  }
  return list;
}

static PyObject *new_dict(hwpy_state *state, hw_json value) {
  PyObject *dict = PyDict_New();
  for (hw_json at = hw_json_first(value); dict != NULL && !hw_json_end(at); at = hw_json_next(at)) {
    PyObject *key = hwpy_text(state, hw_json_text(at));
    at = hw_json_next(at);
    PyObject *item = key == NULL ? NULL : hwpy_value(state, at);
    if (item == NULL || PyDict_SetItem(dict, key, item) < 0) {
      Py_CLEAR(dict);
    }
    Py_XDECREF(item);
    Py_XDECREF(key);
  }
  return dict;
}

PyObject *hwpy_value(hwpy_state *state, hw_json value) {
  switch (hw_json_type_of(value)) {
  case HW_JSON_STRING:
    return hwpy_text(state, hw_json_text(value));
  case HW_JSON_INT:
    return PyLong_FromLongLong(hw_json_int(value));
  case HW_JSON_UINT:
    return PyLong_FromUnsignedLongLong(hw_json_uint(value));
  case HW_JSON_BIG:
    return new_big(value);
  case HW_JSON_FLOAT:
    return PyFloat_FromDouble(hw_json_float(value));
  case HW_JSON_BOOL:
    return PyBool_FromLong(hw_json_bool(value));
  case HW_JSON_ARRAY:
    return new_list(state, value);
  case HW_JSON_OBJECT:
    return new_dict(state, value);
  case HW_JSON_NULL:
    break;
  }
  return Py_NewRef(Py_None);
}

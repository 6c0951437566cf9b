/*
 * values.c - plain Python values from JSON ones.
 */
#include "types.h"

#include <string.h>

/* A dict grows when it gets its sixth key. */
enum { SHORT_TEXT = 32, FORM_LEAST = 6 };

/* A hash of short ASCII text; 0 when it is too long or not ASCII. Words overlap at the end, so that
   nothing behind the text is read. */
static uint32_t short_hash(hw_view text) {
  static const uint64_t high_bits = 0x8080808080808080u, mix = 0x9E3779B97F4A7C15u;
  uint64_t hash = text.len * mix, all = 0;
  if (text.len > SHORT_TEXT) {
    return 0;
  }
  if (text.len >= 8) {
    for (size_t at = 0; at + 8 < text.len; at += 8) {
      uint64_t word = hw_load8(text.ptr + at);
      all |= word;
      hash = (hash ^ word) * mix;
      hash ^= hash >> 29;
    }
    uint64_t last = hw_load8(text.ptr + text.len - 8);
    all |= last;
    hash = (hash ^ last) * mix;
  } else if (text.len >= 4) {
    uint64_t word = ((uint64_t)hw_load4(text.ptr) << 32) | hw_load4(text.ptr + text.len - 4);
    all = word;
    hash = (hash ^ word) * mix;
  } else {
    for (size_t at = 0; at < text.len; at++) {
      all |= (unsigned char)text.ptr[at];
      hash = (hash ^ (unsigned char)text.ptr[at]) * mix;
    }
  }
  return (all & high_bits) != 0 ? 0 : (uint32_t)(hash >> 32) | 1u;
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
  hwpy_text_entry *entry = &state->types->texts[(hash >> 1) % HWPY_TEXTS];
  hw_view known = {entry->utf8, entry->len};
  if (entry->hash == hash && hw_view_equal(known, text)) {
    return Py_NewRef(entry->text);
  }
  PyObject *made = new_text(text);
  Py_ssize_t len;
  const char *utf8 = made == NULL ? NULL : PyUnicode_AsUTF8AndSize(made, &len);
  if (utf8 != NULL) {
    PyObject *old = entry->text;
    entry->text = Py_NewRef(made);
    entry->utf8 = utf8;
    entry->hash = hash;
    entry->len = (uint32_t)len;
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

/* Whether an object has the keys of a form, in the same order. No value is looked at, so that
   nothing is decoded twice. */
static bool has_keys(hw_json value, PyObject *keys) {
  PyObject *known = NULL, *none = NULL;
  Py_ssize_t place = 0, len = 0;
  for (hw_json at = hw_json_first(value); !hw_json_end(at); at = hw_json_next(at)) {
    hw_view key = hw_json_text(at);
    at = hw_json_next(at);
    if (!PyDict_Next(keys, &place, &known, &none)) {
      return false;
    }
    const char *utf8 = PyUnicode_AsUTF8AndSize(known, &len);
    if (utf8 == NULL || (size_t)len != key.len || memcmp(utf8, key.ptr, key.len) != 0) {
      PyErr_Clear();
      return false;
    }
  }
  return true;
}

static PyObject *fill_form(hwpy_state *state, hw_json value, PyObject *keys) {
  PyObject *dict = PyDict_Copy(keys), *known = NULL, *none = NULL;
  Py_ssize_t place = 0;
  for (hw_json at = hw_json_first(value); dict != NULL && !hw_json_end(at); at = hw_json_next(at)) {
    at = hw_json_next(at);
    PyObject *item = hwpy_value(state, at);
    if (item == NULL || !PyDict_Next(keys, &place, &known, &none) ||
        PyDict_SetItem(dict, known, item) < 0) {
      Py_CLEAR(dict);
    }
    Py_XDECREF(item);
  }
  return dict;
}

/* Keeps the keys of a dict for the next one, once they have come up twice. */
static int keep_form(hwpy_form *form, PyObject *dict) {
  PyObject *key, *item, *keys;
  Py_ssize_t place = 0;
  if (form->misses++ == 0) {
    return 0;
  }
  keys = PyDict_New();
  while (keys != NULL && PyDict_Next(dict, &place, &key, &item)) {
    if (PyDict_SetItem(keys, key, Py_None) < 0) {
      Py_CLEAR(keys);
    }
  }
  if (keys == NULL) {
    return -1;
  }
  form->misses = 0;
  PyObject *old = form->keys;
  form->keys = keys;
  Py_XDECREF(old);
  return 0;
}

static PyObject *grow_dict(hwpy_state *state, hw_json value) {
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

static PyObject *new_dict(hwpy_state *state, hw_json value) {
  size_t count = hw_json_count(value);
  if (count < FORM_LEAST || count >= HWPY_FORMS) {
    return grow_dict(state, value);
  }
  hwpy_form *form = &state->types->forms[count];
  if (form->keys != NULL && has_keys(value, form->keys)) {
    PyObject *keys = Py_NewRef(form->keys);
    PyObject *dict = fill_form(state, value, keys);
    Py_DECREF(keys);
    return dict;
  }
  PyObject *dict = grow_dict(state, value);
  if (dict != NULL && PyDict_Size(dict) == (Py_ssize_t)count && keep_form(form, dict) < 0) {
    Py_CLEAR(dict);
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

/*
 * document.c - JSON documents from what Python hands over: text, or values that are in memory
 * already.
 */
#include "types.h"

#include <stdlib.h>
#include <string.h>

enum { PARSE_WITHOUT_GIL = 16 * 1024, SPARE_PARSER_MAX = 4 * 1024 * 1024 };

static hw_json_parser *take_parser(hwpy_state *state) {
  hw_json_parser *parser = state->types->spare;
  state->types->spare = NULL;
  return parser != NULL ? parser : hw_json_parser_new(HW_JSON_MAX_BYTES);
}

static void give_parser(hwpy_state *state, hw_json_parser *parser) {
  if (parser != NULL && state->types->spare == NULL &&
      hw_json_parser_memory(parser) <= SPARE_PARSER_MAX) {
    state->types->spare = parser;
  } else {
    hw_json_parser_free(parser);
  }
}

void hwpy_document_close(hwpy_state *state, hwpy_document *document) {
  if (document->parser != NULL) {
    give_parser(state, document->parser);
  }
  if (document->builder != NULL) {
    hw_json_builder_free(document->builder);
    free(document->builder);
  }
  memset(document, 0, sizeof *document);
}

/* --- from values
 * ----------------------------------------------------------------------------------------- */

typedef struct building {
  hwpy_state *state;
  hw_json_builder *builder;
  hw_error err;
} building;

static int build(building *b, PyObject *value);

static int check(building *b, hw_status status) {
  if (status == HW_OK) {
    return 0;
  }
  if (!PyErr_Occurred()) {
    if (status == HW_LIMIT) {
      PyErr_SetString(PyExc_ValueError, b->err.message);
    } else {
      PyErr_NoMemory();
    }
  }
  return -1;
}

int hwpy_utf8(PyObject *text, hw_view *out, PyObject **keep) {
  Py_ssize_t len;
  const char *utf8 = PyUnicode_AsUTF8AndSize(text, &len);
  *keep = NULL;
  if (utf8 == NULL) { /* lone surrogates */
    char *bytes;
    if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
      return -1;
    }
    PyErr_Clear();
    *keep = PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
    if (*keep == NULL || PyBytes_AsStringAndSize(*keep, &bytes, &len) < 0) {
      return -1;
    }
    utf8 = bytes;
  }
  out->ptr = utf8;
  out->len = (size_t)len;
  return 0;
}

static int build_text(building *b, PyObject *text,
                      hw_status (*append)(hw_json_builder *, hw_view, hw_error *)) {
  hw_view view;
  PyObject *keep;
  int failed = hwpy_utf8(text, &view, &keep) < 0 ? -1 : check(b, append(b->builder, view, &b->err));
  Py_XDECREF(keep);
  return failed;
}

static int build_int(building *b, PyObject *value) {
  int overflow;
  long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
  if (overflow == 0) {
    return number == -1 && PyErr_Occurred()
               ? -1
               : check(b, hw_json_build_int(b->builder, number, &b->err));
  }
  PyObject *digits = PyObject_Str(value);
  int failed = digits == NULL ? -1 : build_text(b, digits, hw_json_build_big);
  Py_XDECREF(digits);
  return failed;
}

static int build_key(building *b, PyObject *key) {
  if (PyUnicode_Check(key)) {
    return build_text(b, key, hw_json_build_key);
  }
  PyObject *text = PyObject_Str(key);
  int failed = text == NULL ? -1 : build_text(b, text, hw_json_build_key);
  Py_XDECREF(text);
  return failed;
}

static int build_dict(building *b, PyObject *dict) {
  PyObject *key, *value;
  Py_ssize_t at = 0;
  if (check(b, hw_json_build_open(b->builder, true, &b->err)) < 0) {
    return -1;
  }
  while (PyDict_Next(dict, &at, &key, &value)) {
    Py_INCREF(key);
    Py_INCREF(value);
    int failed = build_key(b, key) < 0 || build(b, value) < 0;
    Py_DECREF(value);
    Py_DECREF(key);
    if (failed) {
      return -1;
    }
  }
  return check(b, hw_json_build_close(b->builder, &b->err));
}

static int build_sequence(building *b, PyObject *sequence) {
  if (check(b, hw_json_build_open(b->builder, false, &b->err)) < 0) {
    return -1;
  }
  for (Py_ssize_t i = 0; i < PySequence_Size(sequence); i++) {
    PyObject *item = PySequence_GetItem(sequence, i);
    int failed = item == NULL || build(b, item) < 0;
    Py_XDECREF(item);
    if (failed) {
      return -1;
    }
  }
  return check(b, hw_json_build_close(b->builder, &b->err));
}

/* Anything else goes by the JSON that it would be sent as. */
static int build_other(building *b, PyObject *value) {
  hw_buf text;
  hwpy_document inner = {0};
  int failed = -1;
  hw_buf_init(&text, HW_JSON_MAX_BYTES);
  if (hwpy_encode_value(b->state, value, &text) == 0 &&
      hwpy_document_parse(b->state, &inner, hw_buf_view(&text), text.len) == 0) {
    PyObject *plain = hwpy_value(b->state, inner.root);
    failed = plain == NULL ? -1 : build(b, plain);
    Py_XDECREF(plain);
  }
  hwpy_document_close(b->state, &inner);
  hw_buf_free(&text);
  return failed;
}

static int build(building *b, PyObject *value) {
  if (value == Py_None) {
    return check(b, hw_json_build_null(b->builder, &b->err));
  }
  if (PyBool_Check(value)) {
    return check(b, hw_json_build_bool(b->builder, value == Py_True, &b->err));
  }
  if (PyUnicode_Check(value)) {
    return build_text(b, value, hw_json_build_string);
  }
  if (PyLong_Check(value)) {
    return build_int(b, value);
  }
  if (PyFloat_Check(value)) {
    return check(b, hw_json_build_float(b->builder, PyFloat_AsDouble(value), &b->err));
  }
  if (PyDict_Check(value)) {
    return build_dict(b, value);
  }
  if (PyList_Check(value) || PyTuple_Check(value)) {
    return build_sequence(b, value);
  }
  return build_other(b, value);
}

int hwpy_document_build(hwpy_state *state, hwpy_document *document, PyObject *value) {
  building b = {.state = state};
  hw_error_init(&b.err);
  b.builder = malloc(sizeof *b.builder);
  if (b.builder == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  document->builder = b.builder;
  if (check(&b, hw_json_builder_init(b.builder, &b.err)) < 0 || build(&b, value) < 0) {
    hwpy_document_close(state, document);
    return -1;
  }
  document->root = hw_json_built(b.builder);
  return 0;
}

/* --- from text
 * ------------------------------------------------------------------------------------------- */

/* Reads what simdjson refuses by Python's json. 0; -1 with no exception set when that refuses it
 * too. */
static int parse_by_python(hwpy_state *state, hwpy_document *document, hw_view text) {
  PyObject *loads = hwpy_import_once(&state->types->json_loads, "json", "loads");
  PyObject *bytes =
      loads == NULL ? NULL : PyBytes_FromStringAndSize(text.ptr, (Py_ssize_t)text.len);
  PyObject *value = bytes == NULL ? NULL : PyObject_CallFunctionObjArgs(loads, bytes, NULL);
  int failed = value == NULL ? -1 : hwpy_document_build(state, document, value);
  Py_XDECREF(value);
  Py_XDECREF(bytes);
  if (failed < 0 &&
      (PyErr_ExceptionMatches(PyExc_ValueError) || PyErr_ExceptionMatches(PyExc_RecursionError))) {
    PyErr_Clear();
  }
  return failed;
}

int hwpy_document_parse(hwpy_state *state, hwpy_document *document, hw_view text, size_t capacity) {
  hw_error err;
  hw_status status;
  hw_error_init(&err);
  memset(document, 0, sizeof *document);
  document->parser = take_parser(state);
  if (document->parser == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  if (text.len < PARSE_WITHOUT_GIL) {
    status = hw_json_parse(document->parser, text.ptr, text.len, capacity, &document->root, &err);
  } else {
    hw_json_parser *parser = document->parser;
    Py_BEGIN_ALLOW_THREADS status =
        hw_json_parse(parser, text.ptr, text.len, capacity, &document->root, &err);
    Py_END_ALLOW_THREADS
  }
  if (status == HW_OK) {
    return 0;
  }
  hwpy_document_close(state, document);
  if (status == HW_JSON && text.len > 0) {
    if (parse_by_python(state, document, text) == 0) {
      return 0;
    }
    if (PyErr_Occurred()) {
      return -1;
    }
  }
  (void)hwpy_raise(state, NULL, &err, NULL, NULL);
  return -1;
}

int hwpy_document_open(hwpy_state *state, hwpy_document *document, PyObject *json) {
  memset(document, 0, sizeof *document);
  if (PyUnicode_Check(json)) {
    hw_view text;
    PyObject *keep;
    int failed = hwpy_utf8(json, &text, &keep) < 0
                     ? -1
                     : hwpy_document_parse(state, document, text, text.len);
    Py_XDECREF(keep);
    return failed;
  }
  if (PyObject_CheckBuffer(json)) {
    Py_buffer buffer;
    if (PyObject_GetBuffer(json, &buffer, PyBUF_SIMPLE) < 0) {
      return -1;
    }
    hw_view text = {buffer.buf, (size_t)buffer.len};
    int failed = hwpy_document_parse(state, document, text, text.len);
    PyBuffer_Release(&buffer);
    return failed;
  }
  return hwpy_document_build(state, document, json);
}

/*
 * sigv4.c - signatures of the core, as a function of the module.
 */
#include "native.h"

#include <stdlib.h>

#include "sigv4.h"

/* Pairs of str; `*keep` owns the sequence while the views are used. */
typedef struct pairs {
  hw_sigv4_pair *rows; /* owned */
  size_t count;
  PyObject *keep; /* owned: a tuple of tuples, which nobody can change */
} pairs;

static void free_pairs(pairs *given) {
  free(given->rows);
  Py_CLEAR(given->keep);
}

static int view_of(PyObject *text, hw_view *out) {
  Py_ssize_t len = 0;
  if (!PyUnicode_Check(text)) {
    PyErr_Format(PyExc_TypeError, "names and values to sign must be str, not %R",
                 (PyObject *)Py_TYPE(text));
    return -1;
  }
  out->ptr = PyUnicode_AsUTF8AndSize(text, &len);
  out->len = (size_t)len;
  return out->ptr == NULL ? -1 : 0;
}

/* The pair at a place of `keep`, put there as a tuple. */
static int read_pair(pairs *into, PyObject *item, Py_ssize_t place) {
  PyObject *pair = PySequence_Tuple(item);
  if (pair == NULL || PyTuple_SetItem(into->keep, place, pair) != 0) {
    return -1;
  }
  if (PyTuple_Size(pair) != 2) {
    PyErr_SetString(PyExc_ValueError, "what is signed is pairs of name and value");
    return -1;
  }
  hw_sigv4_pair *row = &into->rows[into->count++];
  return view_of(PyTuple_GetItem(pair, 0), &row->name) != 0 ||
                 view_of(PyTuple_GetItem(pair, 1), &row->value) != 0
             ? -1
             : 0;
}

static int read_pairs(PyObject *given, pairs *into) {
  PyObject *items = PySequence_Tuple(given);
  if (items == NULL) {
    return -1;
  }
  Py_ssize_t count = PyTuple_Size(items);
  into->keep = PyTuple_New(count);
  into->rows = calloc((size_t)count + 1, sizeof *into->rows);
  int result = into->keep == NULL ? -1 : 0;
  if (result == 0 && into->rows == NULL) {
    PyErr_NoMemory();
    result = -1;
  }
  for (Py_ssize_t i = 0; i < count && result == 0; i++) {
    result = read_pair(into, PyTuple_GetItem(items, i), i);
  }
  Py_DECREF(items);
  return result;
}

PyObject *hwpy_sigv4_signature(PyObject *Py_UNUSED(module), PyObject *args, PyObject *keywords) {
  static char *names[] = {"verb", "path",   "query",   "headers",      "secret",
                          "date", "region", "service", "payload_hash", NULL};
  const char *verb, *path, *hash = "";
  const char *secret = NULL, *date = NULL, *region = NULL, *service = NULL;
  PyObject *query, *headers, *result = NULL;
  pairs query_pairs = {0}, header_pairs = {0};
  char signature[HW_SIGV4_LEN + 1];
  hw_error err;
  hw_error_init(&err);
  if (!PyArg_ParseTupleAndKeywords(args, keywords, "ssOO|$sssss:sigv4_signature", names, &verb,
                                   &path, &query, &headers, &secret, &date, &region, &service,
                                   &hash)) {
    return NULL;
  }
  if (secret == NULL || date == NULL || region == NULL || service == NULL) {
    PyErr_SetString(PyExc_TypeError, "sigv4_signature() needs secret, date, region and service");
    return NULL;
  }
  if (read_pairs(query, &query_pairs) != 0 || read_pairs(headers, &header_pairs) != 0) {
    goto done;
  }
  hw_sigv4_request request = {.verb = hw_view_of(verb),
                              .path = hw_view_of(path),
                              .query = query_pairs.rows,
                              .query_count = query_pairs.count,
                              .headers = header_pairs.rows,
                              .header_count = header_pairs.count,
                              .payload_hash = hw_view_of(hash)};
  hw_sigv4_key key = {.secret = hw_view_of(secret),
                      .date = hw_view_of(date),
                      .region = hw_view_of(region),
                      .service = hw_view_of(service)};
  hw_status status = hw_sigv4_sign(&request, &key, signature, &err);
  if (status == HW_OK) {
    result = PyUnicode_FromString(signature);
  } else if (status == HW_NOMEM) {
    PyErr_NoMemory();
  } else {
    PyErr_SetString(PyExc_ValueError, err.message);
  }
done:
  free_pairs(&query_pairs);
  free_pairs(&header_pairs);
  return result;
}

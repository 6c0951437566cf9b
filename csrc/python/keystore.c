/*
 * keystore.c - the key store reader of the core, as a function of the module.
 */
#include "native.h"

#include "keystore.h"

static const char *text_of(const hw_buf *buf) {
  return buf->ptr == NULL ? "" : buf->ptr;
}

PyObject *hwpy_read_keystore(PyObject *Py_UNUSED(module), PyObject *args) {
  Py_buffer data;
  const char *password = NULL;
  Py_ssize_t password_len = 0;
  if (!PyArg_ParseTuple(args, "y*|z#:read_keystore", &data, &password, &password_len)) {
    if (PyErr_ExceptionMatches(PyExc_UnicodeError)) {
      /* That exception carries the text itself, which is a password. */
      PyErr_Clear();
      PyErr_SetString(PyExc_ValueError, "the password of the key store is not valid Unicode");
    }
    return NULL;
  }
  hw_keystore store;
  hw_error err;
  hw_error_init(&err);
  hw_status status;
  Py_BEGIN_ALLOW_THREADS;
  status = hw_keystore_read((hw_view){.ptr = data.buf, .len = (size_t)data.len},
                            (hw_view){.ptr = password, .len = (size_t)password_len}, &store, &err);
  Py_END_ALLOW_THREADS;
  PyBuffer_Release(&data);
  if (status == HW_NOMEM) {
    return PyErr_NoMemory();
  }
  if (status != HW_OK) {
    PyErr_SetString(PyExc_ValueError, err.message);
    return NULL;
  }
  PyObject *parts =
      Py_BuildValue("(y#y#y#)", text_of(&store.client_key), (Py_ssize_t)store.client_key.len,
                    text_of(&store.client_chain), (Py_ssize_t)store.client_chain.len,
                    text_of(&store.ca_chain), (Py_ssize_t)store.ca_chain.len);
  hw_keystore_free(&store);
  return parts;
}

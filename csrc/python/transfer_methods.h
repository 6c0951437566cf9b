/*
 * transfer_methods.h - the methods of Scope that move whole files (METH_FASTCALL | METH_KEYWORDS),
 * hung in by scope.c.
 */
#ifndef HWPY_TRANSFER_METHODS_H
#define HWPY_TRANSFER_METHODS_H

#include "native.h"

PyObject *hwpy_scope_upload(PyObject *scope, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames);
PyObject *hwpy_scope_upload_files(PyObject *scope, PyObject *const *args, Py_ssize_t nargs,
                                  PyObject *kwnames);
PyObject *hwpy_scope_download(PyObject *scope, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames);
PyObject *hwpy_scope_download_files(PyObject *scope, PyObject *const *args, Py_ssize_t nargs,
                                    PyObject *kwnames);

/* Their signatures and documentation. */
extern const char hwpy_upload_doc[];
extern const char hwpy_upload_files_doc[];
extern const char hwpy_download_doc[];
extern const char hwpy_download_files_doc[];

#endif

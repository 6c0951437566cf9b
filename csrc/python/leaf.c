/*
 * leaf.c - the Python classes that decoding yields: named by the tables, imported when first met.
 */
#include <string.h>

#include "types.h"

/* The class of a "module:Class" text; it must extend the native type. New reference. */
static PyObject *import_class(const hwpy_record *record, const char *python) {
  const char *colon = strchr(python, ':');
  PyObject *name = PyUnicode_FromStringAndSize(python, colon - python);
  PyObject *module = name == NULL ? NULL : PyImport_Import(name);
  PyObject *cls = module == NULL ? NULL : PyObject_GetAttrString(module, colon + 1);
  Py_XDECREF(module);
  Py_XDECREF(name);
  if (cls != NULL &&
      !(PyType_Check(cls) && PyType_IsSubtype((PyTypeObject *)(void *)cls, record->type))) {
    PyErr_Format(PyExc_TypeError, "%s does not extend hopsworks._native.%s", python,
                 record->table->name);
    Py_CLEAR(cls);
  }
  return cls;
}

/* Whether a class has a to_dict that is not the native one; -1 on failure. */
static int converts_itself(const hwpy_record *record, PyObject *cls) {
  PyObject *own = PyObject_GetAttr((PyObject *)record->type, record->state->types->to_dict);
  PyObject *other = own == NULL ? NULL : PyObject_GetAttr(cls, record->state->types->to_dict);
  int differs = other == NULL ? -1 : own != other;
  Py_XDECREF(own);
  Py_XDECREF(other);
  return differs;
}

const hwpy_leaf *hwpy_leaf_ready(hwpy_record *record, size_t variant) {
  hwpy_leaf *leaf = &record->leaves[variant];
  if (leaf->cls != NULL) {
    return leaf;
  }
  const hw_type *table = record->table;
  const char *python = variant == 0 ? table->python : table->variants[variant - 1].python;
  PyObject *cls =
      python == NULL ? Py_NewRef((PyObject *)record->type) : import_class(record, python);
  int converts = cls == NULL ? -1 : converts_itself(record, cls);
  PyObject *hook = NULL;
  if (converts < 0 || hwpy_attribute(cls, "_after_decode", &hook) < 0) {
    Py_XDECREF(cls);
    return NULL;
  }
  if (leaf->cls != NULL) { /* another thread was faster while the import ran */
    Py_XDECREF(hook);
    Py_DECREF(cls);
    return leaf;
  }
  leaf->hook = hook;
  leaf->converts = converts == 1;
  leaf->cls = (PyTypeObject *)(void *)cls;
  return leaf;
}

const hwpy_leaf *hwpy_leaf_of(const hwpy_record *record, const PyTypeObject *cls) {
  for (size_t i = 0; i <= record->table->variant_count; i++) {
    if (record->leaves[i].cls == cls) {
      return &record->leaves[i];
    }
  }
  return NULL;
}

int hwpy_leaves_traverse(const hwpy_record *record, visitproc visit, void *arg) {
  for (size_t i = 0; record->leaves != NULL && i <= record->table->variant_count; i++) {
    Py_VISIT(record->leaves[i].cls);
    Py_VISIT(record->leaves[i].hook);
  }
  return 0;
}

void hwpy_leaves_clear(hwpy_record *record) {
  for (size_t i = 0; record->leaves != NULL && i <= record->table->variant_count; i++) {
    Py_CLEAR(record->leaves[i].hook);
    Py_CLEAR(record->leaves[i].cls);
  }
}

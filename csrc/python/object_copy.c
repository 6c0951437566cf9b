/*
 * object_copy.c - copies and pickles of resource objects.
 *
 * A copy shares the scope, a pickle leaves it behind. Pickled state goes by field
 * name, so that it outlives a change of the table.
 */
#include "types.h"

static const char EXTRA[] = "__extra__";
static const char DICT[] = "__dict__";

/* The instance dict of a Python subclass (new reference), NULL where it has none. 0, or -1. */
static int instance_dict(PyObject *self, PyObject **out) {
  int found = hwpy_attribute(self, DICT, out);
  if (found == 1 && !PyDict_Check(*out)) {
    Py_CLEAR(*out);
  }
  return found < 0 ? -1 : 0;
}

static int restore_dict(PyObject *self, PyObject *dict) {
  PyObject *own;
  if (instance_dict(self, &own) < 0) {
    return -1;
  }
  int failed = own == NULL ? 0 : PyDict_Update(own, dict);
  Py_XDECREF(own);
  return failed;
}

/* A value as it goes into a copy: itself, or its deep copy. */
static PyObject *copy_value(hwpy_object *self, PyObject *value, PyObject *memo) {
  PyObject *deepcopy;
  if (memo == NULL) {
    return Py_NewRef(value);
  }
  deepcopy = hwpy_import_once(&self->record->state->types->copy, "copy", "deepcopy");
  return deepcopy == NULL ? NULL : PyObject_CallFunctionObjArgs(deepcopy, value, memo, NULL);
}

static int remember(PyObject *memo, PyObject *self, PyObject *made) {
  PyObject *key = PyLong_FromVoidPtr(self);
  int failed = key == NULL ? -1 : PyObject_SetItem(memo, key, made);
  Py_XDECREF(key);
  return failed;
}

static PyObject *copy_object(PyObject *object, PyObject *memo) {
  hwpy_object *self = hwpy_cast(object);
  PyObject *made = hwpy_object_alloc(self->record, Py_TYPE(object)), *dict = NULL, *copied = NULL;
  if (made == NULL) {
    return NULL;
  }
  hwpy_object *other = hwpy_cast(made);
  if (memo != NULL && remember(memo, object, made) < 0) {
    goto failed;
  }
  for (size_t i = 0; i < self->record->table->field_count; i++) {
    PyObject *value = hwpy_object_slot(self, i);
    other->slots[i] = value == NULL ? NULL : copy_value(self, value, memo);
    Py_XDECREF(value);
    if (other->slots[i] == NULL) {
      goto failed;
    }
  }
  other->scope = Py_XNewRef(self->scope);
  if (self->extra != NULL) {
    other->extra = memo == NULL ? PyDict_Copy(self->extra) : copy_value(self, self->extra, memo);
    if (other->extra == NULL) {
      goto failed;
    }
  }
  if (instance_dict(object, &dict) < 0) {
    goto failed;
  }
  if (dict != NULL) {
    copied = copy_value(self, dict, memo);
    if (copied == NULL || restore_dict(made, copied) < 0) {
      goto failed;
    }
  }
  Py_XDECREF(copied);
  Py_XDECREF(dict);
  return made;
failed:
  Py_XDECREF(copied);
  Py_XDECREF(dict);
  Py_DECREF(made);
  return NULL;
}

PyObject *hwpy_object_copy(PyObject *self, PyObject *Py_UNUSED(unused)) {
  return copy_object(self, NULL);
}

PyObject *hwpy_object_deepcopy(PyObject *self, PyObject *memo) {
  return copy_object(self, memo);
}

PyObject *hwpy_object_reduce(PyObject *object, PyObject *Py_UNUSED(unused)) {
  hwpy_object *self = hwpy_cast(object);
  const hw_type *table = self->record->table;
  PyObject *newobj = hwpy_import_once(&self->record->state->types->newobj, "copyreg", "__newobj__");
  PyObject *state = newobj == NULL ? NULL : PyDict_New(), *dict;
  if (state == NULL) {
    return NULL;
  }
  for (size_t i = 0; i < table->field_count; i++) {
    PyObject *value = hwpy_object_slot(self, i);
    int failed = value == NULL ? -1 : PyDict_SetItemString(state, table->fields[i].name, value);
    Py_XDECREF(value);
    if (failed < 0) {
      Py_DECREF(state);
      return NULL;
    }
  }
  if (instance_dict(object, &dict) < 0) {
    Py_DECREF(state);
    return NULL;
  }
  if ((self->extra != NULL && PyDict_SetItemString(state, EXTRA, self->extra) < 0) ||
      (dict != NULL && PyDict_Size(dict) > 0 && PyDict_SetItemString(state, DICT, dict) < 0)) {
    Py_XDECREF(dict);
    Py_DECREF(state);
    return NULL;
  }
  Py_XDECREF(dict);
  return Py_BuildValue("O(O)N", newobj, (PyObject *)Py_TYPE(object), state);
}

static int restore_field(hwpy_object *self, PyObject *name, PyObject *value) {
  const hw_type *table = self->record->table;
  for (size_t i = 0; i < table->field_count; i++) {
    if (PyUnicode_CompareWithASCIIString(name, table->fields[i].name) == 0) {
      PyObject *old = self->slots[i];
      self->slots[i] = Py_NewRef(value);
      Py_XDECREF(old);
      return 0;
    }
  }
  return 0; /* a field of another release; what it said has no place here */
}

PyObject *hwpy_object_setstate(PyObject *object, PyObject *state) {
  PyObject *name, *value;
  Py_ssize_t at = 0;
  if (!PyDict_Check(state)) {
    PyErr_Format(PyExc_TypeError, "state of a %s must be a dict",
                 hwpy_cast(object)->record->table->name);
    return NULL;
  }
  while (PyDict_Next(state, &at, &name, &value)) {
    int failed = 0;
    if (!PyUnicode_Check(name)) {
      PyErr_SetString(PyExc_TypeError, "names of fields must be text");
      return NULL;
    }
    if (PyUnicode_CompareWithASCIIString(name, EXTRA) == 0 && PyDict_Check(value)) {
      PyObject *old = hwpy_cast(object)->extra;
      hwpy_cast(object)->extra = Py_NewRef(value);
      Py_XDECREF(old);
    } else if (PyUnicode_CompareWithASCIIString(name, DICT) == 0 && PyDict_Check(value)) {
      failed = restore_dict(object, value);
    } else {
      failed = restore_field(hwpy_cast(object), name, value);
    }
    if (failed < 0) {
      return NULL;
    }
  }
  Py_RETURN_NONE;
}

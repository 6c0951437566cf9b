/*
 * object.c - the life of a resource object: slots, initialiser, equality.
 *
 * Decoding and unpickling never run the initialiser; they allocate and fill the slots.
 */
#include "types.h"

PyObject *hwpy_object_alloc(hwpy_record *record, PyTypeObject *cls) {
  allocfunc alloc = (allocfunc)PyType_GetSlot(cls, Py_tp_alloc);
  PyObject *self = alloc(cls, 0);
  if (self != NULL) {
    hwpy_cast(self)->record = record;
  }
  return self;
}

PyObject *hwpy_fallback(const hw_field *field) {
  switch (field->fallback.kind) {
  case HW_DEFAULT_BOOL:
    return PyBool_FromLong(field->fallback.integer != 0);
  case HW_DEFAULT_INT:
    return PyLong_FromLongLong(field->fallback.integer);
  case HW_DEFAULT_FLOAT:
    return PyFloat_FromDouble(field->fallback.real);
  case HW_DEFAULT_STR:
    return PyUnicode_InternFromString(field->fallback.text);
  case HW_DEFAULT_LIST:
    return PyList_New(0);
  case HW_DEFAULT_MAP:
    return PyDict_New();
  case HW_DEFAULT_NONE:
    break;
  }
  return Py_NewRef(Py_None);
}

/* Takes over the reference to `value`. */
static void replace_slot(hwpy_object *self, size_t index, PyObject *value) {
  PyObject *old = self->slots[index];
  self->slots[index] = value;
  Py_XDECREF(old);
}

int hwpy_object_fill(hwpy_object *self) {
  const hw_type *table = self->record->table;
  for (size_t i = 0; i < table->field_count; i++) {
    if (self->slots[i] == NULL) {
      PyObject *value = hwpy_fallback(&table->fields[i]);
      if (value == NULL) {
        return -1;
      }
      replace_slot(self, i, value);
    }
  }
  return 0;
}

PyObject *hwpy_object_slot(hwpy_object *self, size_t index) {
  hwpy_state *state = self->record->state;
  PyObject *held = self->slots[index];
  if (held == NULL) {
    return Py_NewRef(Py_None);
  }
  Py_INCREF(held);
  if (!hwpy_is_frozen(state, held)) {
    return held;
  }
  PyObject *value = hwpy_thaw(state, held);
  if (value != NULL && self->slots[index] == held) {
    replace_slot(self, index, Py_NewRef(value));
  } else if (value != NULL) { /* a collection ran meanwhile, and another thread was faster */
    Py_DECREF(value);
    value = hwpy_object_slot(self, index);
  }
  Py_DECREF(held);
  return value;
}

PyObject *hwpy_object_new(PyTypeObject *cls, PyObject *Py_UNUSED(args),
                          PyObject *Py_UNUSED(kwargs)) {
  hwpy_record *record = hwpy_record_of_class(cls);
  PyObject *self = record == NULL ? NULL : hwpy_object_alloc(record, cls);
  if (self != NULL && hwpy_object_fill(hwpy_cast(self)) < 0) {
    Py_CLEAR(self);
  }
  return self;
}

/* --- the initialiser
 * ------------------------------------------------------------------------------------- */

/* Sets a slot from an argument: dicts become objects, None the fallback where the row says so. */
static int set_argument(hwpy_object *self, size_t index, PyObject *value) {
  const hw_field *field = &self->record->table->fields[index];
  PyObject *made = value == Py_None && field->replace_none
                       ? hwpy_fallback(field)
                       : hwpy_convert_argument(self->record, field, value);
  if (made == NULL) {
    return -1;
  }
  replace_slot(self, index, made);
  return 0;
}

/* The place of a keyword among the arguments, or -1. */
static Py_ssize_t find_argument(const hwpy_record *record, PyObject *name) {
  Py_ssize_t count = record->table->argument_count;
  for (Py_ssize_t i = 0; i < count; i++) {
    if (record->arguments[i] == name) {
      return i;
    }
  }
  for (Py_ssize_t i = 0; i < count; i++) {
    if (PyUnicode_Compare(record->arguments[i], name) == 0) {
      return i;
    }
  }
  return -1;
}

static Py_ssize_t positional_count(const hw_type *table) {
  Py_ssize_t count = 0;
  while (count < table->argument_count && !table->fields[table->arguments[count]].keyword_only) {
    count++;
  }
  return count;
}

static int init_keywords(hwpy_object *self, PyObject *kwargs, bool *seen) {
  const hw_type *table = self->record->table;
  PyObject *name, *value;
  Py_ssize_t at = 0;
  while (kwargs != NULL && PyDict_Next(kwargs, &at, &name, &value)) {
    Py_ssize_t place = find_argument(self->record, name);
    if (place < 0) {
      if (table->extra_arguments) {
        continue;
      }
      PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", table->name,
                   name);
      return -1;
    }
    size_t index = table->arguments[place];
    if (seen[index]) {
      PyErr_Format(PyExc_TypeError, "%s() got multiple values for argument '%U'", table->name,
                   name);
      return -1;
    }
    seen[index] = true;
    if (set_argument(self, index, value) < 0) {
      return -1;
    }
  }
  return 0;
}

int hwpy_object_init(PyObject *object, PyObject *args, PyObject *kwargs) {
  hwpy_object *self = hwpy_cast(object);
  const hw_type *table = self->record->table;
  bool seen[256] = {false};
  Py_ssize_t given = PyTuple_Size(args), most = positional_count(table);
  if (given > most) {
    PyErr_Format(PyExc_TypeError, "%s() takes at most %zd positional arguments (%zd given)",
                 table->name, most, given);
    return -1;
  }
  for (Py_ssize_t i = 0; i < given; i++) {
    size_t index = table->arguments[i];
    seen[index] = true;
    if (set_argument(self, index, PyTuple_GetItem(args, i)) < 0) {
      return -1;
    }
  }
  if (init_keywords(self, kwargs, seen) < 0) {
    return -1;
  }
  for (size_t i = 0; i < table->argument_count; i++) {
    const hw_field *field = &table->fields[table->arguments[i]];
    if (field->required && !seen[table->arguments[i]]) {
      PyErr_Format(PyExc_TypeError, "%s() missing required argument: '%s'", table->name,
                   field->argument);
      return -1;
    }
  }
  return 0;
}

PyObject *hwpy_object_set(PyObject *object, PyObject *args, PyObject *kwargs) {
  hwpy_object *self = hwpy_cast(object);
  const hw_type *table = self->record->table;
  PyObject *name, *value;
  Py_ssize_t at = 0;
  if (PyTuple_Size(args) != 0) {
    PyErr_SetString(PyExc_TypeError, "_set() takes keyword arguments only");
    return NULL;
  }
  while (kwargs != NULL && PyDict_Next(kwargs, &at, &name, &value)) {
    size_t index = 0;
    while (index < table->field_count &&
           PyUnicode_CompareWithASCIIString(name, table->fields[index].name) != 0) {
      index++;
    }
    if (index == table->field_count) {
      PyErr_Format(PyExc_AttributeError, "'%s' object has no field '%U'", table->name, name);
      return NULL;
    }
    replace_slot(self, index, Py_NewRef(value));
  }
  Py_RETURN_NONE;
}

/* --- the end
 * --------------------------------------------------------------------------------------------- */

int hwpy_object_traverse(PyObject *object, visitproc visit, void *arg) {
  hwpy_object *self = hwpy_cast(object);
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(self->scope);
  Py_VISIT(self->extra);
  if (self->record != NULL) {
    for (size_t i = 0; i < self->record->table->field_count; i++) {
      Py_VISIT(self->slots[i]);
    }
  }
  return 0;
}

int hwpy_object_clear(PyObject *object) {
  hwpy_object *self = hwpy_cast(object);
  Py_CLEAR(self->scope);
  Py_CLEAR(self->extra);
  if (self->record != NULL) {
    for (size_t i = 0; i < self->record->table->field_count; i++) {
      Py_CLEAR(self->slots[i]);
    }
  }
  return 0;
}

void hwpy_object_dealloc(PyObject *object) {
  PyTypeObject *type = Py_TYPE(object);
  freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
  PyObject_GC_UnTrack(object);
  if (hwpy_cast(object)->weak != NULL) {
    PyObject_ClearWeakRefs(object);
  }
  (void)hwpy_object_clear(object);
  release(object);
  Py_DECREF((PyObject *)type);
}

/* --- equality
 * -------------------------------------------------------------------------------------------- */

static int equal_slots(hwpy_object *a, hwpy_object *b) {
  const hw_type *table = a->record->table;
  for (size_t i = 0; i < table->field_count; i++) {
    PyObject *left = hwpy_object_slot(a, i);
    PyObject *right = left == NULL ? NULL : hwpy_object_slot(b, i);
    int equal = right == NULL   ? -1
                : left == right ? 1
                                : PyObject_RichCompareBool(left, right, Py_EQ);
    Py_XDECREF(left);
    Py_XDECREF(right);
    if (equal != 1) {
      return equal;
    }
  }
  if (a->extra == NULL || b->extra == NULL) {
    PyObject *one = a->extra != NULL ? a->extra : b->extra;
    return one == NULL || PyDict_Size(one) == 0;
  }
  return PyObject_RichCompareBool(a->extra, b->extra, Py_EQ);
}

PyObject *hwpy_object_compare(PyObject *a, PyObject *b, int op) {
  if ((op != Py_EQ && op != Py_NE) || Py_TYPE(a) != Py_TYPE(b)) {
    Py_RETURN_NOTIMPLEMENTED;
  }
  if (Py_EnterRecursiveCall(" in comparison") != 0) {
    return NULL;
  }
  int equal = a == b ? 1 : equal_slots(hwpy_cast(a), hwpy_cast(b));
  Py_LeaveRecursiveCall();
  return equal < 0 ? NULL : PyBool_FromLong(op == Py_EQ ? equal : !equal);
}

/* Equal objects have equal hashes: the identity fields of the table, which do not change, make it.
 */
Py_hash_t hwpy_object_hash(PyObject *object) {
  hwpy_object *self = hwpy_cast(object);
  const hw_type *table = self->record->table;
  Py_uhash_t hash = 0x9e3779b97f4a7c15u ^ ((Py_uhash_t)table->index << 32);
  for (size_t i = 0; i < table->field_count; i++) {
    if (table->fields[i].identity) {
      PyObject *value = hwpy_object_slot(self, i);
      Py_hash_t one = value == NULL ? -1 : PyObject_Hash(value);
      Py_XDECREF(value);
      if (one == -1) {
        return -1;
      }
      hash = (hash ^ (Py_uhash_t)one) * 1099511628211u;
    }
  }
  return (Py_hash_t)hash == -1 ? -2 : (Py_hash_t)hash;
}

/*
 * frozen.c - JSON that a slot keeps until somebody reads it.
 *
 * A list of thousands of objects is mostly looked through by name and state; the dict of each
 * one's configuration would cost more than all the rest. So the slot of a field of kind `any` holds
 * the frozen value, and hwpy_object_slot() puts the dict or list in its place at the first read.
 */
#include "types.h"

#include <stdlib.h>
#include <string.h>

enum { SHARED_MAX = 256 };

/* Immutable, knows nobody, never handed to Python code. */
typedef struct frozen_json {
  PyObject_VAR_HEAD char bytes[];
} frozen_json;

static frozen_json *cast(PyObject *object) {
  return (frozen_json *)(void *)object;
}

static void dealloc(PyObject *object) {
  PyTypeObject *type = Py_TYPE(object);
  freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
  release(object);
  Py_DECREF((PyObject *)type);
}

int hwpy_frozen_add(hwpy_state *state) {
  PyType_Slot slots[] = {{Py_tp_dealloc, (void *)dealloc}, {0, NULL}};
  PyType_Spec spec = {
      .name = "hopsworks._native._FrozenJson",
      .basicsize = (int)offsetof(frozen_json, bytes),
      .itemsize = 1,
      .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
      .slots = slots,
  };
  /* It knows no module, so it outlives the clearing of ours, as the objects do that hold it. */
  state->types->frozen = (PyTypeObject *)(void *)PyType_FromSpec(&spec);
  return state->types->frozen == NULL ? -1 : 0;
}

bool hwpy_is_frozen(hwpy_state *state, PyObject *object) {
  return object != NULL && Py_TYPE(object) == state->types->frozen;
}

bool hwpy_keeps_frozen(const hw_field *field) {
  return field->kind == HW_KIND_ANY && field->shape == HW_SHAPE_ONE;
}

/* The creator of one job is that of the next ones too: equal small values are one. Takes over the
   reference to `made`. */
static PyObject *share(hwpy_state *state, PyObject *made, size_t size) {
  PyObject **recent = &state->types->recent[size % HWPY_FROZEN];
  if (*recent != NULL && Py_SIZE(*recent) == (Py_ssize_t)size &&
      memcmp(cast(*recent)->bytes, cast(made)->bytes, size) == 0) {
    Py_DECREF(made);
    return Py_NewRef(*recent);
  }
  PyObject *old = *recent;
  *recent = Py_NewRef(made);
  Py_XDECREF(old);
  return made;
}

PyObject *hwpy_freeze(hwpy_state *state, hw_json value) {
  PyTypeObject *type = state->types->frozen;
  allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
  hw_json_extent extent = hw_json_measure(value);
  PyObject *made = alloc(type, (Py_ssize_t)extent.size);
  if (made == NULL) {
    return NULL;
  }
  hw_json_freeze(value, &extent, cast(made)->bytes);
  return extent.size <= SHARED_MAX ? share(state, made, extent.size) : made;
}

PyObject *hwpy_thaw(hwpy_state *state, PyObject *frozen) {
  uint64_t *tape;
  hw_json value;
  if (hw_json_thaw(cast(frozen)->bytes, &tape, &value, NULL) != HW_OK) {
    return PyErr_NoMemory();
  }
  PyObject *made = hwpy_value(state, value);
  free(tape);
  return made;
}

/*
 * sink.c - Python values of what the core's walk over a document finds.
 */
#include "sink.h"

static void *sink_begin(void *context, const hw_type *table, size_t variant) {
  hwpy_decoding *d = context;
  hwpy_record *record = hwpy_record_ready(d->state, table);
  if (record == NULL) {
    return NULL;
  }
  PyTypeObject *cls = d->only_class;
  if (record != d->only_record) {
    const hwpy_leaf *leaf = hwpy_leaf_ready(record, variant);
    if (leaf == NULL) {
      return NULL;
    }
    cls = leaf->cls;
  }
  PyObject *self = hwpy_object_alloc(record, cls);
  if (self != NULL) {
    hwpy_cast(self)->scope = Py_XNewRef(d->scope);
  }
  return self;
}

static int sink_slot(void *Py_UNUSED(context), void *object, const hw_field *field, size_t index,
                     void *value) {
  hwpy_object *self = hwpy_cast(object);
  PyObject *old = self->slots[index];
  if (value == Py_None && (field->replace_none || field->fallback.kind != HW_DEFAULT_NONE)) {
    Py_DECREF((PyObject *)value);
    value = NULL; /* filled at the end */
  }
  self->slots[index] = value;
  Py_XDECREF(old);
  return 0;
}

static int sink_unknown(void *context, void *object, hw_view key, hw_json value) {
  hwpy_decoding *d = context;
  hwpy_object *self = hwpy_cast(object);
  if (self->extra == NULL && (self->extra = PyDict_New()) == NULL) {
    return -1;
  }
  PyObject *name = hwpy_text(d->state, key);
  PyObject *made = name == NULL ? NULL : hwpy_value(d->state, value);
  int failed = made == NULL ? -1 : PyDict_SetItem(self->extra, name, made);
  Py_XDECREF(made);
  Py_XDECREF(name);
  return failed;
}

int hwpy_run_hook(const hwpy_object *self, PyObject *object) {
  PyTypeObject *cls = Py_TYPE(object);
  PyObject *hook = NULL, *result = NULL;
  if (cls == self->record->type) {
    return 0;
  }
  const hwpy_leaf *leaf = hwpy_leaf_of(self->record, cls);
  if (leaf != NULL) {
    hook = Py_XNewRef(leaf->hook);
  } else if (hwpy_attribute((PyObject *)cls, "_after_decode", &hook) < 0) {
    return -1;
  }
  if (hook == NULL) {
    return 0;
  }
  result = PyObject_CallFunctionObjArgs(hook, object, NULL);
  Py_DECREF(hook);
  Py_XDECREF(result);
  return result == NULL ? -1 : 0;
}

static void *sink_end(void *context, void *object) {
  hwpy_decoding *d = context;
  hwpy_object *self = hwpy_cast(object);
  bool hooked = !(d->without_hook && self->record == d->only_record);
  if (hwpy_object_fill(self) < 0 || (hooked && hwpy_run_hook(self, object) < 0)) {
    Py_DECREF((PyObject *)object);
    return NULL;
  }
  return object;
}

/* JSON inside a string; text that is none stays text. */
static PyObject *inner_json(hwpy_state *state, hw_json value) {
  hwpy_document inner;
  hw_view text = hw_json_text(value);
  if (text.len == 0) {
    return hwpy_text(state, text);
  }
  if (hwpy_document_parse(state, &inner, text, text.len) < 0) {
    if (!PyErr_ExceptionMatches(PyExc_ValueError)) {
      return NULL;
    }
    PyErr_Clear();
    return hwpy_text(state, text);
  }
  PyObject *made = hwpy_value(state, inner.root);
  hwpy_document_close(state, &inner);
  return made;
}

static void *sink_scalar(void *context, hw_kind kind, hw_json value) {
  hwpy_decoding *d = context;
  if (kind == HW_KIND_JSON && hw_json_tag(value) == '"') {
    return inner_json(d->state, value);
  }
  if (hw_json_tag(value) == 'd' && (kind == HW_KIND_INT || kind == HW_KIND_EPOCH)) {
    return PyLong_FromDouble(hw_json_float(value));
  }
  if (kind == HW_KIND_FLOAT && hw_json_tag(value) == 'l') {
    return PyFloat_FromDouble((double)hw_json_int(value));
  }
  return hwpy_value(d->state, value);
}

static void *sink_keep(void *context, hw_json value) {
  hwpy_decoding *d = context;
  return hw_json_count(value) == 0 ? hwpy_value(d->state, value) : hwpy_freeze(d->state, value);
}

static void *sink_list(void *Py_UNUSED(context), size_t count) {
  return PyList_New((Py_ssize_t)count);
}

static int sink_item(void *Py_UNUSED(context), void *list, size_t index, void *value) {
  return PyList_SetItem(list, (Py_ssize_t)index, value);
}

static void *sink_map(void *Py_UNUSED(context)) {
  return PyDict_New();
}

static int sink_entry(void *context, void *map, hw_view key, void *value) {
  hwpy_decoding *d = context;
  PyObject *name = hwpy_text(d->state, key);
  int failed = name == NULL ? -1 : PyDict_SetItem(map, name, value);
  Py_XDECREF(name);
  Py_DECREF((PyObject *)value);
  return failed;
}

static void sink_discard(void *Py_UNUSED(context), void *value) {
  Py_XDECREF((PyObject *)value);
}

hw_sink hwpy_sink(hwpy_decoding *d) {
  hw_sink sink = {
      .context = d,
      .begin = sink_begin,
      .slot = sink_slot,
      .unknown = sink_unknown,
      .end = sink_end,
      .scalar = sink_scalar,
      .keep = sink_keep,
      .list = sink_list,
      .item = sink_item,
      .map = sink_map,
      .entry = sink_entry,
      .discard = sink_discard,
  };
  return sink;
}

/*
 * types.c - makes the heap type of a table when it is first asked for, and finds it again.
 */
#include "types.h"

#include <stdlib.h>
#include <string.h>

static const char RECORD[] = "_hw_record_";

static PyMethodDef object_methods[] = {
    {"from_response_json", (PyCFunction)(void (*)(void))hwpy_from_response_json,
     METH_FASTCALL | METH_KEYWORDS | METH_CLASS,
     "from_response_json($type, json_dict, scope=None)\n--\n\n"
     "Makes an object from a response of the server.\n\n"
     "Parameters:\n"
     "    json_dict: Text, bytes, dict or list; keys in the spelling of the wire or of Python.\n"
     "    scope: What the object's own calls go through.\n\n"
     "Returns:\n"
     "    An object; a list of them for an array or a collection; None for null.\n\n"
     "Raises:\n"
     "    ResponseDecodeError: If a value has another JSON type than the table says."},
    {"update_from_response_json", (PyCFunction)(void (*)(void))hwpy_update_from_response_json,
     METH_FASTCALL | METH_KEYWORDS,
     "update_from_response_json($self, json_dict)\n--\n\n"
     "Takes over all fields of a response, or of another object of the class, and returns self.\n\n"
     "Fields that the response lacks go back to their defaults. After an error the object is as it "
     "was."},
    {"to_dict", hwpy_to_dict, METH_NOARGS,
     "to_dict($self)\n--\n\nThe object as the dict that is sent to the server, keys in camel "
     "case."},
    {"json", hwpy_to_json, METH_NOARGS,
     "json($self)\n--\n\nThe object as the JSON text that is sent to the server."},
    {"_set", (PyCFunction)(void (*)(void))hwpy_object_set, METH_VARARGS | METH_KEYWORDS,
     "_set($self, **fields)\n--\n\nSets fields by attribute name, read-only ones too. For the "
     "classes built on this one."},
    {"_repr_html_", hwpy_object_repr_html, METH_NOARGS,
     "_repr_html_($self)\n--\n\nThe fields as an HTML table, for notebooks."},
    {"__copy__", hwpy_object_copy, METH_NOARGS, "__copy__($self)\n--\n\nA shallow copy."},
    {"__deepcopy__", hwpy_object_deepcopy, METH_O,
     "__deepcopy__($self, memo, /)\n--\n\nA deep copy that shares the scope."},
    {"__reduce__", hwpy_object_reduce, METH_NOARGS,
     "__reduce__($self)\n--\n\nFor pickle; the scope stays behind."},
    {"__setstate__", hwpy_object_setstate, METH_O,
     "__setstate__($self, state, /)\n--\n\nFor pickle."},
    {NULL, NULL, 0, NULL},
};

PyObject *hwpy_import_once(PyObject **cache, const char *module, const char *name) {
  if (*cache != NULL) {
    return *cache;
  }
  PyObject *imported = PyImport_ImportModule(module);
  if (imported == NULL) {
    return NULL;
  }
  PyObject *found = name == NULL ? Py_NewRef(imported) : PyObject_GetAttrString(imported, name);
  Py_DECREF(imported);
  if (found == NULL) {
    return NULL;
  }
  if (*cache == NULL) {
    *cache = found;
  } else { /* another thread was faster while the import ran */
    Py_DECREF(found);
  }
  return *cache;
}

/* --- making a type
 * --------------------------------------------------------------------------------------- */

static PyMemberDef *make_members(const hw_type *table) {
  PyMemberDef *members = calloc((size_t)table->field_count + 4, sizeof *members), *next = members;
  if (members == NULL) {
    PyErr_NoMemory();
    return NULL;
  }
  for (size_t i = 0; i < table->field_count; i++) {
    const hw_field *field = &table->fields[i];
    if (hwpy_keeps_frozen(field)) {
      continue;
    }
    next->name = field->name;
    next->type = T_OBJECT_EX;
    next->offset = (Py_ssize_t)(offsetof(hwpy_object, slots) + i * sizeof(PyObject *));
    next->flags = field->access == HW_ACCESS_READ ? READONLY : 0;
    next->doc = field->doc;
    next++;
  }
  PyMemberDef *scope = next;
  scope->name = "_scope";
  scope->type = T_OBJECT; /* None where there is none */
  scope->offset = offsetof(hwpy_object, scope);
  PyMemberDef *extra = scope + 1;
  extra->name = "_extra";
  extra->type = T_OBJECT; /* None where there is none */
  extra->offset = offsetof(hwpy_object, extra);
  extra->flags = READONLY;
  extra->doc = "Keys of the response that the table does not have.";
  PyMemberDef *weak = extra + 1;
  weak->name = "__weaklistoffset__";
  weak->type = T_PYSSIZET;
  weak->offset = offsetof(hwpy_object, weak);
  weak->flags = READONLY;
  return members;
}

/* As T_OBJECT_EX reads and writes. The closure of a getset is its field. */
static PyObject *get_field(PyObject *object, void *closure) {
  hwpy_object *self = hwpy_cast(object);
  const hw_field *field = closure;
  size_t index = (size_t)(field - self->record->table->fields);
  if (self->slots[index] == NULL) {
    PyErr_SetString(PyExc_AttributeError, field->name);
    return NULL;
  }
  return hwpy_object_slot(self, index);
}

static int set_field(PyObject *object, PyObject *value, void *closure) {
  hwpy_object *self = hwpy_cast(object);
  size_t index = (size_t)((const hw_field *)closure - self->record->table->fields);
  PyObject *old = self->slots[index];
  if (value == NULL && old == NULL) {
    PyErr_SetString(PyExc_AttributeError, ((const hw_field *)closure)->name);
    return -1;
  }
  self->slots[index] = Py_XNewRef(value);
  Py_XDECREF(old);
  return 0;
}

static PyGetSetDef *make_getsets(const hw_type *table) {
  PyGetSetDef *getsets = calloc((size_t)table->field_count + 1, sizeof *getsets), *next = getsets;
  if (getsets == NULL) {
    PyErr_NoMemory();
    return NULL;
  }
  for (size_t i = 0; i < table->field_count; i++) {
    const hw_field *field = &table->fields[i];
    if (hwpy_keeps_frozen(field)) {
      next->name = field->name;
      next->get = get_field;
      next->set = field->access == HW_ACCESS_READ ? NULL : set_field;
      next->doc = field->doc;
      next->closure = (void *)(uintptr_t)field;
      next++;
    }
  }
  return getsets;
}

static PyObject **make_arguments(const hw_type *table) {
  PyObject **names = calloc((size_t)table->argument_count + 1, sizeof *names);
  if (names == NULL) {
    PyErr_NoMemory();
    return NULL;
  }
  for (size_t i = 0; i < table->argument_count; i++) {
    names[i] = PyUnicode_InternFromString(table->fields[table->arguments[i]].argument);
    if (names[i] == NULL) {
      while (i-- > 0) {
        Py_DECREF(names[i]);
      }
      free(names);
      return NULL;
    }
  }
  return names;
}

static PyTypeObject *make_type(hwpy_record *record) {
  const hw_type *table = record->table;
  PyType_Slot slots[] = {
      {Py_tp_doc, (void *)(uintptr_t)table->doc},
      {Py_tp_members, record->members},
      {Py_tp_getset, record->getsets},
      {Py_tp_methods, object_methods},
      {Py_tp_new, (void *)hwpy_object_new},
      {Py_tp_init, (void *)hwpy_object_init},
      {Py_tp_dealloc, (void *)hwpy_object_dealloc},
      {Py_tp_traverse, (void *)hwpy_object_traverse},
      {Py_tp_clear, (void *)hwpy_object_clear},
      {Py_tp_repr, (void *)hwpy_object_repr},
      {table->value_equality ? Py_tp_richcompare : 0,
       (void *)hwpy_object_compare}, /* 0 ends the list */
      {Py_tp_hash, (void *)hwpy_object_hash},
      {0, NULL},
  };
  PyType_Spec spec = {
      .name = table->full_name,
      .basicsize = (int)(offsetof(hwpy_object, slots) + table->field_count * sizeof(PyObject *)),
      .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
      .slots = slots,
  };
  PyObject *type = PyType_FromModuleAndSpec(record->state->module, &spec, NULL);
  if (type == NULL) {
    return NULL;
  }
  PyObject *capsule = PyCapsule_New(record, RECORD, NULL);
  if (capsule == NULL || PyObject_SetAttrString(type, RECORD, capsule) < 0) {
    Py_CLEAR(type);
  }
  Py_XDECREF(capsule);
  return (PyTypeObject *)(void *)type;
}

hwpy_record *hwpy_record_ready(hwpy_state *state, const hw_type *table) {
  if (state->types == NULL) {
    PyErr_SetString(PyExc_RuntimeError, "hopsworks._native is being shut down");
    return NULL;
  }
  hwpy_record *record = &state->types->records[table->index];
  if (record->type != NULL) {
    return record;
  }
  if (record->members == NULL && (record->members = make_members(table)) == NULL) {
    return NULL;
  }
  if (record->getsets == NULL && (record->getsets = make_getsets(table)) == NULL) {
    return NULL;
  }
  if (record->arguments == NULL && (record->arguments = make_arguments(table)) == NULL) {
    return NULL;
  }
  if (record->leaves == NULL &&
      (record->leaves = calloc((size_t)table->variant_count + 1, sizeof *record->leaves)) == NULL) {
    PyErr_NoMemory();
    return NULL;
  }
  PyTypeObject *type = make_type(record);
  if (type == NULL) {
    return NULL;
  }
  if (record->type == NULL) {
    record->type = type;
  } else { /* a collection ran meanwhile and let another thread make it */
    Py_DECREF((PyObject *)type);
  }
  return record;
}

/* --- finding
 * --------------------------------------------------------------------------------------------- */

int hwpy_attribute(PyObject *object, const char *name, PyObject **out) {
  *out = PyObject_GetAttrString(object, name);
  if (*out != NULL) {
    return 1;
  }
  if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
    return -1;
  }
  PyErr_Clear();
  return 0;
}

hwpy_record *hwpy_record_of_class(PyTypeObject *cls) {
  PyObject *capsule;
  int found = hwpy_attribute((PyObject *)cls, RECORD, &capsule);
  if (found <= 0) {
    if (found == 0) {
      PyErr_Format(PyExc_TypeError, "%R is no resource class", cls);
    }
    return NULL;
  }
  hwpy_record *record = PyCapsule_GetPointer(capsule, RECORD);
  Py_DECREF(capsule);
  return record;
}

int hwpy_record_of(hwpy_state *state, PyObject *object, hwpy_record **out) {
  *out = NULL;
  /* Most values are plain, so these tests come first. */
  if (PyUnicode_CheckExact(object) || PyLong_CheckExact(object) || PyList_CheckExact(object) ||
      PyDict_CheckExact(object) || object == Py_None) {
    return 0;
  }
  PyObject *capsule = PyObject_GetAttr((PyObject *)Py_TYPE(object), state->types->record_name);
  if (capsule == NULL) {
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
      return -1;
    }
    PyErr_Clear();
    return 0;
  }
  if (PyCapsule_IsValid(capsule, RECORD)) {
    hwpy_record *record = PyCapsule_GetPointer(capsule, RECORD);
    *out = record->state == state ? record : NULL;
  }
  Py_DECREF(capsule);
  return 0;
}

/* --- the module's names
 * ---------------------------------------------------------------------------------- */

static PyObject *type_names(const hw_registry *registry) {
  PyObject *names = PyTuple_New((Py_ssize_t)registry->type_count);
  for (size_t i = 0; names != NULL && i < registry->type_count; i++) {
    PyObject *name = PyUnicode_FromString(registry->types[i].name);
    if (name == NULL || PyTuple_SetItem(names, (Py_ssize_t)i, name) < 0) {
      Py_CLEAR(names);
    }
  }
  return names;
}

static PyObject *endpoint_row(const hw_endpoint *row) {
  static const char *const bodies[] = {"none", "object", "json", "raw", "form"};
  static const char *const returns[] = {"none", "one",  "list", "collection", "first",
                                        "page", "json", "text", "bytes"};
  PyObject *absent = PyTuple_New((Py_ssize_t)row->absent_count);
  for (size_t i = 0; absent != NULL && i < row->absent_count; i++) {
    PyObject *code = PyLong_FromLong(row->absent[i]);
    if (code == NULL || PyTuple_SetItem(absent, (Py_ssize_t)i, code) < 0) {
      Py_CLEAR(absent);
    }
  }
  if (absent == NULL) {
    return NULL;
  }
  return Py_BuildValue("{s:s,s:s,s:s,s:s,s:s,s:N}", "verb", row->verb, "path", row->path, "doc",
                       row->doc, "body", bodies[row->body], "returns", returns[row->returns],
                       "absent", absent);
}

static PyObject *endpoint_rows(void) {
  size_t count;
  const hw_endpoint *rows = hw_endpoints(&count);
  PyObject *all = PyDict_New();
  for (size_t i = 0; all != NULL && i < count; i++) {
    PyObject *row = endpoint_row(&rows[i]);
    if (row == NULL || PyDict_SetItemString(all, rows[i].name, row) < 0) {
      Py_CLEAR(all);
    }
    Py_XDECREF(row);
  }
  return all;
}

PyObject *hwpy_types_getattr(PyObject *module, PyObject *name) {
  hwpy_state *state = hwpy_state_of(module);
  Py_ssize_t len;
  const char *text = PyUnicode_AsUTF8AndSize(name, &len);
  PyObject *found = NULL;
  if (text == NULL) {
    return NULL;
  }
  if (state == NULL ||
      state->types == NULL) { /* the import system looks around before the module is executed */
    PyErr_SetObject(PyExc_AttributeError, name);
    return NULL;
  }
  if (strcmp(text, "types") == 0) {
    found = type_names(state->types->registry);
  } else if (strcmp(text, "endpoints") == 0) {
    found = endpoint_rows();
  } else {
    hw_view view = {text, (size_t)len};
    const hw_type *table = hw_type_find(state->types->registry, view);
    if (table == NULL) {
      PyErr_Format(PyExc_AttributeError, "module 'hopsworks._native' has no attribute '%U'", name);
      return NULL;
    }
    hwpy_record *record = hwpy_record_ready(state, table);
    found = record == NULL ? NULL : Py_NewRef((PyObject *)record->type);
  }
  if (found != NULL && PyObject_SetAttr(module, name, found) < 0) {
    Py_CLEAR(found);
  }
  return found;
}

PyObject *hwpy_types_dir(PyObject *module, PyObject *Py_UNUSED(unused)) {
  PyObject *names = PyDict_Keys(PyModule_GetDict(module));
  PyObject *types = names == NULL ? NULL : type_names(hwpy_state_of(module)->types->registry);
  PyObject *own = types == NULL ? NULL : Py_BuildValue("(ss)", "types", "endpoints");
  PyObject *set = own == NULL ? NULL : PySet_New(names);
  PyObject *sorted = NULL;
  PyObject *parts[] = {types, own};
  for (size_t i = 0; set != NULL && i < 2; i++) {
    PyObject *none = PyObject_CallMethod(set, "update", "(O)", parts[i]);
    if (none == NULL) {
      Py_CLEAR(set);
    }
    Py_XDECREF(none);
  }
  if (set != NULL && (sorted = PySequence_List(set)) != NULL && PyList_Sort(sorted) < 0) {
    Py_CLEAR(sorted);
  }
  Py_XDECREF(set);
  Py_XDECREF(own);
  Py_XDECREF(types);
  Py_XDECREF(names);
  return sorted;
}

/* --- the state
 * ------------------------------------------------------------------------------------------- */

int hwpy_types_add(PyObject *module) {
  hwpy_state *state = hwpy_state_of(module);
  struct hwpy_types_state *types = calloc(1, sizeof *types);
  if (types == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  state->types = types;
  types->registry = hw_registry_default();
  types->records = calloc(types->registry->type_count + 1, sizeof *types->records);
  types->to_dict = PyUnicode_InternFromString("to_dict");
  types->record_name = PyUnicode_InternFromString(RECORD);
  if (types->records == NULL || types->to_dict == NULL || types->record_name == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  for (size_t i = 0; i < types->registry->type_count; i++) {
    types->records[i].state = state;
    types->records[i].table = &types->registry->types[i];
  }
  return hwpy_frozen_add(state);
}

int hwpy_types_traverse(hwpy_state *state, visitproc visit, void *arg) {
  struct hwpy_types_state *types = state->types;
  if (types == NULL || types->records == NULL) {
    return 0;
  }
  for (size_t i = 0; i < types->registry->type_count; i++) {
    Py_VISIT(types->records[i].type);
    int stopped = hwpy_leaves_traverse(&types->records[i], visit, arg);
    if (stopped != 0) {
      return stopped;
    }
  }
  Py_VISIT(types->decode_error);
  Py_VISIT(types->json_loads);
  Py_VISIT(types->json_dumps);
  Py_VISIT(types->newobj);
  Py_VISIT(types->copy);
  Py_VISIT(types->datetime);
  return 0;
}

void hwpy_types_clear(hwpy_state *state) {
  struct hwpy_types_state *types = state->types;
  if (types == NULL || types->records == NULL) {
    return;
  }
  for (size_t i = 0; i < types->registry->type_count; i++) {
    hwpy_leaves_clear(&types->records[i]);
    Py_CLEAR(types->records[i].type);
  }
  Py_CLEAR(types->decode_error);
  Py_CLEAR(types->json_loads);
  Py_CLEAR(types->json_dumps);
  Py_CLEAR(types->newobj);
  Py_CLEAR(types->copy);
  Py_CLEAR(types->datetime);
}

void hwpy_types_free(hwpy_state *state) {
  struct hwpy_types_state *types = state->types;
  if (types == NULL) {
    return;
  }
  hwpy_types_clear(state);
  for (size_t i = 0; types->records != NULL && i < types->registry->type_count; i++) {
    hwpy_record *record = &types->records[i];
    for (size_t k = 0; record->arguments != NULL && k < record->table->argument_count; k++) {
      Py_XDECREF(record->arguments[k]);
    }
    free(record->arguments);
    free(record->leaves);
    free(record->members);
    free(record->getsets);
  }
  for (size_t i = 0; i < HWPY_TEXTS; i++) {
    Py_CLEAR(types->texts[i].text);
  }
  for (size_t i = 0; i < HWPY_FORMS; i++) {
    Py_CLEAR(types->forms[i].keys);
  }
  Py_CLEAR(types->to_dict);
  Py_CLEAR(types->record_name);
  for (size_t i = 0; i < HWPY_FROZEN; i++) {
    Py_CLEAR(types->recent[i]);
  }
  Py_CLEAR(types->frozen);
  hw_json_parser_free(types->spare);
  free(types->records);
  free(types);
  state->types = NULL;
}

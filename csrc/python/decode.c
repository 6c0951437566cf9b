/*
 * decode.c - resource objects from JSON documents: answers of a server, and values that a user
 * gives.
 */
#include "sink.h"

#include <stdio.h>
#include <string.h>

enum { COLLECT_LATER = 4096 }; /* words of the document's tape */

/* --- faults
 * ---------------------------------------------------------------------------------------------- */

/* ResponseDecodeError(class, field, expected, found). */
static void raise_mismatch(hwpy_state *state, const hw_mismatch *m) {
  PyObject *raised = NULL, *field = NULL;
  PyObject *type = hwpy_import_once(&state->types->decode_error, "hopsworks.client.exceptions",
                                    "ResponseDecodeError");
  const char *name = m->type != NULL     ? m->type->name
                     : m->union_ != NULL ? m->union_->name
                                         : "response";
  if (type == NULL) {
    return;
  }
  if (m->union_ != NULL) {
    field = PyUnicode_FromString(m->union_->key.ptr);
  } else if (m->field != NULL) {
    field = PyUnicode_FromFormat("%s%s", m->field->name, m->where);
  } else {
    field = Py_NewRef(Py_None);
  }
  PyObject *found = PyUnicode_DecodeUTF8(m->found, (Py_ssize_t)strlen(m->found), "replace");
  if (field != NULL && found != NULL) {
    raised = PyObject_CallFunction(type, "sOsO", name, field, m->expected, found);
  }
  Py_XDECREF(found);
  if (raised != NULL) {
    PyErr_SetObject(type, raised);
  }
  Py_XDECREF(raised);
  Py_XDECREF(field);
}

/* What a walk made, or its exception: the walk fails by a wrong type or by a callback, nothing
 * else. */
static PyObject *finish(hwpy_state *state, const hw_decoder *decoder, hw_status status,
                        void *made) {
  if (status == HW_DECODE) {
    raise_mismatch(state, &decoder->mismatch);
  }
  return status == HW_OK ? made : NULL;
}

/* A document is wrong as a whole. */
static PyObject *wrong_document(hwpy_state *state, const char *name, hw_json value,
                                const char *expected) {
  hw_type type = {.name = name};
  hw_mismatch m = {.type = &type};
  (void)snprintf(m.found, sizeof m.found, "%s", hw_json_type_text(value));
  (void)snprintf(m.expected, sizeof m.expected, "%s", expected);
  raise_mismatch(state, &m);
  return NULL;
}

/* --- what is read: a type or a union
 * --------------------------------------------------------------------- */

typedef struct target {
  const hw_type *type;
  const hw_union *union_;
} target;

static const char *target_name(const target *t) {
  return t->type != NULL ? t->type->name : t->union_->name;
}

static PyObject *decode_one(hwpy_decoding *d, hw_decoder *decoder, const target *t, hw_json value) {
  void *made = NULL;
  hw_status status;
  if (hw_json_tag(value) == 'n') {
    return Py_NewRef(Py_None);
  }
  status = t->type != NULL ? hw_decode_object(decoder, t->type, value, &made, NULL)
                           : hw_decode_union(decoder, t->union_, value, &made, NULL);
  return finish(d->state, decoder, status, made);
}

static PyObject *decode_array(hwpy_decoding *d, hw_decoder *decoder, const target *t,
                              hw_json array) {
  PyObject *list = PyList_New((Py_ssize_t)hw_json_count(array));
  Py_ssize_t index = 0;
  for (hw_json at = hw_json_first(array); list != NULL && !hw_json_end(at); at = hw_json_next(at)) {
    PyObject *item = decode_one(d, decoder, t, at);
    if (item == NULL || PyList_SetItem(list, index++, item) < 0) {
      Py_CLEAR(list);
    }
  }
  return list;
}

/* Only what wraps a collection: nothing there to make an object of. */
static bool is_bare_wrapper(hw_json object) {
  static const char *const keys[] = {"href", "count", "type", "expand", "items"};
  for (hw_json at = hw_json_first(object); !hw_json_end(at); at = hw_json_next(hw_json_next(at))) {
    bool known = false;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
      known = known || hw_view_equal(hw_json_text(at), hw_view_of(keys[i]));
    }
    if (!known) {
      return false;
    }
  }
  return true;
}

/* The array of a wrapper, an array itself, or neither. */
static bool find_array(hw_json value, hw_json *array) {
  *array = value;
  return hw_json_tag(value) == '[' ||
         (hw_json_member(value, hw_view_of("items"), array) && hw_json_tag(*array) == '[');
}

static PyObject *one_in_list(PyObject *item) {
  PyObject *list = item == NULL ? NULL : PyList_New(1);
  if (list == NULL || PyList_SetItem(list, 0, item) < 0) {
    Py_XDECREF(list == NULL ? item : NULL);
    Py_CLEAR(list);
  }
  return list;
}

static PyObject *decode_collection(hwpy_decoding *d, hw_decoder *decoder, const target *t,
                                   hw_json value) {
  hw_json array;
  if (find_array(value, &array)) {
    return decode_array(d, decoder, t, array);
  }
  if (hw_json_tag(value) != '{') {
    return wrong_document(d->state, target_name(t), value, "array or collection");
  }
  return is_bare_wrapper(value) ? PyList_New(0) : one_in_list(decode_one(d, decoder, t, value));
}

static PyObject *decode_first(hwpy_decoding *d, hw_decoder *decoder, const target *t,
                              hw_json value) {
  hw_json array;
  if (!find_array(value, &array)) {
    return decode_one(d, decoder, t, value);
  }
  return hw_json_count(array) == 0 ? Py_NewRef(Py_None)
                                   : decode_one(d, decoder, t, hw_json_first(array));
}

/* (objects, offset of the next page): None after the last one. */
static PyObject *decode_page(hwpy_decoding *d, hw_decoder *decoder, const target *t,
                             hw_json value) {
  hw_json results, pagination, more, offset;
  if (!hw_json_member(value, hw_view_of("results"), &results) ||
      !hw_json_member(value, hw_view_of("pagination"), &pagination) ||
      (hw_json_tag(results) != '[' && hw_json_tag(results) != 'n')) {
    return wrong_document(d->state, target_name(t), value,
                          "object with an array 'results' and 'pagination'");
  }
  bool goes_on = hw_json_member(pagination, hw_view_of("has_more"), &more) &&
                 hw_json_type_of(more) == HW_JSON_BOOL && hw_json_bool(more);
  if (goes_on && !(hw_json_member(pagination, hw_view_of("next_offset"), &offset) &&
                   hw_json_tag(offset) == '"')) {
    return wrong_document(d->state, target_name(t), pagination, "object with a text 'next_offset'");
  }
  PyObject *list =
      hw_json_tag(results) == 'n' ? PyList_New(0) : decode_array(d, decoder, t, results);
  PyObject *next = list == NULL ? NULL
                   : goes_on    ? hwpy_text(d->state, hw_json_text(offset))
                                : Py_NewRef(Py_None);
  PyObject *page = next == NULL ? NULL : PyTuple_Pack(2, list, next);
  Py_XDECREF(next);
  Py_XDECREF(list);
  return page;
}

/* Thousands of new objects that all live on would be looked over again and again, so the collector
   waits for the end of a large document. */
static bool pause_collector(const hwpy_document *document) {
  hw_json end = hw_json_next(document->root);
  return end.at > COLLECT_LATER && PyGC_Disable() == 1;
}

static void resume_collector(bool paused) {
  if (paused) {
    (void)PyGC_Enable();
  }
}

/* --- responses
 * ------------------------------------------------------------------------------------------- */

static PyObject *decode_document(hwpy_decoding *d, const hw_endpoint *endpoint, hw_json root) {
  const hw_registry *registry = d->state->types->registry;
  hw_sink sink = hwpy_sink(d);
  hw_decoder decoder;
  target t = {endpoint->target_is_union ? NULL : &registry->types[endpoint->target],
              endpoint->target_is_union ? &registry->unions[endpoint->target] : NULL};
  hw_decoder_init(&decoder, registry, &sink);
  switch (endpoint->returns) {
  case HW_RETURNS_ONE:
    return decode_one(d, &decoder, &t, root);
  case HW_RETURNS_FIRST:
    return decode_first(d, &decoder, &t, root);
  case HW_RETURNS_PAGE:
    return decode_page(d, &decoder, &t, root);
  case HW_RETURNS_LIST:
  case HW_RETURNS_COLLECTION:
    return hw_json_tag(root) == 'n' ? PyList_New(0) : decode_collection(d, &decoder, &t, root);
  default:
    return hwpy_value(d->state, root);
  }
}

PyObject *hwpy_decode_response(hwpy_state *state, const hw_endpoint *endpoint, hw_view body,
                               size_t capacity, PyObject *scope) {
  hwpy_decoding d = {.state = state, .scope = scope == Py_None ? NULL : scope};
  hwpy_document document;
  if (endpoint->returns == HW_RETURNS_NONE || body.len == 0) {
    return Py_NewRef(Py_None);
  }
  if (endpoint->returns == HW_RETURNS_TEXT) {
    return PyUnicode_DecodeUTF8(body.ptr, (Py_ssize_t)body.len, "replace");
  }
  if (endpoint->returns == HW_RETURNS_BYTES) {
    return PyBytes_FromStringAndSize(body.ptr, (Py_ssize_t)body.len);
  }
  if (hwpy_document_parse(state, &document, body, capacity) < 0) {
    return NULL;
  }
  bool paused = pause_collector(&document);
  PyObject *made = decode_document(&d, endpoint, document.root);
  resume_collector(paused);
  hwpy_document_close(state, &document);
  return made;
}

PyObject *hwpy_decode_recorded(PyObject *module, PyObject *args) {
  hwpy_state *state = hwpy_state_of(module);
  PyObject *name, *scope = NULL, *result = NULL;
  Py_buffer body;
  if (!PyArg_ParseTuple(args, "Uy*|O:decode_response", &name, &body, &scope)) {
    return NULL;
  }
  Py_ssize_t len;
  const char *text = PyUnicode_AsUTF8AndSize(name, &len);
  if (text != NULL) {
    hw_view key = {text, (size_t)len}, view = {body.buf, (size_t)body.len};
    const hw_endpoint *endpoint = hw_endpoint_find(key);
    if (endpoint == NULL) {
      PyErr_Format(PyExc_LookupError, "no endpoint '%U' in the tables", name);
    } else {
      result = hwpy_decode_response(state, endpoint, view, view.len, scope);
    }
  }
  PyBuffer_Release(&body);
  return result;
}

PyObject *hwpy_decode_absent(hwpy_state *Py_UNUSED(state), const hw_endpoint *endpoint) {
  bool list = endpoint->returns == HW_RETURNS_LIST || endpoint->returns == HW_RETURNS_COLLECTION;
  return list ? PyList_New(0) : Py_NewRef(Py_None);
}

/* --- methods
 * --------------------------------------------------------------------------------------------- */

/* Arguments by position or by name; `values` keeps NULL for what is not given. */
static int parse_arguments(const char *function, const char *const *known, Py_ssize_t most,
                           PyObject *const *args, Py_ssize_t count, PyObject *names,
                           PyObject **values) {
  Py_ssize_t keywords = names == NULL ? 0 : PyTuple_Size(names);
  if (count > most) {
    PyErr_Format(PyExc_TypeError, "%s() takes at most %zd arguments (%zd given)", function, most,
                 count);
    return -1;
  }
  for (Py_ssize_t i = 0; i < count; i++) {
    values[i] = args[i];
  }
  for (Py_ssize_t k = 0; k < keywords; k++) {
    PyObject *name = PyTuple_GetItem(names, k);
    Py_ssize_t place = 0;
    while (place < most && PyUnicode_CompareWithASCIIString(name, known[place]) != 0) {
      place++;
    }
    if (place == most || values[place] != NULL) {
      PyErr_Format(PyExc_TypeError, "%s() got an unexpected argument '%U'", function, name);
      return -1;
    }
    values[place] = args[count + k];
  }
  if (values[0] == NULL) {
    PyErr_Format(PyExc_TypeError, "%s() missing required argument: '%s'", function, known[0]);
    return -1;
  }
  return 0;
}

PyObject *hwpy_from_response_json(PyObject *cls, PyObject *const *args, Py_ssize_t count,
                                  PyObject *names) {
  static const char *const known[] = {"json_dict", "scope"};
  hwpy_document document;
  PyObject *given[2] = {NULL, NULL}, *made;
  PyTypeObject *type = (PyTypeObject *)(void *)cls;
  hwpy_record *record = hwpy_record_of_class(type);
  if (record == NULL ||
      parse_arguments("from_response_json", known, 2, args, count, names, given) < 0) {
    return NULL;
  }
  if (given[0] == Py_None) {
    Py_RETURN_NONE;
  }
  hwpy_decoding d = {.state = record->state, .scope = given[1] == Py_None ? NULL : given[1]};
  if (type != record->type) {
    const hwpy_leaf *own = hwpy_leaf_ready(record, 0);
    if (own == NULL) {
      return NULL;
    }
    if (own->cls != type) { /* a subclass gives objects of itself */
      d.only_record = record;
      d.only_class = type;
    }
  }
  if (hwpy_document_open(record->state, &document, given[0]) < 0) {
    return NULL;
  }
  hw_sink sink = hwpy_sink(&d);
  hw_decoder decoder;
  target t = {record->table, NULL};
  hw_decoder_init(&decoder, record->state->types->registry, &sink);
  bool paused = pause_collector(&document);
  if (hw_json_tag(document.root) == '[' || hw_json_is_collection(record->table, document.root)) {
    made = decode_collection(&d, &decoder, &t, document.root);
  } else {
    made = decode_one(&d, &decoder, &t, document.root);
  }
  resume_collector(paused);
  hwpy_document_close(record->state, &document);
  return made;
}

/* Takes over every field that travels, and the unknown keys. */
static void take_over(hwpy_object *self, hwpy_object *other) {
  const hw_type *table = self->record->table;
  for (size_t i = 0; i < table->field_count; i++) {
    if (table->fields[i].key.len > 0 && table->fields[i].access != HW_ACCESS_WRITE) {
      PyObject *old = self->slots[i];
      self->slots[i] = Py_XNewRef(other->slots[i]);
      Py_XDECREF(old);
    }
  }
  PyObject *extra = self->extra;
  self->extra = Py_XNewRef(other->extra);
  Py_XDECREF(extra);
}

PyObject *hwpy_update_from_response_json(PyObject *object, PyObject *const *args, Py_ssize_t count,
                                         PyObject *names) {
  static const char *const known[] = {"json_dict"};
  PyObject *json = NULL;
  hwpy_object *self = hwpy_cast(object);
  hwpy_record *record = self->record;
  hwpy_state *state = record->state;
  PyObject *other = NULL;
  if (parse_arguments("update_from_response_json", known, 1, args, count, names, &json) < 0) {
    return NULL;
  }
  if (json == Py_None) {
    return Py_NewRef(object);
  }
  hwpy_record *given;
  if (hwpy_record_of(state, json, &given) < 0) {
    return NULL;
  }
  if (given == record) {
    other = Py_NewRef(json);
  } else {
    hwpy_document document;
    hwpy_decoding d = {.state = state,
                       .scope = self->scope,
                       .only_record = record,
                       .only_class = record->type,
                       .without_hook = true};
    hw_sink sink = hwpy_sink(&d);
    hw_decoder decoder;
    target t = {record->table, NULL};
    if (hwpy_document_open(state, &document, json) < 0) {
      return NULL;
    }
    hw_decoder_init(&decoder, state->types->registry, &sink);
    other = hw_json_tag(document.root) == '{'
                ? decode_one(&d, &decoder, &t, document.root)
                : wrong_document(state, record->table->name, document.root, "object");
    hwpy_document_close(state, &document);
    if (other == NULL) {
      return NULL;
    }
  }
  take_over(self, hwpy_cast(other));
  Py_DECREF(other);
  return hwpy_run_hook(self, object) < 0 ? NULL : Py_NewRef(object);
}

/* --- arguments of an initialiser
 * ------------------------------------------------------------------------- */

static PyObject *decode_argument(hwpy_record *record, const hw_field *field, PyObject *value) {
  hwpy_document document = {0};
  hwpy_decoding d = {.state = record->state};
  hw_sink sink = hwpy_sink(&d);
  hw_decoder decoder;
  void *made = NULL;
  if (hwpy_document_build(record->state, &document, value) < 0) {
    return NULL;
  }
  hw_decoder_init(&decoder, record->state->types->registry, &sink);
  hw_status status = hw_decode_field(&decoder, record->table, field, document.root, &made, NULL);
  PyObject *result = finish(record->state, &decoder, status, made);
  hwpy_document_close(record->state, &document);
  return result;
}

static PyObject *convert_items(hwpy_record *record, const hw_field *field, PyObject *list) {
  hw_field one = *field;
  PyObject *made = PyList_New(0);
  one.shape = HW_SHAPE_ONE;
  for (Py_ssize_t i = 0; made != NULL && i < PySequence_Size(list); i++) {
    PyObject *item = PySequence_GetItem(list, i);
    PyObject *converted = item == NULL ? NULL : hwpy_convert_argument(record, &one, item);
    if (converted == NULL || PyList_Append(made, converted) < 0) {
      Py_CLEAR(made);
    }
    Py_XDECREF(converted);
    Py_XDECREF(item);
  }
  return made;
}

static bool holds_dict(PyObject *list) {
  for (Py_ssize_t i = 0; i < PyList_Size(list); i++) {
    if (PyDict_Check(PyList_GetItem(list, i))) {
      return true;
    }
  }
  return false;
}

PyObject *hwpy_convert_argument(hwpy_record *record, const hw_field *field, PyObject *value) {
  bool object = field->kind == HW_KIND_OBJECT || field->kind == HW_KIND_UNION;
  if (field->kind == HW_KIND_FLAG && PyUnicode_Check(value)) {
    return decode_argument(record, field, value);
  }
  if (PyDict_Check(value)) {
    if (field->shape == HW_SHAPE_COLLECTION || (object && field->shape != HW_SHAPE_MAP)) {
      return decode_argument(record, field, value);
    }
  } else if (object && PyList_Check(value) && field->shape != HW_SHAPE_ONE && holds_dict(value)) {
    return convert_items(record, field, value);
  }
  return Py_NewRef(value);
}

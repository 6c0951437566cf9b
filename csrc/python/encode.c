/*
 * encode.c - JSON from resource objects and plain Python values: the source of the core's walk, and
 * who uses it.
 */
#include "types.h"

#include <string.h>

/* One walk. Values made on the way live until its end. */
typedef struct encoding {
  hwpy_state *state;
  PyObject *keep; /* owned list */
} encoding;

static int give_value(encoding *e, PyObject *value, const hw_field *field, hw_source_value *out);

static int keep(encoding *e, PyObject *value) {
  return PyList_Append(e->keep, value);
}

/* Takes a reference, gives a borrowed one that lives until the end of the walk. */
static PyObject *keep_new(encoding *e, PyObject *value) {
  if (value == NULL || keep(e, value) < 0) {
    Py_XDECREF(value);
    return NULL;
  }
  Py_DECREF(value);
  return value;
}

static int give_text(encoding *e, PyObject *text, hw_source_value *out) {
  PyObject *made; /* for lone surrogates */
  int failed = hwpy_utf8(text, &out->text, &made);
  if (failed == 0 && made != NULL) {
    failed = keep(e, made);
  }
  Py_XDECREF(made);
  out->tag = HW_SOURCE_TEXT;
  return failed;
}

static int give_int(encoding *e, PyObject *value, hw_source_value *out) {
  int overflow;
  out->integer = PyLong_AsLongLongAndOverflow(value, &overflow);
  out->tag = HW_SOURCE_INT;
  if (overflow == 0) {
    return out->integer == -1 && PyErr_Occurred() ? -1 : 0;
  }
  PyObject *digits = keep_new(e, PyObject_Str(value));
  if (digits == NULL || give_text(e, digits, out) < 0) {
    return -1;
  }
  out->tag = HW_SOURCE_RAW;
  return 0;
}

/* --- values of other classes
 * ----------------------------------------------------------------------------- */

/* Whether `value` is an instance of datetime.<name>. */
static int is_datetime(encoding *e, PyObject *value, const char *name) {
  PyObject *module = hwpy_import_once(&e->state->types->datetime, "datetime", NULL);
  PyObject *type = module == NULL ? NULL : PyObject_GetAttrString(module, name);
  int is = type == NULL ? -1 : PyObject_IsInstance(value, type);
  Py_XDECREF(type);
  return is;
}

/* A moment without a zone is one of UTC. New reference. */
static PyObject *with_zone(encoding *e, PyObject *moment) {
  PyObject *zone = PyObject_GetAttrString(moment, "tzinfo");
  PyObject *utc = NULL, *kwargs = NULL, *replace = NULL, *empty = NULL, *result = NULL;
  if (zone == NULL || zone != Py_None) {
    Py_XDECREF(zone);
    return zone == NULL ? NULL : Py_NewRef(moment);
  }
  Py_DECREF(zone);
  utc = PyObject_GetAttrString(e->state->types->datetime, "UTC");
  kwargs = utc == NULL ? NULL : Py_BuildValue("{s:O}", "tzinfo", utc);
  replace = kwargs == NULL ? NULL : PyObject_GetAttrString(moment, "replace");
  empty = replace == NULL ? NULL : PyTuple_New(0);
  result = empty == NULL ? NULL : PyObject_Call(replace, empty, kwargs);
  Py_XDECREF(empty);
  Py_XDECREF(replace);
  Py_XDECREF(kwargs);
  Py_XDECREF(utc);
  return result;
}

static PyObject *epoch_of(encoding *e, PyObject *value) {
  int is_moment = is_datetime(e, value, "datetime");
  PyObject *moment, *seconds, *millis = NULL;
  if (is_moment < 0) {
    return NULL;
  }
  if (is_moment) {
    moment = with_zone(e, value);
  } else { /* a date: its midnight */
    PyObject *cls = PyObject_GetAttrString(e->state->types->datetime, "datetime");
    PyObject *ordinal = cls == NULL ? NULL : PyObject_CallMethod(value, "toordinal", NULL);
    PyObject *midnight =
        ordinal == NULL ? NULL : PyObject_CallMethod(cls, "fromordinal", "O", ordinal);
    moment = midnight == NULL ? NULL : with_zone(e, midnight);
    Py_XDECREF(midnight);
    Py_XDECREF(ordinal);
    Py_XDECREF(cls);
  }
  seconds = moment == NULL ? NULL : PyObject_CallMethod(moment, "timestamp", NULL);
  if (seconds != NULL) {
    double exact = PyFloat_AsDouble(seconds) * 1000.0;
    millis = PyErr_Occurred() ? NULL : PyLong_FromDouble(exact < 0 ? exact - 0.5 : exact + 0.5);
  }
  Py_XDECREF(seconds);
  Py_XDECREF(moment);
  return millis;
}

/* What a value of another class is sent as: new reference, NULL without an exception when nobody
 * knows. */
static PyObject *plain_form(encoding *e, PyObject *value, const hw_field *field) {
  static const char *const methods[] = {"to_dict", "tolist", "isoformat", "__fspath__"};
  int moment = is_datetime(e, value, "date");
  int duration = moment < 0 ? -1 : is_datetime(e, value, "timedelta");
  if (moment < 0 || duration < 0) {
    return NULL;
  }
  if (moment && field != NULL && field->kind == HW_KIND_EPOCH) {
    return epoch_of(e, value);
  }
  if (duration) {
    return PyObject_CallMethod(value, "total_seconds", NULL);
  }
  if (PyAnySet_Check(value) || PyDict_Check(value)) {
    return PySequence_List(value);
  }
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    PyObject *method;
    int found = hwpy_attribute(value, methods[i], &method);
    if (found != 0) {
      PyObject *plain = found < 0 ? NULL : PyObject_CallFunctionObjArgs(method, NULL);
      Py_XDECREF(method);
      return plain;
    }
  }
  if (PyIndex_Check(value)) {
    return PyNumber_Index(value);
  }
  PyObject *inner; /* an enum member has a value */
  int found = hwpy_attribute(value, "value", &inner);
  return found == 0 && PyNumber_Check(value) ? PyNumber_Float(value) : inner;
}

static int give_other(encoding *e, PyObject *value, const hw_field *field, hw_source_value *out) {
  PyObject *plain = plain_form(e, value, field);
  if (plain == NULL || plain == value) {
    Py_XDECREF(plain);
    if (!PyErr_Occurred()) {
      PyErr_Format(PyExc_TypeError, "%s%scannot send a value of %R as JSON",
                   field != NULL ? field->name : "", field != NULL ? ": " : "", Py_TYPE(value));
    }
    return -1;
  }
  plain = keep_new(e, plain);
  if (plain == NULL || Py_EnterRecursiveCall(" while making JSON") != 0) {
    return -1;
  }
  int failed = give_value(e, plain, field, out);
  Py_LeaveRecursiveCall();
  return failed;
}

/* Whether a class that decoding does not yield has a to_dict of its own; -1 on failure. */
static int overrides_to_dict(encoding *e, const hwpy_record *record, PyTypeObject *cls) {
  PyObject *native = PyObject_GetAttr((PyObject *)record->type, e->state->types->to_dict);
  PyObject *own =
      native == NULL ? NULL : PyObject_GetAttr((PyObject *)cls, e->state->types->to_dict);
  int differs = own == NULL ? -1 : own != native;
  Py_XDECREF(own);
  Py_XDECREF(native);
  return differs;
}

/* A resource object: by its table, unless its class has a form of its own. */
static int give_object(encoding *e, hwpy_record *record, PyObject *value, hw_source_value *out) {
  int converts = 0;
  if (Py_TYPE(value) != record->type) {
    const hwpy_leaf *leaf = hwpy_leaf_of(record, Py_TYPE(value));
    converts = leaf != NULL ? leaf->converts : overrides_to_dict(e, record, Py_TYPE(value));
  }
  if (converts < 0) {
    return -1;
  }
  if (converts > 0) {
    PyObject *dict = keep_new(e, PyObject_CallMethodObjArgs(value, e->state->types->to_dict, NULL));
    return dict == NULL ? -1 : give_value(e, dict, NULL, out);
  }
  out->tag = HW_SOURCE_OBJECT;
  out->type = record->table;
  out->handle = value;
  return keep(e, value);
}

static int give_json_text(encoding *e, PyObject *value, hw_source_value *out) {
  PyObject *dumps = hwpy_import_once(&e->state->types->json_dumps, "json", "dumps");
  PyObject *text =
      dumps == NULL ? NULL : keep_new(e, PyObject_CallFunctionObjArgs(dumps, value, NULL));
  return text == NULL ? -1 : give_text(e, text, out);
}

static int give_value(encoding *e, PyObject *value, const hw_field *field, hw_source_value *out) {
  if (value == Py_None) {
    out->tag = HW_SOURCE_NULL;
    return 0;
  }
  if (field != NULL && field->kind == HW_KIND_JSON &&
      !(field->shape != HW_SHAPE_ONE && PyList_Check(value))) {
    return give_json_text(e, value, out);
  }
  if (PyUnicode_Check(value)) {
    return give_text(e, value, out);
  }
  if (PyBool_Check(value)) {
    out->tag = HW_SOURCE_BOOL;
    out->boolean = value == Py_True;
    return 0;
  }
  if (PyLong_Check(value)) {
    return give_int(e, value, out);
  }
  if (PyFloat_Check(value)) {
    out->tag = HW_SOURCE_FLOAT;
    out->real = PyFloat_AsDouble(value);
    return 0;
  }
  if (PyList_Check(value) || PyTuple_Check(value)) {
    out->tag = HW_SOURCE_LIST;
    out->handle = value;
    out->count = (size_t)PySequence_Size(value);
    return keep(e, value);
  }
  if (PyDict_Check(value)) {
    out->tag = HW_SOURCE_MAP;
    out->handle = value;
    out->count = (size_t)PyDict_Size(value);
    return keep(e, value);
  }
  hwpy_record *record = NULL;
  if (field != NULL && field->kind == HW_KIND_OBJECT) { /* nearly always what the table says */
    hwpy_record *expected = &e->state->types->records[field->target];
    bool made = expected->type != NULL && (Py_TYPE(value) == expected->type ||
                                           hwpy_leaf_of(expected, Py_TYPE(value)) != NULL);
    record = made ? expected : NULL;
  }
  if (record == NULL && hwpy_record_of(e->state, value, &record) < 0) {
    return -1;
  }
  return record != NULL ? give_object(e, record, value, out) : give_other(e, value, field, out);
}

/* --- the source
 * ------------------------------------------------------------------------------------------ */

static int source_slot(void *context, void *object, const hw_field *field, size_t index,
                       hw_source_value *out) {
  PyObject *value = hwpy_object_slot(hwpy_cast(object), index);
  int failed = value == NULL ? -1 : give_value(context, value, field, out);
  Py_XDECREF(value);
  return failed;
}

static int source_item(void *context, void *list, size_t index, const hw_field *field,
                       hw_source_value *out) {
  encoding *e = context;
  PyObject *item = PySequence_GetItem(list, (Py_ssize_t)index);
  if (item == NULL) {
    return -1;
  }
  /* The list may change while another value is converted, so the item is held unless the list
   * surely stays. */
  if (PyList_Check((PyObject *)list) &&
      (PyUnicode_CheckExact(item) || PyLong_CheckExact(item) || PyFloat_CheckExact(item))) {
    int failed = give_value(e, item, field, out);
    Py_DECREF(item);
    return failed;
  }
  item = keep_new(e, item);
  return item == NULL ? -1 : give_value(e, item, field, out);
}

static int give_key(encoding *e, PyObject *key, hw_view *out) {
  hw_source_value text = {.tag = HW_SOURCE_NULL};
  if (!PyUnicode_Check(key)) {
    if (key == Py_None || PyBool_Check(key)) {
      *out = hw_view_of(key == Py_None ? "null" : key == Py_True ? "true" : "false");
      return 0;
    }
    key = keep_new(e, PyObject_Str(key));
    if (key == NULL) {
      return -1;
    }
  }
  if (give_text(e, key, &text) < 0) {
    return -1;
  }
  *out = text.text;
  return 0;
}

static int source_entry(void *context, void *handle, bool extra, size_t *cursor,
                        const hw_field *field, hw_view *key, hw_source_value *out) {
  PyObject *dict = extra ? hwpy_cast(handle)->extra : handle;
  PyObject *name, *value;
  Py_ssize_t at = (Py_ssize_t)*cursor;
  if (dict == NULL || !PyDict_Next(dict, &at, &name, &value)) {
    return 0;
  }
  *cursor = (size_t)at;
  Py_INCREF(name);
  Py_INCREF(value);
  int failed = give_key(context, name, key) < 0 || keep(context, name) < 0 ||
               keep(context, value) < 0 || give_value(context, value, field, out) < 0;
  Py_DECREF(value);
  Py_DECREF(name);
  return failed ? -1 : 1;
}

static int encoding_begin(encoding *e, hw_source *source, hwpy_state *state) {
  hw_source made = {.context = e, .slot = source_slot, .item = source_item, .entry = source_entry};
  e->state = state;
  e->keep = PyList_New(0);
  *source = made;
  return e->keep == NULL ? -1 : 0;
}

static int encoding_end(encoding *e, hw_status status, const hw_error *err) {
  Py_DECREF(e->keep);
  if (status == HW_OK) {
    return 0;
  }
  if (!PyErr_Occurred()) {
    if (status == HW_NOMEM) {
      PyErr_NoMemory();
    } else {
      PyErr_SetString(PyExc_ValueError, err->message);
    }
  }
  return -1;
}

int hwpy_encode_value(hwpy_state *state, PyObject *value, hw_buf *out) {
  encoding e;
  hw_source source;
  hw_error err;
  hw_source_value given = {.tag = HW_SOURCE_NULL};
  hw_error_init(&err);
  if (encoding_begin(&e, &source, state) < 0) {
    return -1;
  }
  hw_status status = give_value(&e, value, NULL, &given) < 0
                         ? HW_CALLBACK
                         : hw_encode_value(&source, NULL, &given, out, &err);
  return encoding_end(&e, status, &err);
}

/* An object by its table, whatever its class overrides: what an override calls by super(). */
static int encode_by_table(PyObject *object, hw_buf *out) {
  hwpy_record *record = hwpy_cast(object)->record;
  encoding e;
  hw_source source;
  hw_error err;
  hw_error_init(&err);
  if (encoding_begin(&e, &source, record->state) < 0) {
    return -1;
  }
  return encoding_end(&e, hw_encode_object(&source, record->table, object, out, &err), &err);
}

/* --- methods
 * --------------------------------------------------------------------------------------------- */

PyObject *hwpy_to_dict(PyObject *object, PyObject *Py_UNUSED(unused)) {
  hwpy_state *state = hwpy_cast(object)->record->state;
  hwpy_document document;
  hw_buf text;
  PyObject *dict = NULL;
  hw_buf_init(&text, HW_JSON_MAX_BYTES);
  if (encode_by_table(object, &text) == 0 &&
      hwpy_document_parse(state, &document, hw_buf_view(&text), text.capacity) == 0) {
    dict = hwpy_value(state, document.root);
    hwpy_document_close(state, &document);
  }
  hw_buf_free(&text);
  return dict;
}

PyObject *hwpy_to_json(PyObject *object, PyObject *Py_UNUSED(unused)) {
  hw_buf text;
  PyObject *json = NULL;
  hw_buf_init(&text, HW_JSON_MAX_BYTES);
  if (hwpy_encode_value(hwpy_cast(object)->record->state, object, &text) == 0) {
    json = PyUnicode_DecodeUTF8(text.ptr, (Py_ssize_t)text.len, NULL);
  }
  hw_buf_free(&text);
  return json;
}

/* --- request bodies
 * -------------------------------------------------------------------------------------- */

static int append_buffer(PyObject *body, hw_buf *out) {
  Py_buffer buffer;
  hw_error err;
  hw_error_init(&err);
  if (PyObject_GetBuffer(body, &buffer, PyBUF_SIMPLE) < 0) {
    return -1;
  }
  hw_status status = hw_buf_append(out, buffer.buf, (size_t)buffer.len, &err);
  PyBuffer_Release(&buffer);
  if (status != HW_OK) {
    PyErr_NoMemory();
  }
  return status == HW_OK ? 0 : -1;
}

static int append_text(PyObject *body, hw_buf *out) {
  Py_ssize_t len;
  hw_error err;
  const char *utf8 = PyUnicode_AsUTF8AndSize(body, &len);
  hw_error_init(&err);
  if (utf8 != NULL && hw_buf_append(out, utf8, (size_t)len, &err) != HW_OK) {
    PyErr_NoMemory();
    return -1;
  }
  return utf8 == NULL ? -1 : 0;
}

/* name=value&... of a dict, by urllib. */
static int append_form(PyObject *body, hw_buf *out) {
  PyObject *module = PyImport_ImportModule("urllib.parse");
  PyObject *text = module == NULL ? NULL : PyObject_CallMethod(module, "urlencode", "Oi", body, 1);
  int failed = text == NULL ? -1 : append_text(text, out);
  Py_XDECREF(text);
  Py_XDECREF(module);
  return failed;
}

int hwpy_encode_body(hwpy_state *state, const hw_endpoint *endpoint, PyObject *body, hw_buf *out,
                     const char **content_type) {
  bool form = endpoint->body == HW_BODY_FORM;
  *content_type = form                            ? "application/x-www-form-urlencoded"
                  : endpoint->body == HW_BODY_RAW ? "application/octet-stream"
                                                  : "application/json";
  if (PyUnicode_Check(body)) {
    return append_text(body, out);
  }
  if (PyObject_CheckBuffer(body)) {
    return append_buffer(body, out);
  }
  if (endpoint->body == HW_BODY_RAW) {
    PyErr_Format(PyExc_TypeError, "%s sends bytes, str or a binary file, not %R", endpoint->name,
                 Py_TYPE(body));
    return -1;
  }
  return form ? append_form(body, out) : hwpy_encode_value(state, body, out);
}

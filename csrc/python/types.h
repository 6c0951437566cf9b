/*
 * types.h - resource objects: one heap type for each table, made when first needed.
 *
 * An object is a record of its table, a scope, unknown keys, and one slot a field. Plain attribute
 * access goes through member descriptors at fixed offsets, and through getters where a slot may
 * hold frozen JSON; everything else finds the table through the object itself.
 */
#ifndef HWPY_TYPES_H
#define HWPY_TYPES_H

#include "native.h"

#include <structmember.h>

#include "json.h"
#include "resource.h"

/* A class that decoding yields. */
typedef struct hwpy_leaf {
  PyTypeObject *cls; /* owned; NULL until first decoded */
  PyObject *hook;    /* owned: its _after_decode, or NULL */
  bool converts;     /* it has a to_dict of its own */
} hwpy_leaf;

/* What an interpreter knows about one table. Lives as long as the module state. */
typedef struct hwpy_record {
  hwpy_state *state;
  const hw_type *table;
  PyTypeObject *type;   /* owned; NULL until made, and after the module is cleared */
  hwpy_leaf *leaves;    /* owned: the class of the table, then one a variant */
  PyMemberDef *members; /* owned */
  PyGetSetDef *getsets; /* owned: the fields that may be frozen */
  PyObject **arguments; /* owned: interned parameter names, in positional order */
} hwpy_record;

enum { HWPY_TEXTS = 512, HWPY_FORMS = 64, HWPY_FROZEN = 16 };

/* A short ASCII text met before; a response repeats its keys, types and flags thousands of times.
 */
typedef struct hwpy_text_entry {
  PyObject *text;   /* owned */
  const char *utf8; /* borrowed from it */
  uint32_t hash, len;
} hwpy_text_entry;

/* The keys that the last objects with so many of them had, as a dict without values: a copy of it
   is made quicker than a dict that grows. */
typedef struct hwpy_form {
  PyObject *keys; /* owned; may be NULL */
  unsigned misses;
} hwpy_form;

struct hwpy_types_state {
  const hw_registry *registry;
  hwpy_record *records;          /* one a table, in the order of the registry */
  hw_json_parser *spare;         /* owned: a parser nobody uses at the moment, or NULL */
  PyTypeObject *frozen;          /* owned: see frozen.c */
  PyObject *recent[HWPY_FROZEN]; /* owned, may be NULL: small frozen values, by their size */
  PyObject *decode_error;
  PyObject *json_loads, *json_dumps;
  PyObject *newobj;
  PyObject *copy;                  /* copy.deepcopy */
  PyObject *datetime;              /* the module */
  PyObject *to_dict, *record_name; /* interned names */
  hwpy_text_entry texts[HWPY_TEXTS];
  hwpy_form forms[HWPY_FORMS]; /* by the number of keys */
};

typedef struct hwpy_object {
  PyObject_HEAD hwpy_record *record;
  PyObject *scope; /* may be NULL */
  PyObject *extra; /* dict of unknown keys, may be NULL */
  PyObject *weak;
  PyObject *slots[];
} hwpy_object;

/* The only cast to an object of ours; the caller has checked the type. */
static inline hwpy_object *hwpy_cast(PyObject *object) {
  return (hwpy_object *)(void *)object;
}

/* --- types.c --- */

/* The record of a table, its type made if need be. NULL with an exception set. */
hwpy_record *hwpy_record_ready(hwpy_state *state, const hw_type *table);
/* The record that a class (ours or a Python subclass) belongs to, NULL with TypeError set. */
hwpy_record *hwpy_record_of_class(PyTypeObject *cls);
/* The record of an object, NULL when it is none of ours. 0, or -1 with an exception set. */
int hwpy_record_of(hwpy_state *state, PyObject *object, hwpy_record **out);
/* An attribute that need not be there: 1 and a new reference, 0 and NULL, or -1 with an exception
   set. */
int hwpy_attribute(PyObject *object, const char *name, PyObject **out);
/* The module function behind `from hopsworks._native import FeatureGroup`. */
PyObject *hwpy_types_getattr(PyObject *module, PyObject *name);
PyObject *hwpy_types_dir(PyObject *module, PyObject *unused);
/* Imports `module` and gets `name`, once; `*cache` is owned. Borrowed, or NULL with an exception
 * set. */
PyObject *hwpy_import_once(PyObject **cache, const char *module, const char *name);

/* --- leaf.c --- */

/* The class that decoding yields for a variant (0: the table's own), its module imported the first
   time. NULL with an exception set. */
const hwpy_leaf *hwpy_leaf_ready(hwpy_record *record, size_t variant);
/* What is known about a class, or NULL when decoding has not made it. */
const hwpy_leaf *hwpy_leaf_of(const hwpy_record *record, const PyTypeObject *cls);
int hwpy_leaves_traverse(const hwpy_record *record, visitproc visit, void *arg);
void hwpy_leaves_clear(hwpy_record *record);

/* --- object.c --- */

/* A new object with NULL slots. */
PyObject *hwpy_object_alloc(hwpy_record *record, PyTypeObject *cls);
/* Gives every NULL slot the fallback of its field. */
int hwpy_object_fill(hwpy_object *self);
/* A new reference to the fallback of a field. */
PyObject *hwpy_fallback(const hw_field *field);
/* The value of a slot, None for a deleted one: a new reference, NULL with an exception set. Thaws a
   frozen one, which is why every reader comes through here. */
PyObject *hwpy_object_slot(hwpy_object *self, size_t index);
PyObject *hwpy_object_new(PyTypeObject *cls, PyObject *args, PyObject *kwargs);
int hwpy_object_init(PyObject *self, PyObject *args, PyObject *kwargs);
void hwpy_object_dealloc(PyObject *self);
int hwpy_object_traverse(PyObject *self, visitproc visit, void *arg);
int hwpy_object_clear(PyObject *self);
PyObject *hwpy_object_compare(PyObject *a, PyObject *b, int op);
Py_hash_t hwpy_object_hash(PyObject *self);
PyObject *hwpy_object_set(PyObject *self, PyObject *args, PyObject *kwargs);

/* --- object_copy.c, object_show.c --- */

PyObject *hwpy_object_copy(PyObject *self, PyObject *unused);
PyObject *hwpy_object_deepcopy(PyObject *self, PyObject *memo);
PyObject *hwpy_object_reduce(PyObject *self, PyObject *unused);
PyObject *hwpy_object_setstate(PyObject *self, PyObject *state);
PyObject *hwpy_object_repr(PyObject *self);
PyObject *hwpy_object_repr_html(PyObject *self, PyObject *unused);

/* --- document.c --- */

/* UTF-8 of a str, borrowed from it; lone surrogates are let through. `*keep` owns the bytes where
   they had to be made, else it is NULL. 0, or -1 with an exception. */
int hwpy_utf8(PyObject *text, hw_view *out, PyObject **keep);

/* A parsed document and what owns it. */
typedef struct hwpy_document {
  hw_json root;
  hw_json_parser *parser;
  hw_json_builder *builder;
} hwpy_document;

/* Parses text; what only Python's json takes (NaN, huge numbers) is read by that. 0, or -1. */
int hwpy_document_parse(hwpy_state *state, hwpy_document *document, hw_view text, size_t capacity);
/* From a dict, list, str or bytes-like object that a user handed in. 0, or -1. */
int hwpy_document_open(hwpy_state *state, hwpy_document *document, PyObject *json);
/* From Python values as they are: a str is a string. 0, or -1. */
int hwpy_document_build(hwpy_state *state, hwpy_document *document, PyObject *value);
void hwpy_document_close(hwpy_state *state, hwpy_document *document);

/* --- frozen.c --- */

int hwpy_frozen_add(hwpy_state *state);
/* Whether the slot of a field keeps lists and dicts frozen. */
bool hwpy_keeps_frozen(const hw_field *field);
bool hwpy_is_frozen(hwpy_state *state, PyObject *object);
PyObject *hwpy_freeze(hwpy_state *state, hw_json value);
PyObject *hwpy_thaw(hwpy_state *state, PyObject *frozen);

/* --- values.c --- */

/* Python values of JSON ones: new references, NULL with an exception set. */
PyObject *hwpy_text(hwpy_state *state, hw_view text);
PyObject *hwpy_value(hwpy_state *state, hw_json value);

/* --- decode.c --- */

PyObject *hwpy_from_response_json(PyObject *cls, PyObject *const *args, Py_ssize_t count,
                                  PyObject *names);
/* decode_response(endpoint, body, scope=None): what a call would make of a recorded answer. */
PyObject *hwpy_decode_recorded(PyObject *module, PyObject *args);
PyObject *hwpy_update_from_response_json(PyObject *self, PyObject *const *args, Py_ssize_t count,
                                         PyObject *names);
/* Turns dicts into the objects that a field holds; other values pass. New reference. */
PyObject *hwpy_convert_argument(hwpy_record *record, const hw_field *field, PyObject *value);

/* --- encode.c --- */

PyObject *hwpy_to_dict(PyObject *self, PyObject *unused);
PyObject *hwpy_to_json(PyObject *self, PyObject *unused);
/* Appends the JSON of any Python value. 0, or -1. */
int hwpy_encode_value(hwpy_state *state, PyObject *value, hw_buf *out);

#endif

/*
 * resource.h - the rows that describe resource types, and the two walks over them.
 *
 * tools/generate.py turns resources/ into constant rows (hw_type, hw_field, hw_union); a registry
 * binds them together. hw_resource_decode walks a JSON document straight into slots through a sink,
 * hw_resource_encode walks slots into JSON text through a source. What a slot is, only the sink and
 * the source know. Rows are constant and shared; the walks keep no state between calls, so threads
 * need no lock.
 */
#ifndef HW_RESOURCE_H
#define HW_RESOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "error.h"
#include "json.h"

typedef enum hw_kind {
  HW_KIND_ANY, /* whatever JSON has */
  HW_KIND_STR,
  HW_KIND_INT,
  HW_KIND_FLOAT,
  HW_KIND_BOOL,
  HW_KIND_EPOCH,  /* integer milliseconds since 1970 */
  HW_KIND_DATE,   /* text of a moment; some servers send milliseconds */
  HW_KIND_JSON,   /* JSON inside a string */
  HW_KIND_FLAG,   /* a boolean that travels as one of two words */
  HW_KIND_OBJECT, /* an object of the type `target` */
  HW_KIND_UNION   /* an object of one of the types of the union `target` */
} hw_kind;

typedef enum hw_shape {
  HW_SHAPE_ONE,
  HW_SHAPE_LIST,
  HW_SHAPE_ONE_OR_LIST, /* read from one value or an array, written as an array */
  HW_SHAPE_COLLECTION,  /* {"count": n, "items": [...]}, read from a bare array too */
  HW_SHAPE_MAP          /* keys are data */
} hw_shape;

typedef enum hw_access { HW_ACCESS_RW, HW_ACCESS_READ, HW_ACCESS_WRITE } hw_access;
typedef enum hw_send {
  HW_SEND_SET, /* unless null */
  HW_SEND_ALWAYS,
  HW_SEND_NEVER,
  HW_SEND_TRUE /* unless null, false, zero or empty */
} hw_send;

typedef enum hw_default_kind {
  HW_DEFAULT_NONE,
  HW_DEFAULT_BOOL,
  HW_DEFAULT_INT,
  HW_DEFAULT_FLOAT,
  HW_DEFAULT_STR,
  HW_DEFAULT_LIST, /* a new empty list */
  HW_DEFAULT_MAP   /* a new empty map */
} hw_default_kind;

typedef struct hw_default {
  hw_default_kind kind;
  long long integer; /* INT and BOOL */
  double real;
  const char *text;
} hw_default;

typedef struct hw_field {
  const char *name;     /* the attribute */
  hw_view key;          /* the JSON key; empty for a slot that never travels */
  hw_view snake;        /* the key as the official client spells it after de-camelising */
  const char *argument; /* the parameter of the initialiser */
  const char *doc;
  hw_view words[2]; /* of a FLAG: for false, for true */
  hw_default fallback;
  uint16_t target; /* index of the type or union */
  uint8_t kind;    /* hw_kind */
  uint8_t shape;   /* hw_shape */
  uint8_t access;  /* hw_access */
  uint8_t send;    /* hw_send */
  bool init, required, keyword_only, secret, shown, identity;
  bool replace_none; /* an explicit None becomes the fallback too */
} hw_field;

/* A key with a fixed value, written with every object and passed over when read. */
typedef struct hw_constant {
  hw_view key;
  hw_view json; /* its JSON text; empty for a key that is only passed over */
} hw_constant;

/* A value of the discriminating key, and the class that objects with it become. */
typedef struct hw_variant {
  hw_view value;
  const char *python; /* "module:Class" */
} hw_variant;

typedef struct hw_type {
  const char *name;      /* short */
  const char *full_name; /* with the public module */
  const char *python;    /* "module:Class" that decoding yields, or NULL */
  const char *doc;       /* begins with the signature line */
  const hw_field *fields;
  const hw_constant *constants;
  const hw_variant *variants;
  hw_view variant_key; /* empty without variants */
  uint16_t variant_count;
  const uint8_t *arguments; /* fields of the initialiser in positional order */
  uint16_t field_count, constant_count, argument_count;
  uint16_t index; /* its place in the registry */
  bool value_equality;
  bool extra_arguments; /* the initialiser takes and drops unknown keywords */
} hw_type;

/* One answer of a discriminator: a type, or another union with a key of its own. */
typedef struct hw_case {
  hw_view value;
  uint16_t target;
  bool is_union;
} hw_case;

typedef struct hw_union {
  const char *name;
  hw_view key;
  const hw_case *cases;
  uint16_t case_count;
  const hw_case *fallback; /* where the key is absent or unknown; NULL makes that an error */
} hw_union;

typedef struct hw_registry {
  const hw_type *types; /* sorted by name */
  const hw_union *unions;
  size_t type_count, union_count;
} hw_registry;

/* The rows of resources/. */
const hw_registry *hw_registry_default(void);

/* NULL when there is none. */
const hw_type *hw_type_find(const hw_registry *registry, hw_view name);

/* The field that a JSON key means: exact, de-camelised, or by attribute name. NULL when unknown. */
const hw_field *hw_field_find(const hw_type *type, hw_view key);

/* What a value is called in messages: "string", "integer", "list of Feature objects"... */
const char *hw_kind_text(hw_kind kind);

/* --- reading
 * -------------------------------------------------------------------------------------------- */

/* Where and why a document did not fit its table. */
typedef struct hw_mismatch {
  const hw_type *type;    /* NULL when the document itself is wrong */
  const hw_field *field;  /* NULL when the object itself is wrong */
  const hw_union *union_; /* set when no case fits the discriminator */
  char expected[160];
  char found[72]; /* may end inside a UTF-8 sequence */
  char where[64]; /* "[3]" inside a list, "['key']" inside a map, else empty */
} hw_mismatch;

/*
 * Receives values in document order. A callback fails by returning NULL or non-zero; the walk then
 * stops with HW_CALLBACK. Values that a callback takes are its own to release, also when it fails.
 */
typedef struct hw_sink {
  void *context;
  /* `variant` counts from 1; 0 for the type's own class. */
  void *(*begin)(void *context, const hw_type *type, size_t variant);
  int (*slot)(void *context, void *object, const hw_field *field, size_t index,
              void *value); /* takes value */
  int (*unknown)(void *context, void *object, hw_view key, hw_json value);
  void *(*end)(void *context, void *object); /* takes object, hands it (or another) back */
  void *(*scalar)(void *context, hw_kind kind, hw_json value);
  /* A whole field of kind `any` that is an array or object: what is in it may wait until read. */
  void *(*keep)(void *context, hw_json value);
  void *(*list)(void *context, size_t count);
  int (*item)(void *context, void *list, size_t index, void *value); /* takes value */
  void *(*map)(void *context);
  int (*entry)(void *context, void *map, hw_view key, void *value); /* takes value */
  void (*discard)(void *context, void *value);
} hw_sink;

typedef struct hw_decoder {
  const hw_registry *registry;
  const hw_sink *sink;
  hw_mismatch mismatch; /* filled when a call returns HW_DECODE */
  struct {
    const hw_type *type;
    uint8_t
        field[64]; /* which field the key at a position meant last time; keys keep their order */
  } memo[8];
} hw_decoder;

void hw_decoder_init(hw_decoder *decoder, const hw_registry *registry, const hw_sink *sink);

/* One object of a type or a union. `out` is owned by the caller of the walk. */
hw_status hw_decode_object(hw_decoder *decoder, const hw_type *type, hw_json value, void **out,
                           hw_error *err) HW_MUST_CHECK;
hw_status hw_decode_union(hw_decoder *decoder, const hw_union *union_, hw_json value, void **out,
                          hw_error *err) HW_MUST_CHECK;
/* The value of a field, of any kind and shape; `type` is named in messages. */
hw_status hw_decode_field(hw_decoder *decoder, const hw_type *type, const hw_field *field,
                          hw_json value, void **out, hw_error *err) HW_MUST_CHECK;

/* True for {"count": n, "items": [...]} where the type has no field of these keys: a list in a
 * wrapper. */
bool hw_json_is_collection(const hw_type *type, hw_json value);

/* --- writing
 * -------------------------------------------------------------------------------------------- */

typedef enum hw_source_tag {
  HW_SOURCE_NULL,
  HW_SOURCE_BOOL,
  HW_SOURCE_INT,
  HW_SOURCE_FLOAT,
  HW_SOURCE_TEXT,
  HW_SOURCE_RAW,    /* finished JSON text: big integers, parts that the source wrote itself */
  HW_SOURCE_OBJECT, /* `handle` is an object of `type` */
  HW_SOURCE_LIST,   /* `handle` has `count` items */
  HW_SOURCE_MAP     /* `handle` has `count` entries */
} hw_source_tag;

typedef struct hw_source_value {
  hw_source_tag tag;
  bool boolean;
  long long integer;
  double real;
  hw_view text; /* borrowed until the next call of the source */
  const hw_type *type;
  void *handle; /* borrowed while the object that it came from is kept */
  size_t count;
} hw_source_value;

/* Gives values out. A callback fails by returning non-zero; the walk then stops with HW_CALLBACK.
 */
typedef struct hw_source {
  void *context;
  size_t depth; /* of the containers being written; bounds cycles */
  /* The value of a slot; `field` says how it travels. */
  int (*slot)(void *context, void *object, const hw_field *field, size_t index,
              hw_source_value *out);
  int (*item)(void *context, void *list, size_t index, const hw_field *field, hw_source_value *out);
  /* The entry after `cursor` (zero at first) of a map, or of the unknown keys of an object when
     `extra`. 1 for an entry, 0 at the end, -1 on failure. */
  int (*entry)(void *context, void *map, bool extra, size_t *cursor, const hw_field *field,
               hw_view *key, hw_source_value *out);
} hw_source;

/* Appends the JSON of an object. */
hw_status hw_encode_object(hw_source *source, const hw_type *type, void *object, hw_buf *out,
                           hw_error *err) HW_MUST_CHECK;
/* Appends the JSON of any value; `field` may be NULL. */
hw_status hw_encode_value(hw_source *source, const hw_field *field, const hw_source_value *value,
                          hw_buf *out, hw_error *err) HW_MUST_CHECK;

#endif

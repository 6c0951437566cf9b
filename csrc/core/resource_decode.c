/*
 * resource_decode.c - walks a JSON document into the slots of resource objects.
 *
 * Every check of a JSON type happens here, so that a sink only makes values. Keys arrive in the
 * same order in every object of one response; the decoder remembers which field the key at each
 * position meant and compares that one first.
 */
#include <stdio.h>

#include "resource.h"

enum { MEMO_KEYS = 64, MEMO_TYPES = 8 };

void hw_decoder_init(hw_decoder *decoder, const hw_registry *registry, const hw_sink *sink) {
  memset(decoder, 0, sizeof *decoder);
  decoder->registry = registry;
  decoder->sink = sink;
}

static hw_status mismatch(hw_decoder *decoder, const hw_type *type, const hw_field *field,
                          hw_json value, const char *expected, hw_error *err) {
  hw_mismatch *at = &decoder->mismatch;
  at->type = type;
  at->field = field;
  (void)snprintf(at->found, sizeof at->found, "%s", hw_json_type_text(value));
  (void)snprintf(at->expected, sizeof at->expected, "%s", expected);
  return hw_error_set(err, HW_DECODE, "%s%s%s%s: expected %s, found %s",
                      type != NULL ? type->name : "response", field != NULL ? "." : "",
                      field != NULL ? field->name : "", at->where, expected, at->found);
}

static hw_status callback_failed(hw_error *err) {
  return hw_error_set(err, HW_CALLBACK, "a value could not be made");
}

/* Whether a scalar kind takes a JSON value; null is always taken. */
static bool kind_takes(hw_kind kind, hw_json value) {
  hw_json_type type = hw_json_type_of(value);
  switch (kind) {
  case HW_KIND_STR:
  case HW_KIND_JSON:
  case HW_KIND_FLAG:
    return type == HW_JSON_STRING;
  case HW_KIND_BOOL:
    return type == HW_JSON_BOOL;
  case HW_KIND_INT:
  case HW_KIND_EPOCH:
    if (type == HW_JSON_FLOAT) {
      /* Some services write whole numbers as 3.0. */
      double number = hw_json_float(value);
      return number >= -9007199254740992.0 && number <= 9007199254740992.0 &&
             number == (double)(long long)number;
    }
    return type == HW_JSON_INT || type == HW_JSON_UINT || type == HW_JSON_BIG;
  case HW_KIND_FLOAT:
    return type == HW_JSON_FLOAT || type == HW_JSON_INT || type == HW_JSON_UINT ||
           type == HW_JSON_BIG;
  case HW_KIND_DATE:
    return type == HW_JSON_STRING || type == HW_JSON_INT;
  default:
    return true;
  }
}

static hw_status decode_flag(hw_decoder *decoder, const hw_type *type, const hw_field *field,
                             hw_json value, void **out, hw_error *err) {
  static const uint64_t words[2] = {(uint64_t)'f' << 56, (uint64_t)'t' << 56};
  for (size_t i = 0; i < 2; i++) {
    if (hw_view_equal(hw_json_text(value), field->words[i])) {
      hw_json flag = {words, NULL, i};
      *out = decoder->sink->scalar(decoder->sink->context, HW_KIND_BOOL, flag);
      return *out != NULL ? HW_OK : callback_failed(err);
    }
  }
  char expected[160];
  (void)snprintf(expected, sizeof expected, "'%s' or '%s'", field->words[0].ptr,
                 field->words[1].ptr);
  return mismatch(decoder, type, field, value, expected, err);
}

/* One value of a field, whatever its shape says about lists. */
static hw_status decode_one(hw_decoder *decoder, const hw_type *type, const hw_field *field,
                            hw_json value, void **out, hw_error *err) {
  hw_kind kind = (hw_kind)field->kind;
  const hw_registry *registry = decoder->registry;
  bool null = hw_json_tag(value) == 'n';
  if (!null && (kind == HW_KIND_OBJECT || kind == HW_KIND_UNION)) {
    if (hw_json_tag(value) != '{') {
      char expected[160];
      const char *name = kind == HW_KIND_OBJECT ? registry->types[field->target].name
                                                : registry->unions[field->target].name;
      (void)snprintf(expected, sizeof expected, "object (%s)", name);
      return mismatch(decoder, type, field, value, expected, err);
    }
    return kind == HW_KIND_OBJECT
               ? hw_decode_object(decoder, &registry->types[field->target], value, out, err)
               : hw_decode_union(decoder, &registry->unions[field->target], value, out, err);
  }
  if (!null && !kind_takes(kind, value)) {
    return mismatch(decoder, type, field, value, hw_kind_text(kind), err);
  }
  if (!null && kind == HW_KIND_FLAG) {
    return decode_flag(decoder, type, field, value, out, err);
  }
  *out = decoder->sink->scalar(decoder->sink->context, kind, value);
  return *out != NULL ? HW_OK : callback_failed(err);
}

static hw_status decode_list(hw_decoder *decoder, const hw_type *type, const hw_field *field,
                             hw_json value, void **out, hw_error *err) {
  const hw_sink *sink = decoder->sink;
  bool array = value.tape != NULL && hw_json_tag(value) == '[';
  size_t index = 0;
  void *list = sink->list(sink->context, value.tape == NULL ? 0 : array ? hw_json_count(value) : 1);
  if (list == NULL) {
    return callback_failed(err);
  }
  if (value.tape == NULL) { /* a collection without items */
    *out = list;
    return HW_OK;
  }
  for (hw_json at = array ? hw_json_first(value) : value; !array || !hw_json_end(at);
       at = hw_json_next(at)) {
    void *item = NULL;
    hw_status status = decode_one(decoder, type, field, at, &item, err);
    if (status == HW_DECODE && decoder->mismatch.field == field &&
        decoder->mismatch.where[0] == '\0') {
      (void)snprintf(decoder->mismatch.where, sizeof decoder->mismatch.where, "[%zu]", index);
    }
    if (status == HW_OK && sink->item(sink->context, list, index, item) != 0) {
      status = callback_failed(err);
    }
    if (status != HW_OK) {
      sink->discard(sink->context, list);
      return status;
    }
    index++;
    if (!array) {
      break;
    }
  }
  *out = list;
  return HW_OK;
}

static hw_status decode_map(hw_decoder *decoder, const hw_type *type, const hw_field *field,
                            hw_json value, void **out, hw_error *err) {
  const hw_sink *sink = decoder->sink;
  void *map = sink->map(sink->context);
  if (map == NULL) {
    return callback_failed(err);
  }
  for (hw_json key = hw_json_first(value); !hw_json_end(key);) {
    hw_json at = hw_json_next(key);
    void *entry = NULL;
    hw_status status = decode_one(decoder, type, field, at, &entry, err);
    if (status == HW_DECODE && decoder->mismatch.field == field &&
        decoder->mismatch.where[0] == '\0') {
      hw_view text = hw_json_text(key);
      (void)snprintf(decoder->mismatch.where, sizeof decoder->mismatch.where, "['%.*s']",
                     (int)(text.len < 50 ? text.len : 50), text.ptr);
    }
    if (status == HW_OK && sink->entry(sink->context, map, hw_json_text(key), entry) != 0) {
      status = callback_failed(err);
    }
    if (status != HW_OK) {
      sink->discard(sink->context, map);
      return status;
    }
    key = hw_json_next(at);
  }
  *out = map;
  return HW_OK;
}

hw_status hw_decode_field(hw_decoder *decoder, const hw_type *type, const hw_field *field,
                          hw_json value, void **out, hw_error *err) {
  unsigned char tag = hw_json_tag(value);
  hw_json items;
  *out = NULL;
  if (field->shape == HW_SHAPE_ONE && field->kind == HW_KIND_ANY && (tag == '{' || tag == '[')) {
    *out = decoder->sink->keep(decoder->sink->context, value);
    return *out != NULL ? HW_OK : callback_failed(err);
  }
  if (field->shape == HW_SHAPE_ONE || tag == 'n') {
    return decode_one(decoder, type, field, value, out, err);
  }
  switch ((hw_shape)field->shape) {
  case HW_SHAPE_MAP:
    if (tag != '{') {
      return mismatch(decoder, type, field, value, "object", err);
    }
    return decode_map(decoder, type, field, value, out, err);
  case HW_SHAPE_COLLECTION:
    if (tag == '{') {
      if (!hw_json_member(value, hw_view_of("items"), &items) || hw_json_tag(items) == 'n') {
        items.tape = NULL;
      } else if (hw_json_tag(items) != '[') {
        return mismatch(decoder, type, field, items, "array of items", err);
      }
      return decode_list(decoder, type, field, items, out, err);
    }
    break;
  case HW_SHAPE_ONE_OR_LIST:
    return decode_list(decoder, type, field, value, out, err);
  default:
    break;
  }
  if (tag != '[') {
    return mismatch(decoder, type, field, value, "array", err);
  }
  return decode_list(decoder, type, field, value, out, err);
}

/* --- objects
 * --------------------------------------------------------------------------------------------- */

static bool is_constant(const hw_type *type, hw_view key) {
  for (size_t i = 0; i < type->constant_count; i++) {
    if (hw_view_equal(type->constants[i].key, key)) {
      return true;
    }
  }
  return false;
}

/* The field of a key at a position: the remembered one if the key is the same, else a search. */
static const hw_field *field_at(hw_decoder *decoder, const hw_type *type, size_t position,
                                hw_view key) {
  uint8_t *slot = NULL;
  size_t entry = type->index % MEMO_TYPES;
  if (position < MEMO_KEYS) {
    if (decoder->memo[entry].type != type) {
      decoder->memo[entry].type = type;
      memset(decoder->memo[entry].field, 0, sizeof decoder->memo[entry].field);
    }
    slot = &decoder->memo[entry].field[position];
    if (*slot < type->field_count && hw_view_equal(type->fields[*slot].key, key)) {
      return &type->fields[*slot];
    }
  }
  const hw_field *field = hw_field_find(type, key);
  if (slot != NULL && field != NULL) {
    *slot = (uint8_t)(field - type->fields);
  }
  return field;
}

static hw_status decode_member(hw_decoder *decoder, const hw_type *type, void *object,
                               size_t position, hw_view key, hw_json value, hw_error *err) {
  const hw_sink *sink = decoder->sink;
  const hw_field *field = field_at(decoder, type, position, key);
  if (field == NULL) {
    if (is_constant(type, key)) {
      return HW_OK;
    }
    return sink->unknown(sink->context, object, key, value) == 0 ? HW_OK : callback_failed(err);
  }
  if (field->access == HW_ACCESS_WRITE) {
    return HW_OK;
  }
  void *decoded = NULL;
  HW_TRY(hw_decode_field(decoder, type, field, value, &decoded, err));
  size_t index = (size_t)(field - type->fields);
  return sink->slot(sink->context, object, field, index, decoded) == 0 ? HW_OK
                                                                       : callback_failed(err);
}

/* Says what was found by its text, cut where it is long. */
static void name_value(hw_mismatch *at, hw_view text) {
  (void)snprintf(at->found, sizeof at->found, "'%.*s'", (int)(text.len < 60 ? text.len : 60),
                 text.ptr);
}

static hw_status unknown_variant(hw_decoder *decoder, const hw_type *type, hw_json key,
                                 hw_error *err) {
  char expected[160] = "";
  size_t len = 0;
  for (size_t i = 0; i < type->variant_count && len < sizeof expected; i++) {
    int added = snprintf(expected + len, sizeof expected - len, "%s%s", i == 0 ? "one of " : ", ",
                         type->variants[i].value.ptr);
    len += added > 0 ? (size_t)added : 0;
  }
  hw_status status =
      mismatch(decoder, type, hw_field_find(type, type->variant_key), key, expected, err);
  if (hw_json_tag(key) == '"') {
    name_value(&decoder->mismatch, hw_json_text(key));
  }
  return status;
}

/* Which class an object becomes; without the key, or with null, the type's own. */
static hw_status find_variant(hw_decoder *decoder, const hw_type *type, hw_json value,
                              size_t *variant, hw_error *err) {
  hw_json key;
  if (!hw_json_member(value, type->variant_key, &key) || hw_json_tag(key) == 'n') {
    return HW_OK;
  }
  for (size_t i = 0; i < type->variant_count && hw_json_tag(key) == '"'; i++) {
    if (hw_view_equal(type->variants[i].value, hw_json_text(key))) {
      *variant = i + 1;
      return HW_OK;
    }
  }
  return unknown_variant(decoder, type, key, err);
}

hw_status hw_decode_object(hw_decoder *decoder, const hw_type *type, hw_json value, void **out,
                           hw_error *err) {
  const hw_sink *sink = decoder->sink;
  size_t position = 0;
  *out = NULL;
  if (hw_json_tag(value) != '{') {
    return mismatch(decoder, type, NULL, value, "object", err);
  }
  size_t variant = 0;
  if (type->variant_count > 0) {
    HW_TRY(find_variant(decoder, type, value, &variant, err));
  }
  void *object = sink->begin(sink->context, type, variant);
  if (object == NULL) {
    return callback_failed(err);
  }
  for (hw_json key = hw_json_first(value); !hw_json_end(key); position++) {
    hw_json at = hw_json_next(key);
    hw_status status = decode_member(decoder, type, object, position, hw_json_text(key), at, err);
    if (status != HW_OK) {
      sink->discard(sink->context, object);
      return status;
    }
    key = hw_json_next(at);
  }
  *out = sink->end(sink->context, object);
  return *out != NULL ? HW_OK : callback_failed(err);
}

static const hw_case *case_of(const hw_union *union_, hw_json value) {
  hw_json key;
  if (hw_json_member(value, union_->key, &key)) {
    hw_view text = {"", 0};
    if (hw_json_tag(key) == '"') {
      text = hw_json_text(key);
    } else if (hw_json_type_of(key) == HW_JSON_BOOL) {
      text = hw_view_of(hw_json_bool(key) ? "true" : "false");
    }
    for (size_t i = 0; i < union_->case_count; i++) {
      if (hw_view_equal(union_->cases[i].value, text)) {
        return &union_->cases[i];
      }
    }
  }
  return union_->fallback;
}

static hw_status unknown_case(hw_decoder *decoder, const hw_union *union_, hw_json value,
                              hw_error *err) {
  hw_mismatch *at = &decoder->mismatch;
  hw_json key;
  size_t len = 0;
  char text[sizeof at->expected] = "";
  for (size_t i = 0; i < union_->case_count && len < sizeof text; i++) {
    int added = snprintf(text + len, sizeof text - len, "%s%s", i == 0 ? "" : ", ",
                         union_->cases[i].value.ptr);
    len += added > 0 ? (size_t)added : 0;
  }
  memset(at, 0, sizeof *at);
  memcpy(at->expected, text, sizeof text);
  at->union_ = union_;
  if (!hw_json_member(value, union_->key, &key)) {
    (void)snprintf(at->found, sizeof at->found, "no such key");
  } else if (hw_json_tag(key) == '"') {
    name_value(at, hw_json_text(key));
  } else {
    (void)snprintf(at->found, sizeof at->found, "%s", hw_json_type_text(key));
  }
  return hw_error_set(err, HW_DECODE, "%s.%s: expected one of %s, found %s", union_->name,
                      union_->key.ptr, at->expected, at->found);
}

hw_status hw_decode_union(hw_decoder *decoder, const hw_union *union_, hw_json value, void **out,
                          hw_error *err) {
  *out = NULL;
  if (hw_json_tag(value) != '{') {
    char expected[160];
    (void)snprintf(expected, sizeof expected, "object (%s)", union_->name);
    return mismatch(decoder, NULL, NULL, value, expected, err);
  }
  for (;;) {
    const hw_case *found = case_of(union_, value);
    if (found == NULL) {
      return unknown_case(decoder, union_, value, err);
    }
    if (!found->is_union) {
      return hw_decode_object(decoder, &decoder->registry->types[found->target], value, out, err);
    }
    union_ = &decoder->registry->unions[found->target];
  }
}

bool hw_json_is_collection(const hw_type *type, hw_json value) {
  hw_json count, items;
  if (hw_json_tag(value) != '{') {
    return false;
  }
  bool has_items = hw_json_member(value, hw_view_of("items"), &items) && hw_json_tag(items) == '[';
  bool has_count = hw_json_member(value, hw_view_of("count"), &count);
  if (type != NULL) {
    has_items = has_items && hw_field_find(type, hw_view_of("items")) == NULL;
    has_count = has_count && hw_field_find(type, hw_view_of("count")) == NULL;
  }
  return has_items || has_count;
}

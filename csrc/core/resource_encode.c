/*
 * resource_encode.c - writes the slots of resource objects as JSON text.
 */
#include "json_write.h"
#include "resource.h"

static hw_status callback_failed(hw_error *err) {
  return hw_error_set(err, HW_CALLBACK, "a value could not be read");
}

static hw_status write_key(hw_buf *out, bool *first, hw_view key, hw_error *err) {
  if (!*first) {
    HW_TRY(hw_buf_append_char(out, ',', err));
  }
  *first = false;
  HW_TRY(hw_json_write_string(out, key, err));
  return hw_buf_append_char(out, ':', err);
}

static hw_status write_list(hw_source *source, const hw_field *field, const hw_source_value *list,
                            hw_buf *out, hw_error *err) {
  HW_TRY(hw_buf_append_char(out, '[', err));
  for (size_t i = 0; i < list->count; i++) {
    hw_source_value item = {.tag = HW_SOURCE_NULL};
    if (i > 0) {
      HW_TRY(hw_buf_append_char(out, ',', err));
    }
    if (source->item(source->context, list->handle, i, field, &item) != 0) {
      return callback_failed(err);
    }
    HW_TRY(hw_encode_value(source, field, &item, out, err));
  }
  return hw_buf_append_char(out, ']', err);
}

/* Entries of a map, or the unknown keys of an object. */
static hw_status write_entries(hw_source *source, const hw_field *field, void *handle, bool extra,
                               bool *first, hw_buf *out, hw_error *err) {
  size_t cursor = 0;
  for (;;) {
    hw_view key = {"", 0};
    hw_source_value value = {.tag = HW_SOURCE_NULL};
    int more = source->entry(source->context, handle, extra, &cursor, field, &key, &value);
    if (more < 0) {
      return callback_failed(err);
    }
    if (more == 0) {
      return HW_OK;
    }
    HW_TRY(write_key(out, first, key, err));
    HW_TRY(hw_encode_value(source, field, &value, out, err));
  }
}

static hw_status write_collection(hw_source *source, const hw_field *field,
                                  const hw_source_value *list, hw_buf *out, hw_error *err) {
  HW_TRY(hw_buf_appendf(out, err, "{\"count\":%zu,\"items\":", list->count));
  HW_TRY(write_list(source, field, list, out, err));
  return hw_buf_append_char(out, '}', err);
}

static hw_status write_map(hw_source *source, const hw_field *field, const hw_source_value *map,
                           hw_buf *out, hw_error *err) {
  bool first = true;
  HW_TRY(hw_buf_append_char(out, '{', err));
  HW_TRY(write_entries(source, field, map->handle, false, &first, out, err));
  return hw_buf_append_char(out, '}', err);
}

static hw_status write_container(hw_source *source, const hw_field *field,
                                 const hw_source_value *value, hw_buf *out, hw_error *err) {
  hw_status status;
  if (source->depth == HW_JSON_MAX_DEPTH) {
    return hw_error_set(err, HW_LIMIT,
                        "nested more than %d levels deep, or a value that holds itself",
                        HW_JSON_MAX_DEPTH);
  }
  source->depth++;
  if (value->tag == HW_SOURCE_OBJECT) {
    status = hw_encode_object(source, value->type, value->handle, out, err);
  } else if (value->tag == HW_SOURCE_MAP) {
    status = write_map(source, field, value, out, err);
  } else {
    status = write_list(source, field, value, out, err);
  }
  source->depth--;
  return status;
}

hw_status hw_encode_value(hw_source *source, const hw_field *field, const hw_source_value *value,
                          hw_buf *out, hw_error *err) {
  switch (value->tag) {
  case HW_SOURCE_BOOL:
    if (field != NULL && field->kind == HW_KIND_FLAG) {
      return hw_json_write_string(out, field->words[value->boolean ? 1 : 0], err);
    }
    return hw_buf_append_str(out, value->boolean ? "true" : "false", err);
  case HW_SOURCE_INT:
    return hw_json_write_int(out, value->integer, err);
  case HW_SOURCE_FLOAT:
    return hw_json_write_float(out, value->real, err);
  case HW_SOURCE_TEXT:
    return hw_json_write_string(out, value->text, err);
  case HW_SOURCE_RAW:
    return hw_buf_append_view(out, value->text, err);
  case HW_SOURCE_OBJECT:
  case HW_SOURCE_LIST:
  case HW_SOURCE_MAP:
    return write_container(source, field, value, out, err);
  case HW_SOURCE_NULL:
    break;
  }
  return hw_buf_append_str(out, "null", err);
}

static bool is_true(const hw_source_value *value) {
  switch (value->tag) {
  case HW_SOURCE_BOOL:
    return value->boolean;
  case HW_SOURCE_INT:
    return value->integer != 0;
  case HW_SOURCE_FLOAT:
    return value->real != 0;
  case HW_SOURCE_TEXT:
    return value->text.len > 0;
  case HW_SOURCE_LIST:
  case HW_SOURCE_MAP:
    return value->count > 0;
  default:
    return value->tag != HW_SOURCE_NULL;
  }
}

static hw_status write_slot(hw_source *source, const hw_type *type, size_t index, void *object,
                            bool *first, hw_buf *out, hw_error *err) {
  const hw_field *field = &type->fields[index];
  hw_source_value value = {.tag = HW_SOURCE_NULL};
  if (field->send == HW_SEND_NEVER || field->key.len == 0) {
    return HW_OK;
  }
  if (source->slot(source->context, object, field, index, &value) != 0) {
    return callback_failed(err);
  }
  if (value.tag == HW_SOURCE_NULL && field->send != HW_SEND_ALWAYS) {
    return HW_OK;
  }
  if (field->send == HW_SEND_TRUE && !is_true(&value)) {
    return HW_OK;
  }
  HW_TRY(write_key(out, first, field->key, err));
  if (field->shape == HW_SHAPE_COLLECTION && value.tag == HW_SOURCE_LIST) {
    return write_collection(source, field, &value, out, err);
  }
  return hw_encode_value(source, field, &value, out, err);
}

hw_status hw_encode_object(hw_source *source, const hw_type *type, void *object, hw_buf *out,
                           hw_error *err) {
  bool first = true;
  HW_TRY(hw_buf_append_char(out, '{', err));
  for (size_t i = 0; i < type->field_count; i++) {
    HW_TRY(write_slot(source, type, i, object, &first, out, err));
  }
  for (size_t i = 0; i < type->constant_count; i++) {
    if (type->constants[i].json.len == 0) {
      continue;
    }
    HW_TRY(write_key(out, &first, type->constants[i].key, err));
    HW_TRY(hw_buf_append_view(out, type->constants[i].json, err));
  }
  HW_TRY(write_entries(source, NULL, object, true, &first, out, err));
  return hw_buf_append_char(out, '}', err);
}

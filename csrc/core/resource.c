/*
 * resource.c - finding types and fields in the rows.
 */
#include "resource.h"

const hw_type *hw_type_find(const hw_registry *registry, hw_view name) {
  size_t low = 0, high = registry->type_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    hw_view found = hw_view_of(registry->types[middle].name);
    size_t shared = found.len < name.len ? found.len : name.len;
    int order = memcmp(found.ptr, name.ptr, shared);
    if (order == 0 && found.len == name.len) {
      return &registry->types[middle];
    }
    if (order < 0 || (order == 0 && found.len < name.len)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return NULL;
}

const hw_field *hw_field_find(const hw_type *type, hw_view key) {
  if (key.len == 0) {
    return NULL;
  }
  for (size_t i = 0; i < type->field_count; i++) {
    if (hw_view_equal(type->fields[i].key, key)) {
      return &type->fields[i];
    }
  }
  /* Dicts that users hand in spell keys as the official client shows them. */
  for (size_t i = 0; i < type->field_count; i++) {
    const hw_field *field = &type->fields[i];
    if (field->key.len > 0 &&
        (hw_view_equal(field->snake, key) || hw_view_equal(hw_view_of(field->name), key))) {
      return field;
    }
  }
  return NULL;
}

const char *hw_kind_text(hw_kind kind) {
  switch (kind) {
  case HW_KIND_STR:
    return "string";
  case HW_KIND_INT:
    return "integer";
  case HW_KIND_FLOAT:
    return "number";
  case HW_KIND_BOOL:
    return "boolean";
  case HW_KIND_EPOCH:
    return "integer (milliseconds)";
  case HW_KIND_DATE:
    return "string (date)";
  case HW_KIND_JSON:
    return "string (JSON)";
  case HW_KIND_FLAG:
    return "string";
  case HW_KIND_OBJECT:
  case HW_KIND_UNION:
    return "object";
  case HW_KIND_ANY:
    break;
  }
  return "any value";
}

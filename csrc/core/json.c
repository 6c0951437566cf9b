/*
 * json.c - what json.h does without simdjson: walking, building documents, and finding the fault in
 * a bad text.
 */
#include "json.h"

#include <stdlib.h>

const char *hw_json_type_text(hw_json value) {
  switch (hw_json_type_of(value)) {
  case HW_JSON_OBJECT:
    return "object";
  case HW_JSON_ARRAY:
    return "array";
  case HW_JSON_STRING:
    return "string";
  case HW_JSON_INT:
  case HW_JSON_UINT:
  case HW_JSON_BIG:
    return "integer";
  case HW_JSON_FLOAT:
    return "number";
  case HW_JSON_BOOL:
    return "boolean";
  case HW_JSON_NULL:
    break;
  }
  return "null";
}

size_t hw_json_count(hw_json container) {
  /* The tape keeps 24 bits of the count; above that, members are counted. */
  size_t count = (size_t)((hw_json_payload(container) >> 32) & 0xFFFFFF);
  if (count < 0xFFFFFF) {
    return count;
  }
  bool object = hw_json_tag(container) == '{';
  count = 0;
  for (hw_json at = hw_json_first(container); !hw_json_end(at); at = hw_json_next(at)) {
    if (object) {
      at = hw_json_next(at);
    }
    count++;
  }
  return count;
}

bool hw_json_member(hw_json object, hw_view key, hw_json *out) {
  bool found = false;
  if (hw_json_tag(object) != '{') {
    return false;
  }
  for (hw_json at = hw_json_first(object); !hw_json_end(at);) {
    hw_json value = hw_json_next(at);
    if (hw_view_equal(hw_json_text(at), key)) {
      *out = value;
      found = true;
    }
    at = hw_json_next(value);
  }
  return found;
}

/* --- building
 * -------------------------------------------------------------------------------------------- */

static hw_status push(hw_json_builder *builder, unsigned char tag, uint64_t payload,
                      hw_error *err) {
  if (builder->len == builder->capacity) {
    size_t capacity = builder->capacity == 0 ? 64 : builder->capacity * 2;
    if (capacity > UINT32_MAX) {
      return hw_error_set(err, HW_LIMIT, "more than %u JSON values", UINT32_MAX);
    }
    uint64_t *tape = realloc(builder->tape, capacity * sizeof *tape);
    if (tape == NULL) {
      return hw_error_set(err, HW_NOMEM, "no memory for %zu JSON values", capacity);
    }
    builder->tape = tape;
    builder->capacity = capacity;
  }
  builder->tape[builder->len++] = ((uint64_t)tag << 56) | payload;
  return HW_OK;
}

static hw_status push_raw(hw_json_builder *builder, uint64_t word, hw_error *err) {
  HW_TRY(push(builder, 0, 0, err));
  builder->tape[builder->len - 1] = word;
  return HW_OK;
}

/* Counts a value of the container that is open. */
static void count_value(hw_json_builder *builder) {
  if (builder->depth > 0) {
    builder->members[builder->depth - 1]++;
  }
}

static hw_status push_text(hw_json_builder *builder, unsigned char tag, hw_view text,
                           hw_error *err) {
  if (text.len > UINT32_MAX) {
    return hw_error_set(err, HW_LIMIT, "JSON string of %zu bytes", text.len);
  }
  uint32_t len = (uint32_t)text.len;
  size_t at = builder->strings.len;
  HW_TRY(hw_buf_append(&builder->strings, &len, sizeof len, err));
  HW_TRY(hw_buf_append_view(&builder->strings, text, err));
  HW_TRY(hw_buf_append_char(&builder->strings, '\0', err));
  return push(builder, tag, at, err);
}

hw_status hw_json_builder_init(hw_json_builder *builder, hw_error *err) {
  memset(builder, 0, sizeof *builder);
  hw_buf_init(&builder->strings, HW_JSON_MAX_BYTES);
  return push(builder, 'r', 0, err);
}

void hw_json_builder_free(hw_json_builder *builder) {
  free(builder->tape);
  builder->tape = NULL;
  hw_buf_free(&builder->strings);
}

hw_status hw_json_build_null(hw_json_builder *builder, hw_error *err) {
  count_value(builder);
  return push(builder, 'n', 0, err);
}

hw_status hw_json_build_bool(hw_json_builder *builder, bool value, hw_error *err) {
  count_value(builder);
  return push(builder, value ? 't' : 'f', 0, err);
}

hw_status hw_json_build_int(hw_json_builder *builder, int64_t value, hw_error *err) {
  count_value(builder);
  HW_TRY(push(builder, 'l', 0, err));
  return push_raw(builder, (uint64_t)value, err);
}

hw_status hw_json_build_float(hw_json_builder *builder, double value, hw_error *err) {
  uint64_t word;
  memcpy(&word, &value, sizeof word);
  count_value(builder);
  HW_TRY(push(builder, 'd', 0, err));
  return push_raw(builder, word, err);
}

hw_status hw_json_build_string(hw_json_builder *builder, hw_view value, hw_error *err) {
  count_value(builder);
  return push_text(builder, '"', value, err);
}

hw_status hw_json_build_big(hw_json_builder *builder, hw_view digits, hw_error *err) {
  count_value(builder);
  return push_text(builder, 'b', digits, err);
}

hw_status hw_json_build_key(hw_json_builder *builder, hw_view key, hw_error *err) {
  return push_text(builder, '"', key, err);
}

hw_status hw_json_build_open(hw_json_builder *builder, bool object, hw_error *err) {
  if (builder->depth == HW_JSON_MAX_DEPTH) {
    return hw_error_set(err, HW_LIMIT, "JSON nested more than %d levels deep", HW_JSON_MAX_DEPTH);
  }
  count_value(builder);
  builder->open[builder->depth] = builder->len;
  builder->members[builder->depth] = 0;
  builder->depth++;
  return push(builder, object ? '{' : '[', 0, err);
}

hw_status hw_json_build_close(hw_json_builder *builder, hw_error *err) {
  size_t open = builder->open[--builder->depth];
  uint64_t count = builder->members[builder->depth];
  unsigned char tag = (unsigned char)(builder->tape[open] >> 56);
  HW_TRY(push(builder, tag == '{' ? '}' : ']', open, err));
  count = count > 0xFFFFFF ? 0xFFFFFF : count;
  builder->tape[open] |= (count << 32) | (uint64_t)(uint32_t)builder->len;
  return HW_OK;
}

hw_json hw_json_built(const hw_json_builder *builder) {
  hw_json root = {builder->tape, builder->strings.ptr, 1};
  return root;
}

/*
 * json_write.c - JSON text from values. Strings are copied in runs between the few bytes that need
 * an escape.
 */
#include "json_write.h"

#include <stdio.h>

static const char *short_escape(unsigned char c) {
  switch (c) {
  case '"':
    return "\\\"";
  case '\\':
    return "\\\\";
  case '\b':
    return "\\b";
  case '\f':
    return "\\f";
  case '\n':
    return "\\n";
  case '\r':
    return "\\r";
  case '\t':
    return "\\t";
  default:
    return NULL;
  }
}

hw_status hw_json_write_string(hw_buf *out, hw_view text, hw_error *err) {
  HW_TRY(hw_buf_append_char(out, '"', err));
  size_t run = 0;
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.ptr[i];
    bool surrogate = c == 0xED && text.len - i >= 3 && (unsigned char)text.ptr[i + 1] >= 0xA0;
    if (c >= 0x20 && c != '"' && c != '\\' && !surrogate) {
      continue;
    }
    if (i > run) {
      HW_TRY(hw_buf_append(out, text.ptr + run, i - run, err));
    }
    const char *escape = short_escape(c);
    if (surrogate) {
      unsigned second = (unsigned char)text.ptr[i + 1], third = (unsigned char)text.ptr[i + 2];
      HW_TRY(
          hw_buf_appendf(out, err, "\\u%04x", 0xD000u | ((second & 0x3Fu) << 6) | (third & 0x3Fu)));
      i += 2;
    } else if (escape != NULL) {
      HW_TRY(hw_buf_append_str(out, escape, err));
    } else {
      HW_TRY(hw_buf_appendf(out, err, "\\u%04x", c));
    }
    run = i + 1;
  }
  if (text.len > run) {
    HW_TRY(hw_buf_append(out, text.ptr + run, text.len - run, err));
  }
  return hw_buf_append_char(out, '"', err);
}

hw_status hw_json_write_int(hw_buf *out, long long number, hw_error *err) {
  char digits[24];
  int len = snprintf(digits, sizeof digits, "%lld", number);
  return hw_buf_append(out, digits, (size_t)len, err);
}

hw_status hw_json_write_float(hw_buf *out, double number, hw_error *err) {
  char digits[40];
  size_t len = hw_json_format_float(number, digits);
  return hw_buf_append(out, digits, len, err);
}

static hw_status write_container(hw_buf *out, hw_json value, hw_error *err) {
  bool object = hw_json_tag(value) == '{', first = true;
  HW_TRY(hw_buf_append_char(out, object ? '{' : '[', err));
  for (hw_json at = hw_json_first(value); !hw_json_end(at); at = hw_json_next(at)) {
    if (!first) {
      HW_TRY(hw_buf_append_char(out, ',', err));
    }
    first = false;
    if (object) {
      HW_TRY(hw_json_write_string(out, hw_json_text(at), err));
      HW_TRY(hw_buf_append_char(out, ':', err));
      at = hw_json_next(at);
    }
    HW_TRY(hw_json_write_value(out, at, err));
  }
  return hw_buf_append_char(out, object ? '}' : ']', err);
}

hw_status hw_json_write_value(hw_buf *out, hw_json value, hw_error *err) {
  switch (hw_json_type_of(value)) {
  case HW_JSON_OBJECT:
  case HW_JSON_ARRAY:
    return write_container(out, value, err);
  case HW_JSON_STRING:
    return hw_json_write_string(out, hw_json_text(value), err);
  case HW_JSON_BIG:
    return hw_buf_append_view(out, hw_json_text(value), err);
  case HW_JSON_INT:
    return hw_json_write_int(out, hw_json_int(value), err);
  case HW_JSON_UINT:
    return hw_buf_appendf(out, err, "%llu", (unsigned long long)hw_json_uint(value));
  case HW_JSON_FLOAT:
    return hw_json_write_float(out, hw_json_float(value), err);
  case HW_JSON_BOOL:
    return hw_buf_append_str(out, hw_json_bool(value) ? "true" : "false", err);
  case HW_JSON_NULL:
    break;
  }
  return hw_buf_append_str(out, "null", err);
}

/*
 * json.cpp - the one C++ file: simdjson behind the C interface of json.h.
 *
 * simdjson's DOM parser leaves a tape and a string store, which json.h walks in C. What it refuses
 * is scanned again by hw_json_locate, which says where the fault is; that costs nothing on the good
 * path.
 */
#include "json.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <new>

#include <simdjson.h>

static_assert(HW_JSON_PADDING >= simdjson::SIMDJSON_PADDING, "padding of the header is too small");

struct hw_json_parser {
  simdjson::dom::parser parser;
  size_t max_bytes;
  explicit hw_json_parser(size_t max) : parser(max), max_bytes(max) {}
};

hw_json_parser *hw_json_parser_new(size_t max_bytes) {
  return new (std::nothrow) hw_json_parser(max_bytes);
}

void hw_json_parser_free(hw_json_parser *parser) {
  delete parser;
}

size_t hw_json_parser_memory(const hw_json_parser *parser) {
  /* A tape word, a structural index and the string bytes for every byte of the largest document. */
  return parser->parser.capacity() * 14;
}

hw_status hw_json_parse(hw_json_parser *parser, const char *text, size_t len, size_t capacity,
                        hw_json *out, hw_error *err) {
  std::memset(out, 0, sizeof *out);
  if (len > parser->max_bytes) {
    return hw_error_set(err, HW_LIMIT, "JSON of %zu bytes, at most %zu are read", len,
                        parser->max_bytes);
  }
  if (len == 0) {
    return hw_error_set(err, HW_JSON, "empty text where JSON was expected");
  }
  size_t needed = len < 64 ? 64 : len;
  if (parser->parser.capacity() < needed || parser->parser.max_depth() != HW_JSON_MAX_DEPTH) {
    if (parser->parser.allocate(needed, HW_JSON_MAX_DEPTH) != simdjson::SUCCESS) {
      return hw_error_set(err, HW_NOMEM, "no memory for JSON of %zu bytes", len);
    }
  }
  bool padded = capacity >= len && capacity - len >= HW_JSON_PADDING;
  auto result = parser->parser.parse(reinterpret_cast<const uint8_t *>(text), len, !padded);
  switch (result.error()) {
  case simdjson::SUCCESS:
    out->tape = parser->parser.doc.tape.get();
    out->strings = reinterpret_cast<const char *>(parser->parser.doc.string_buf.get());
    out->at = 1;
    return HW_OK;
  case simdjson::MEMALLOC:
    return hw_error_set(err, HW_NOMEM, "no memory for JSON of %zu bytes", len);
  case simdjson::DEPTH_ERROR:
    return hw_error_set(err, HW_LIMIT, "JSON nested more than %d levels deep", HW_JSON_MAX_DEPTH);
  case simdjson::CAPACITY:
    return hw_error_set(err, HW_LIMIT, "JSON of %zu bytes is too large", len);
  default:
    break;
  }
  hw_status located = hw_json_locate(text, len, err);
  if (located != HW_OK) {
    return located;
  }
  return hw_error_set(err, HW_JSON, "JSON with a number or text that cannot be held: %s",
                      simdjson::error_message(result.error()));
}

size_t hw_json_format_float(double number, char *out) {
  if (std::isnan(number)) {
    std::memcpy(out, "NaN", 4);
    return 3;
  }
  if (std::isinf(number)) {
    const char *text = number < 0 ? "-Infinity" : "Infinity";
    size_t len = std::strlen(text);
    std::memcpy(out, text, len + 1);
    return len;
  }
  auto result = std::to_chars(out, out + 32, number);
  size_t len = static_cast<size_t>(result.ptr - out);
  bool plain = true;
  for (size_t i = 0; i < len; i++) {
    if (out[i] == '.' || out[i] == 'e') {
      plain = false;
    }
  }
  if (plain) {
    out[len++] = '.';
    out[len++] = '0';
  }
  out[len] = '\0';
  return len;
}

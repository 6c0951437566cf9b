/*
 * json.h - reading JSON: a document parsed once, then walked without copies.
 *
 * hw_json_parser wraps simdjson (json.cpp is the one C++ file). A parsed document is a tape of
 * 64-bit words and a store of strings; hw_json is a position on it, passed by value.
 * hw_json_builder makes the same kind of document from values that are in memory already, so that
 * every reader knows one form only. A parser or builder serves one thread at a time; its document
 * lives until the next parse or the release.
 */
#ifndef HW_JSON_H
#define HW_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "buf.h"
#include "error.h"

/* A place in a document (borrowed from its parser or builder). */
typedef struct hw_json {
  const uint64_t *tape;
  const char *strings;
  size_t at;
} hw_json;

typedef enum hw_json_type {
  HW_JSON_NULL,
  HW_JSON_BOOL,
  HW_JSON_INT,  /* fits int64_t */
  HW_JSON_UINT, /* fits uint64_t only */
  HW_JSON_BIG,  /* an integer beyond 64 bits, kept as text */
  HW_JSON_FLOAT,
  HW_JSON_STRING,
  HW_JSON_ARRAY,
  HW_JSON_OBJECT
} hw_json_type;

enum { HW_JSON_PADDING = 64, HW_JSON_MAX_DEPTH = 512 };
static const size_t HW_JSON_MAX_BYTES = (size_t)1 << 30;

typedef struct hw_json_parser hw_json_parser;

/* Owned by the caller; NULL without memory. */
hw_json_parser *hw_json_parser_new(size_t max_bytes);
void hw_json_parser_free(hw_json_parser *parser);
/* Bytes that the parser keeps for the next document. */
size_t hw_json_parser_memory(const hw_json_parser *parser);

/*
 * Parses a whole document. `capacity` is how many bytes may be read from `text` on; when it exceeds
 * `len` by HW_JSON_PADDING, the text is not copied. The text is not needed afterwards. HW_JSON:
 * malformed, and the message names line and column. HW_LIMIT: too large or too deep.
 */
hw_status hw_json_parse(hw_json_parser *parser, const char *text, size_t len, size_t capacity,
                        hw_json *out, hw_error *err) HW_MUST_CHECK;

/* Finds the first fault of a text: byte offset, line and column (from 1) and what was expected.
   HW_OK when the text is good JSON; numbers that no 64-bit type holds are good. */
hw_status hw_json_locate(const char *text, size_t len, hw_error *err);

/* "null", "boolean", "integer", "number", "string", "array" or "object"; static. */
const char *hw_json_type_text(hw_json value);

/* Shortest text that reads back as the same number, always with a point or an exponent; NaN and
   infinities as Python writes them. `out` has 40 bytes. Returns the length. */
size_t hw_json_format_float(double number, char *out);

/* --- walking: the tape of simdjson, with one more tag 'b' for big integers
 * ------------------------------- */

static inline unsigned char hw_json_tag(hw_json value) {
  return (unsigned char)(value.tape[value.at] >> 56);
}

static inline uint64_t hw_json_payload(hw_json value) {
  return value.tape[value.at] & 0x00FFFFFFFFFFFFFFu;
}

static inline hw_json_type hw_json_type_of(hw_json value) {
  switch (hw_json_tag(value)) {
  case '{':
    return HW_JSON_OBJECT;
  case '[':
    return HW_JSON_ARRAY;
  case '"':
    return HW_JSON_STRING;
  case 'l':
    return HW_JSON_INT;
  case 'u':
    return HW_JSON_UINT;
  case 'b':
    return HW_JSON_BIG;
  case 'd':
    return HW_JSON_FLOAT;
  case 't':
  case 'f':
    return HW_JSON_BOOL;
  default:
    return HW_JSON_NULL;
  }
}

/* The value behind this one. */
static inline hw_json hw_json_next(hw_json value) {
  switch (hw_json_tag(value)) {
  case '{':
  case '[':
    value.at = (size_t)(uint32_t)hw_json_payload(value);
    break;
  case 'l':
  case 'u':
  case 'd':
    value.at += 2;
    break;
  default:
    value.at += 1;
  }
  return value;
}

/* First child of an array, or first key of an object; hw_json_end tells when a container is over.
 */
static inline hw_json hw_json_first(hw_json container) {
  container.at += 1;
  return container;
}

static inline bool hw_json_end(hw_json value) {
  unsigned char tag = hw_json_tag(value);
  return tag == ']' || tag == '}';
}

/* Members of an array or object. */
size_t hw_json_count(hw_json container);

/* Text of a string, key or big integer. */
static inline hw_view hw_json_text(hw_json value) {
  const char *at = value.strings + hw_json_payload(value);
  uint32_t len;
  memcpy(&len, at, sizeof len);
  hw_view view = {at + sizeof len, len};
  return view;
}

static inline bool hw_json_bool(hw_json value) {
  return hw_json_tag(value) == 't';
}
static inline int64_t hw_json_int(hw_json value) {
  return (int64_t)value.tape[value.at + 1];
}
static inline uint64_t hw_json_uint(hw_json value) {
  return value.tape[value.at + 1];
}
static inline double hw_json_float(hw_json value) {
  double number;
  memcpy(&number, &value.tape[value.at + 1], sizeof number);
  return number;
}

/* The value of a key; false when the object has none. The last of equal keys counts. */
bool hw_json_member(hw_json object, hw_view key, hw_json *out);

/* --- building
 * -------------------------------------------------------------------------------------------- */

typedef struct hw_json_builder {
  uint64_t *tape; /* owned */
  size_t len, capacity;
  hw_buf strings;
  size_t depth;
  size_t open[HW_JSON_MAX_DEPTH]; /* where each open container begins */
  uint32_t members[HW_JSON_MAX_DEPTH];
} hw_json_builder;

hw_status hw_json_builder_init(hw_json_builder *builder, hw_error *err) HW_MUST_CHECK;
void hw_json_builder_free(hw_json_builder *builder);
hw_status hw_json_build_null(hw_json_builder *builder, hw_error *err) HW_MUST_CHECK;
hw_status hw_json_build_bool(hw_json_builder *builder, bool value, hw_error *err) HW_MUST_CHECK;
hw_status hw_json_build_int(hw_json_builder *builder, int64_t value, hw_error *err) HW_MUST_CHECK;
hw_status hw_json_build_float(hw_json_builder *builder, double value, hw_error *err) HW_MUST_CHECK;
hw_status hw_json_build_string(hw_json_builder *builder, hw_view value,
                               hw_error *err) HW_MUST_CHECK;
/* Decimal digits of an integer of any size. */
hw_status hw_json_build_big(hw_json_builder *builder, hw_view digits, hw_error *err) HW_MUST_CHECK;
/* A key must be followed by its value. */
hw_status hw_json_build_key(hw_json_builder *builder, hw_view key, hw_error *err) HW_MUST_CHECK;
hw_status hw_json_build_open(hw_json_builder *builder, bool object, hw_error *err) HW_MUST_CHECK;
hw_status hw_json_build_close(hw_json_builder *builder, hw_error *err) HW_MUST_CHECK;
/* The document, once one whole value has been built. */
hw_json hw_json_built(const hw_json_builder *builder);

/* --- freezing: a value on its own, in little memory, until somebody reads it
 * -------------------------------------------------------------------------------------------- */

typedef struct hw_json_extent {
  size_t size; /* bytes of the frozen value */
  size_t words, marks;
  const char *strings; /* borrowed from the document; NULL without any */
  size_t strings_len;
} hw_json_extent;

hw_json_extent hw_json_measure(hw_json value);
/* Writes extent->size bytes to `out`; they hold all of the value and are read by this program only.
   `extent` is what hw_json_measure() says of the same value. */
void hw_json_freeze(hw_json value, const hw_json_extent *extent, char *out);
/* A document of frozen bytes. Its strings are borrowed from them; *tape is owned by the caller:
 * free(). */
hw_status hw_json_thaw(const char *frozen, uint64_t **tape, hw_json *out,
                       hw_error *err) HW_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif

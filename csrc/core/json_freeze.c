/*
 * json_freeze.c - a value of a document on its own, small, and back to a document when it is read.
 *
 * Frozen bytes: two 32-bit counts (words of the tape, bytes of marks), the marks, the strings. A
 * mark is the tag of a value; behind it stand eight bytes where a number or a container has them.
 * Strings lie in the order of their values, as in every document, so no mark says where.
 */
#include <stdlib.h>

#include "json.h"

enum { HEAD = 2 * sizeof(uint32_t), OPERAND = sizeof(uint64_t) };

hw_json_extent hw_json_measure(hw_json value) {
  hw_json_extent found = {.words = hw_json_next(value).at - value.at};
  hw_json at = value, last = value;
  for (size_t end = value.at + found.words; at.at < end;) {
    switch (hw_json_tag(at)) {
    case 'l':
    case 'u':
    case 'd':
      found.marks += OPERAND;
      at.at++;
      break;
    case '{':
    case '[':
      found.marks += OPERAND;
      break;
    case '"':
    case 'b':
      if (found.strings == NULL) {
        found.strings = at.strings + hw_json_payload(at);
      }
      last = at;
      break;
    default:
      break;
    }
    found.marks++;
    at.at++;
  }
  if (found.strings != NULL) {
    hw_view text = hw_json_text(last);
    found.strings_len = (size_t)(text.ptr + text.len + 1 - found.strings);
  }
  found.size = HEAD + found.marks + found.strings_len;
  return found;
}

static char *put(char *out, const void *from, size_t len) {
  memcpy(out, from, len);
  return out + len;
}

void hw_json_freeze(hw_json value, const hw_json_extent *extent, char *out) {
  uint32_t head[2] = {(uint32_t)extent->words, (uint32_t)extent->marks};
  out = put(out, head, sizeof head);
  hw_json at = value;
  for (size_t end = value.at + extent->words; at.at < end; at.at++) {
    unsigned char tag = hw_json_tag(at);
    *out++ = (char)tag;
    if (tag == '{' || tag == '[') { /* where it ends is told from the beginning of the value */
      uint64_t operand = hw_json_payload(at) - value.at;
      out = put(out, &operand, OPERAND);
    } else if (tag == 'l' || tag == 'u' || tag == 'd') {
      at.at++;
      out = put(out, &at.tape[at.at], OPERAND);
    }
  }
  if (extent->strings != NULL) {
    (void)put(out, extent->strings, extent->strings_len);
  }
}

hw_status hw_json_thaw(const char *frozen, uint64_t **tape, hw_json *out, hw_error *err) {
  uint32_t head[2];
  memcpy(head, frozen, sizeof head);
  const char *mark = frozen + HEAD, *strings = mark + head[1];
  uint64_t *words = malloc(head[0] * sizeof *words);
  size_t offset = 0;
  if (words == NULL) {
    return hw_error_set(err, HW_NOMEM, "no memory for %u JSON values", (unsigned)head[0]);
  }
  for (size_t i = 0; i < head[0]; i++) {
    unsigned char tag = (unsigned char)*mark++;
    uint64_t operand = 0;
    bool number = tag == 'l' || tag == 'u' || tag == 'd';
    if (number || tag == '{' || tag == '[') {
      memcpy(&operand, mark, OPERAND);
      mark += OPERAND;
    } else if (tag == '"' || tag == 'b') {
      uint32_t len;
      operand = offset;
      memcpy(&len, strings + offset, sizeof len);
      offset += sizeof len + len + 1;
    }
    words[i] = ((uint64_t)tag << 56) | (number ? 0 : operand);
    if (number) {
      words[++i] = operand;
    }
  }
  *tape = words;
  *out = (hw_json){words, strings, 0};
  return HW_OK;
}

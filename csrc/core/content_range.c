#include "content_range.h"

#include <string.h>

/* Takes a number off the front; it must fit 63 bits, as file offsets do. */
static bool take_number(hw_view *text, uint64_t *out) {
  uint64_t number = 0;
  size_t digits = 0;
  while (digits < text->len && text->ptr[digits] >= '0' && text->ptr[digits] <= '9') {
    uint64_t digit = (uint64_t)(text->ptr[digits] - '0');
    if (number > ((uint64_t)INT64_MAX - digit) / 10) {
      return false;
    }
    number = number * 10 + digit;
    digits++;
  }
  text->ptr += digits;
  text->len -= digits;
  *out = number;
  return digits > 0;
}

static bool take_word(hw_view *text, const char *word) {
  size_t len = strlen(word);
  if (text->len < len || memcmp(text->ptr, word, len) != 0) {
    return false;
  }
  text->ptr += len;
  text->len -= len;
  return true;
}

bool hw_content_range_parse(hw_view value, hw_content_range *out) {
  uint64_t last = 0;
  *out = (hw_content_range){0};
  if (!take_word(&value, "bytes ") || !take_number(&value, &out->begin) ||
      !take_word(&value, "-") || !take_number(&value, &last) || !take_word(&value, "/") ||
      !take_number(&value, &out->total) || value.len != 0) {
    return false;
  }
  out->end = last + 1;
  return out->begin <= last && out->end <= out->total;
}

/*
 * json_locate.c - finds the first fault of a JSON text.
 *
 * simdjson says that a text is bad, not where. This scanner runs only then; it follows RFC 8259
 * byte by byte with an explicit stack, so that no depth of nesting can exhaust the machine's.
 */
#include "json.h"

#include <stdio.h>

typedef struct scanner {
  const char *text;
  size_t len;
  size_t at;
  size_t depth;
  unsigned char open[HW_JSON_MAX_DEPTH];
} scanner;

static int peek(const scanner *s) {
  return s->at < s->len ? (unsigned char)s->text[s->at] : -1;
}

static void skip_space(scanner *s) {
  while (s->at < s->len && strchr(" \t\r\n", s->text[s->at]) != NULL && s->text[s->at] != '\0') {
    s->at++;
  }
}

static hw_status fault(const scanner *s, hw_error *err, const char *expected) {
  size_t line = 1, column = 1;
  for (size_t i = 0; i < s->at && i < s->len; i++) {
    if (s->text[i] == '\n') {
      line++;
      column = 1;
    } else {
      column++;
    }
  }
  char found[24] = "the end of the text";
  int c = peek(s);
  if (c > 0x20 && c < 0x7F) {
    (void)snprintf(found, sizeof found, "'%c'", c);
  } else if (c >= 0) {
    (void)snprintf(found, sizeof found, "byte 0x%02x", (unsigned)c);
  }
  return hw_error_set(err, HW_JSON,
                      "malformed JSON at line %zu, column %zu (byte %zu): expected %s, found %s",
                      line, column, s->at, expected, found);
}

static bool is_digit(int c) {
  return c >= '0' && c <= '9';
}

static bool is_hex(int c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Bytes of the UTF-8 sequence at the position, 0 when it is none. */
static size_t utf8_len(const scanner *s) {
  const unsigned char *p = (const unsigned char *)s->text + s->at;
  size_t left = s->len - s->at;
  if (p[0] < 0x80) {
    return 1;
  }
  size_t len = p[0] >= 0xC2 && p[0] <= 0xDF   ? 2
               : (p[0] & 0xF0) == 0xE0        ? 3
               : p[0] >= 0xF0 && p[0] <= 0xF4 ? 4
                                              : 0;
  if (len == 0 || len > left) {
    return 0;
  }
  for (size_t i = 1; i < len; i++) {
    if ((p[i] & 0xC0) != 0x80) {
      return 0;
    }
  }
  bool overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
  bool surrogate = p[0] == 0xED && p[1] >= 0xA0;
  bool beyond = p[0] == 0xF4 && p[1] >= 0x90;
  return overlong || surrogate || beyond ? 0 : len;
}

static hw_status scan_string(scanner *s, hw_error *err) {
  s->at++;
  for (;;) {
    int c = peek(s);
    if (c < 0) {
      return fault(s, err, "'\"' at the end of a string");
    }
    if (c == '"') {
      s->at++;
      return HW_OK;
    }
    if (c < 0x20) {
      return fault(s, err, "an escape in place of a control character");
    }
    if (c == '\\') {
      s->at++;
      c = peek(s);
      if (c == 'u') {
        for (int i = 0; i < 4; i++) {
          s->at++;
          if (!is_hex(peek(s))) {
            return fault(s, err, "four hexadecimal digits");
          }
        }
      } else if (c <= 0 || strchr("\"\\/bfnrt", c) == NULL) {
        return fault(s, err, "an escape letter");
      }
      s->at++;
      continue;
    }
    size_t len = utf8_len(s);
    if (len == 0) {
      return fault(s, err, "UTF-8");
    }
    s->at += len;
  }
}

static hw_status scan_digits(scanner *s, hw_error *err) {
  if (!is_digit(peek(s))) {
    return fault(s, err, "a digit");
  }
  while (is_digit(peek(s))) {
    s->at++;
  }
  return HW_OK;
}

static hw_status scan_number(scanner *s, hw_error *err) {
  if (peek(s) == '-') {
    s->at++;
  }
  if (peek(s) == '0') {
    s->at++;
  } else {
    HW_TRY(scan_digits(s, err));
  }
  if (peek(s) == '.') {
    s->at++;
    HW_TRY(scan_digits(s, err));
  }
  if (peek(s) == 'e' || peek(s) == 'E') {
    s->at++;
    if (peek(s) == '+' || peek(s) == '-') {
      s->at++;
    }
    HW_TRY(scan_digits(s, err));
  }
  return HW_OK;
}

static bool scan_word(scanner *s, const char *word) {
  size_t len = strlen(word);
  if (s->len - s->at < len || memcmp(s->text + s->at, word, len) != 0) {
    return false;
  }
  s->at += len;
  return true;
}

/* A key with its colon. */
static hw_status scan_key(scanner *s, hw_error *err) {
  if (peek(s) != '"') {
    return fault(s, err, "a key in double quotes");
  }
  HW_TRY(scan_string(s, err));
  skip_space(s);
  if (peek(s) != ':') {
    return fault(s, err, "':'");
  }
  s->at++;
  skip_space(s);
  return HW_OK;
}

/* Opens a container; `*empty` tells whether it was closed again at once. */
static hw_status scan_open(scanner *s, bool *empty, hw_error *err) {
  unsigned char open = (unsigned char)s->text[s->at];
  if (s->depth == HW_JSON_MAX_DEPTH) {
    return hw_error_set(err, HW_LIMIT, "JSON nested more than %d levels deep", HW_JSON_MAX_DEPTH);
  }
  s->at++;
  skip_space(s);
  *empty = peek(s) == (open == '{' ? '}' : ']');
  if (*empty) {
    s->at++;
    return HW_OK;
  }
  s->open[s->depth++] = open;
  return open == '{' ? scan_key(s, err) : HW_OK;
}

/* What stands behind a value: closes containers, or steps to the next member. */
static hw_status scan_behind(scanner *s, hw_error *err) {
  for (;;) {
    skip_space(s);
    if (s->depth == 0) {
      return s->at == s->len ? HW_OK : fault(s, err, "nothing more");
    }
    bool object = s->open[s->depth - 1] == '{';
    int c = peek(s);
    if (c == (object ? '}' : ']')) {
      s->at++;
      s->depth--;
      continue;
    }
    if (c != ',') {
      return fault(s, err, object ? "',' or '}'" : "',' or ']'");
    }
    s->at++;
    skip_space(s);
    return object ? scan_key(s, err) : HW_OK;
  }
}

hw_status hw_json_locate(const char *text, size_t len, hw_error *err) {
  scanner s = {.text = text, .len = len};
  skip_space(&s);
  do {
    int c = peek(&s);
    bool closed = true;
    if (c == '{' || c == '[') {
      HW_TRY(scan_open(&s, &closed, err));
      if (!closed) {
        continue;
      }
    } else if (c == '"') {
      HW_TRY(scan_string(&s, err));
    } else if (c == '-' || is_digit(c)) {
      HW_TRY(scan_number(&s, err));
    } else if (!scan_word(&s, "true") && !scan_word(&s, "false") && !scan_word(&s, "null")) {
      return fault(&s, err, "a value");
    }
    HW_TRY(scan_behind(&s, err));
  } while (s.depth > 0 || s.at < s.len);
  return HW_OK;
}

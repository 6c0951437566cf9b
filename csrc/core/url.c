#include "url.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

static const char hex_digits[] = "0123456789ABCDEF";
static const char segment_marks[] = "-._~+;:,@()";
static const char query_marks[] = "-._~";

/* Not isalnum(): its answer depends on the locale. */
static bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static hw_status append_quoted(hw_buf *out, hw_view text, const char *marks, bool plus,
                               hw_error *err) {
  if (text.len > out->max / 3) {
    return hw_error_set(err, HW_LIMIT, "a URL part of %zu bytes is too long", text.len);
  }
  /* Room for the worst case, so that the loop below writes without checks. */
  HW_TRY(hw_buf_reserve(out, text.len * 3, err));
  char *to = out->ptr + out->len;
  for (size_t i = 0; i < text.len; i++) {
    char c = text.ptr[i];
    if (is_plain(c) || (c != '\0' && strchr(marks, c) != NULL)) {
      *to++ = c;
    } else if (plus && c == ' ') {
      *to++ = '+';
    } else {
      unsigned char byte = (unsigned char)c;
      *to++ = '%';
      *to++ = hex_digits[byte >> 4];
      *to++ = hex_digits[byte & 15];
    }
  }
  *to = '\0';
  out->len = (size_t)(to - out->ptr);
  return HW_OK;
}

hw_status hw_url_append_segment(hw_buf *out, hw_view segment, hw_error *err) {
  return append_quoted(out, segment, segment_marks, false, err);
}

hw_status hw_url_append_query(hw_buf *out, hw_view text, hw_error *err) {
  return append_quoted(out, text, query_marks, true, err);
}

static hw_status copy_part(CURLU *parsed, CURLUPart part, unsigned flags, char *into, size_t room) {
  char *text = NULL;
  if (curl_url_get(parsed, part, &text, flags) != CURLUE_OK || text == NULL) {
    return HW_ARGUMENT;
  }
  size_t len = strlen(text);
  hw_status status = len < room ? HW_OK : HW_ARGUMENT;
  if (status == HW_OK) {
    for (size_t i = 0; i < room; i++) {
      into[i] = i < len ? (char)tolower((unsigned char)text[i]) : '\0';
    }
  }
  curl_free(text);
  return status;
}

hw_status hw_origin_parse(const char *url, hw_origin *out, hw_error *err) {
  *out = (hw_origin){0};
  char scheme[8];
  char port[8];
  char *user = NULL;
  hw_status status = HW_OK;
  CURLU *parsed = curl_url();
  if (parsed == NULL) {
    return hw_error_set(err, HW_NOMEM, "no memory to read a URL");
  }
  CURLUcode code = curl_url_set(parsed, CURLUPART_URL, url, 0);
  /* From here on the URL may hold a password, so messages name at most its host. */
  if (code != CURLUE_OK) {
    status = hw_error_set(err, HW_ARGUMENT,
                          "the address is not a URL (%s); it looks like https://host:443",
                          curl_url_strerror(code));
    goto done;
  }
  if (copy_part(parsed, CURLUPART_HOST, 0, out->host, sizeof out->host) != HW_OK ||
      out->host[0] == '\0') {
    status = hw_error_set(err, HW_ARGUMENT,
                          "the address names no host; it looks like "
                          "https://host:443");
    goto done;
  }
  if (curl_url_get(parsed, CURLUPART_USER, &user, 0) == CURLUE_OK) {
    status = hw_error_set(err, HW_ARGUMENT,
                          "the address of %s holds a user name; give credentials as an API key",
                          out->host);
    goto done;
  }
  if (copy_part(parsed, CURLUPART_SCHEME, 0, scheme, sizeof scheme) != HW_OK ||
      (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)) {
    status =
        hw_error_set(err, HW_ARGUMENT, "the address of %s is neither http nor https", out->host);
    goto done;
  }
  out->tls = scheme[4] == 's';
  if (copy_part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port) != HW_OK) {
    status = hw_error_set(err, HW_ARGUMENT, "the address of %s has no valid port", out->host);
    goto done;
  }
  out->port = (int)strtol(port, NULL, 10);
  if (out->port == 0) { /* curl lets it pass, but nobody can listen there */
    status = hw_error_set(err, HW_ARGUMENT, "the address of %s has no valid port", out->host);
  }
done:
  curl_free(user);
  curl_url_cleanup(parsed);
  return status;
}

bool hw_origin_equal(const hw_origin *a, const hw_origin *b) {
  return a->tls == b->tls && a->port == b->port && strcmp(a->host, b->host) == 0;
}

static hw_status check_bytes(const char *url, hw_error *err) {
  for (const char *c = url; *c != '\0'; c++) {
    unsigned char byte = (unsigned char)*c;
    if (byte <= ' ' || byte >= 127 || byte == '#') {
      return hw_error_set(err, HW_ARGUMENT,
                          "the request path holds a byte that must be quoted (position %zu)",
                          (size_t)(c - url));
    }
  }
  return HW_OK;
}

hw_status hw_url_check_path(const char *url, hw_error *err) {
  if (url == NULL || url[0] != '/') {
    return hw_error_set(err, HW_ARGUMENT, "a request path begins with \"/\"");
  }
  return check_bytes(url, err);
}

hw_status hw_url_check_absolute(const char *url, hw_origin *out, hw_error *err) {
  HW_TRY(hw_origin_parse(url, out, err));
  return check_bytes(url, err);
}

hw_status hw_url_check_proxy(const char *proxy, hw_error *err) {
  static const char *const schemes[] = {"http", "https", "socks4", "socks4a", "socks5", "socks5h"};
  char scheme[8];
  char host[HW_URL_HOST_MAX];
  bool known = false;
  CURLU *parsed = curl_url();
  if (parsed == NULL) {
    return hw_error_set(err, HW_NOMEM, "no memory to read a URL");
  }
  unsigned flags = CURLU_NON_SUPPORT_SCHEME | CURLU_DEFAULT_SCHEME;
  if (curl_url_set(parsed, CURLUPART_URL, proxy, flags) == CURLUE_OK &&
      copy_part(parsed, CURLUPART_SCHEME, CURLU_DEFAULT_SCHEME, scheme, sizeof scheme) == HW_OK &&
      copy_part(parsed, CURLUPART_HOST, 0, host, sizeof host) == HW_OK) {
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
      known = known || strcmp(scheme, schemes[i]) == 0;
    }
  }
  curl_url_cleanup(parsed);
  return known ? HW_OK
               : hw_error_set(err, HW_ARGUMENT,
                              "the address of the proxy cannot be used; it looks like "
                              "http://host:3128");
}

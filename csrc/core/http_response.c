#include "http_response.h"

#include <string.h>
#include <strings.h>

enum { HEAD_MAX = 256 * 1024, LOCATION_MAX = 64 * 1024 };

void hw_http_response_init(hw_http_response *response) {
  *response = (hw_http_response){.content_length = -1};
  hw_buf_init(&response->head, HEAD_MAX);
  hw_buf_init(&response->body, 0);
  hw_buf_init(&response->location, LOCATION_MAX);
}

void hw_http_response_free(hw_http_response *response) {
  if (response != NULL) {
    hw_buf_free(&response->head);
    hw_buf_free(&response->body);
    hw_buf_free(&response->location);
  }
}

void hw__http_response_reset(hw_http_response *response) {
  response->status = 0;
  response->reason[0] = '\0';
  response->content_length = -1;
  hw_buf_clear(&response->head);
  hw_buf_clear(&response->body);
}

static hw_view trimmed(hw_view text) {
  while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t')) {
    text.ptr++;
    text.len--;
  }
  while (text.len > 0 && strchr(" \t\r\n", text.ptr[text.len - 1]) != NULL) {
    text.len--;
  }
  return text;
}

/* "HTTP/1.1 404 Not Found" */
static hw_status read_status_line(hw_http_response *response, hw_view line, hw_error *err) {
  hw__http_response_reset(response);
  const char *space = memchr(line.ptr, ' ', line.len);
  if (space == NULL) {
    return hw_error_set(err, HW_PROTOCOL, "the answer begins with no HTTP status");
  }
  hw_view rest = trimmed((hw_view){.ptr = space, .len = line.len - (size_t)(space - line.ptr)});
  size_t digits = 0;
  while (digits < rest.len && digits < 3 && rest.ptr[digits] >= '0' && rest.ptr[digits] <= '9') {
    response->status = response->status * 10 + (rest.ptr[digits++] - '0');
  }
  if (digits != 3) {
    return hw_error_set(err, HW_PROTOCOL, "the answer begins with no HTTP status");
  }
  hw_view reason = trimmed((hw_view){.ptr = rest.ptr + digits, .len = rest.len - digits});
  size_t room = sizeof response->reason - 1;
  size_t len = reason.len < room ? reason.len : room;
  memcpy(response->reason, reason.ptr, len);
  response->reason[len] = '\0';
  return HW_OK;
}

hw_status hw__http_response_line(hw_http_response *response, hw_view line, hw_error *err) {
  if (line.len > 5 && memcmp(line.ptr, "HTTP/", 5) == 0) {
    return read_status_line(response, trimmed(line), err);
  }
  hw_view text = trimmed(line);
  if (text.len == 0) {
    return HW_OK;
  }
  HW_TRY(hw_buf_append_view(&response->head, text, err));
  return hw_buf_append_char(&response->head, '\n', err);
}

bool hw_http_response_next(const hw_http_response *response, size_t *at, hw_view *name,
                           hw_view *value) {
  while (*at < response->head.len) {
    const char *line = response->head.ptr + *at;
    const char *end = memchr(line, '\n', response->head.len - *at);
    size_t len = end == NULL ? response->head.len - *at : (size_t)(end - line);
    const char *colon = memchr(line, ':', len);
    *at += len + 1;
    if (colon != NULL) {
      size_t name_len = (size_t)(colon - line);
      *name = (hw_view){.ptr = line, .len = name_len};
      *value = trimmed((hw_view){.ptr = colon + 1, .len = len - name_len - 1});
      return true;
    }
  }
  return false;
}

hw_view hw_http_response_header(const hw_http_response *response, const char *name) {
  size_t name_len = strlen(name);
  const char *at = response->head.ptr;
  const char *end = at == NULL ? NULL : at + response->head.len;
  while (at < end) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const char *line_end = newline == NULL ? end : newline;
    if ((size_t)(line_end - at) > name_len && at[name_len] == ':' &&
        strncasecmp(at, name, name_len) == 0) {
      const char *value = at + name_len + 1;
      return trimmed((hw_view){.ptr = value, .len = (size_t)(line_end - value)});
    }
    at = line_end + 1;
  }
  return (hw_view){0};
}

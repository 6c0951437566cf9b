#include "http_headers.h"

#include <string.h>
#include <strings.h>

enum { HEADER_LINE_MAX = 64 * 1024, FOREIGN_MAX = 8 };

static bool is_token(hw_view name) {
  for (size_t i = 0; i < name.len; i++) {
    if (name.ptr[i] <= ' ' || name.ptr[i] >= 127 || strchr("()<>@,;:\\\"/[]?={}", name.ptr[i])) {
      return false;
    }
  }
  return name.len > 0;
}

static bool has_line_break(hw_view value) {
  for (size_t i = 0; i < value.len; i++) {
    if (value.ptr[i] == '\r' || value.ptr[i] == '\n' || value.ptr[i] == '\0') {
      return true;
    }
  }
  return false;
}

static bool names_line(const char *line, const char *name, size_t len) {
  return strncasecmp(line, name, len) == 0 && (line[len] == ':' || line[len] == ';');
}

bool hw__headers_have(const struct curl_slist *list, const char *line) {
  size_t len = strcspn(line, ":;");
  for (; list != NULL; list = list->next) {
    if (names_line(list->data, line, len)) {
      return true;
    }
  }
  return false;
}

hw_status hw__headers_add(struct curl_slist **list, const char *line, hw_error *err) {
  struct curl_slist *longer = curl_slist_append(*list, line);
  if (longer == NULL) {
    return hw_error_set(err, HW_NOMEM, "out of memory");
  }
  *list = longer;
  return HW_OK;
}

hw_status hw__headers_build(struct curl_slist **out, const hw_http_header *own, size_t count,
                            const struct curl_slist *more, hw_error *err) {
  /* Two that curl would add by itself; without a value it leaves them out. */
  static const char *const left_out[] = {"Expect:", "Content-Type:"};
  struct curl_slist *list = NULL;
  hw_status status = HW_OK;
  hw_buf line;
  hw_buf_init_secret(&line, HEADER_LINE_MAX);
  *out = NULL;
  for (size_t i = 0; i < count && status == HW_OK; i++) {
    if (!is_token(own[i].name) || has_line_break(own[i].value)) {
      status = hw_error_set(err, HW_ARGUMENT,
                            "header number %zu has a name or value that no header can have "
                            "(its name: %.*s)",
                            i + 1, own[i].name.len > 64 ? 64 : (int)own[i].name.len,
                            is_token(own[i].name) ? own[i].name.ptr : "?");
      break;
    }
    hw_buf_clear(&line);
    status = hw_buf_append_view(&line, own[i].name, err);
    if (status == HW_OK) {
      status = hw_buf_append_str(&line, own[i].value.len == 0 ? ";" : ": ", err);
    }
    if (status == HW_OK) {
      status = hw_buf_append_view(&line, own[i].value, err);
    }
    if (status == HW_OK) {
      status = hw__headers_add(&list, line.ptr, err);
    }
  }
  for (; more != NULL && status == HW_OK; more = more->next) {
    if (!hw__headers_have(list, more->data)) {
      status = hw__headers_add(&list, more->data, err);
    }
  }
  for (size_t i = 0; i < sizeof left_out / sizeof left_out[0] && status == HW_OK; i++) {
    if (!hw__headers_have(list, left_out[i])) {
      status = hw__headers_add(&list, left_out[i], err);
    }
  }
  hw_buf_free(&line);
  if (status == HW_OK) {
    *out = list;
  } else {
    hw__headers_free(list);
  }
  return status;
}

void hw__headers_free(struct curl_slist *list) {
  for (struct curl_slist *node = list; node != NULL; node = node->next) {
    hw_wipe(node->data, strlen(node->data));
  }
  curl_slist_free_all(list);
}

/* What may go to a host that the user did not name. */
static bool is_harmless(hw_view name) {
  static const char *const harmless[] = {"accept",           "accept-language", "content-encoding",
                                         "content-language", "content-type",    "range"};
  for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++) {
    if (name.len == strlen(harmless[i]) && strncasecmp(name.ptr, harmless[i], name.len) == 0) {
      return true;
    }
  }
  return false;
}

hw_status hw__headers_build_foreign(struct curl_slist **out, const hw_http_header *own,
                                    size_t count, hw_error *err) {
  hw_http_header kept[FOREIGN_MAX];
  size_t kept_count = 0;
  for (size_t i = 0; i < count && kept_count < FOREIGN_MAX; i++) {
    if (is_harmless(own[i].name)) {
      kept[kept_count++] = own[i];
    }
  }
  return hw__headers_build(out, kept, kept_count, NULL, err);
}

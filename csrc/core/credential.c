#include "credential.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "file.h"

enum { BLOCK = 4096 };

static hw_status read_all(int fd, const char *path, hw_buf *into, hw_error *err) {
  char block[BLOCK];
  hw_status status = HW_OK;
  for (;;) {
    ssize_t got = read(fd, block, sizeof block);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      status = hw_file_error(err, errno, "reading the token in", path);
      break;
    }
    if (got == 0) {
      break;
    }
    status = hw_buf_append(into, block, (size_t)got, NULL);
    if (status != HW_OK) {
      hw_error_set(err, status,
                   status == HW_LIMIT ? "%s is too large for a token file"
                                      : "no memory for the token in %s",
                   path);
      break;
    }
  }
  hw_wipe(block, sizeof block);
  return status;
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static hw_view stripped(hw_view text) {
  while (text.len > 0 && is_blank(text.ptr[0])) {
    text.ptr++;
    text.len--;
  }
  while (text.len > 0 && is_blank(text.ptr[text.len - 1])) {
    text.len--;
  }
  return text;
}

static bool is_token(hw_view text) {
  for (size_t i = 0; i < text.len; i++) {
    if (text.ptr[i] <= ' ' || text.ptr[i] > '~') {
      return false;
    }
  }
  return text.len > 0;
}

hw_status hw_token_file_read(void *path, hw_buf *value, hw_error *err) {
  const char *name = path;
  hw_buf content;
  hw_buf_init_secret(&content, HW_CREDENTIAL_MAX);
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return hw_file_error(err, errno, "opening the token in", name);
  }
  hw_status status = read_all(fd, name, &content, err);
  close(fd);
  hw_view token = stripped(hw_buf_view(&content));
  if (status == HW_OK && !is_token(token)) {
    status = hw_error_set(err, HW_ARGUMENT,
                          token.len == 0 ? "the token file %s is empty"
                                         : "the token file %s holds something that no token can be",
                          name);
  }
  if (status == HW_OK) {
    status = hw_buf_append_str(value, "Bearer ", err);
  }
  if (status == HW_OK) {
    status = hw_buf_append_view(value, token, err);
  }
  hw_buf_free(&content);
  return status;
}

#include "error.h"

#include <stdio.h>
#include <string.h>

static const char *const status_texts[] = {
#define HW_STATUS_TEXT(name, text) [HW_##name] = text,
    HW_STATUS_LIST(HW_STATUS_TEXT)
#undef HW_STATUS_TEXT
};

void hw_error_init(hw_error *err) {
  if (err != NULL) {
    memset(err, 0, sizeof *err);
    err->service_code = -1;
  }
}

hw_status hw_error_setv(hw_error *err, hw_status status, const char *format, va_list args) {
  if (err != NULL && err->status == HW_OK) {
    err->status = status;
    (void)vsnprintf(err->message, sizeof err->message, format, args);
  }
  return status;
}

hw_status hw_error_set(hw_error *err, hw_status status, const char *format, ...) {
  va_list args;
  va_start(args, format);
  hw_error_setv(err, status, format, args);
  va_end(args);
  return status;
}

void hw_error_context(hw_error *err, const char *format, ...) {
  if (err == NULL || err->status == HW_OK) {
    return;
  }
  char text[HW_ERROR_MESSAGE_MAX];
  va_list args;
  va_start(args, format);
  int used = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (used < 0 || (size_t)used >= sizeof text) {
    return;
  }
  (void)snprintf(text + used, sizeof text - (size_t)used, ": %.*s",
                 (int)(sizeof text - (size_t)used > 3 ? sizeof text - (size_t)used - 3 : 0),
                 err->message);
  memcpy(err->message, text, sizeof text);
}

const char *hw_status_text(hw_status status) {
  return (unsigned)status < HW_STATUS_COUNT ? status_texts[status] : "unknown status";
}

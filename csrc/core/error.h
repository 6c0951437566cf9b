/*
 * error.h - the status codes of the core and the record that explains a failure.
 *
 * Every function that can fail returns an hw_status and takes an hw_error as its last argument. The
 * lowest level that knows what went wrong fills the record; the levels above add context and never
 * overwrite it. The record belongs to the caller, is a plain value and holds no memory of its own.
 * It may always be NULL.
 */
#ifndef HW_ERROR_H
#define HW_ERROR_H

#include <stdarg.h>
#include <stddef.h>

#if defined(__GNUC__)
#define HW_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define HW_MUST_CHECK __attribute__((warn_unused_result))
#else
#define HW_PRINTF(fmt, first)
#define HW_MUST_CHECK
#endif

/* One row a status: C name suffix and the word that messages and bindings use. */
#define HW_STATUS_LIST(X)                                                                          \
  X(OK, "ok")                                                                                      \
  X(NOMEM, "out of memory")                                                                        \
  X(ARGUMENT, "bad argument")                                                                      \
  X(LIMIT, "limit exceeded")                                                                       \
  X(JSON, "malformed JSON")                                                                        \
  X(DECODE, "unexpected JSON type")                                                                \
  X(RESOLVE, "host not found")                                                                     \
  X(CONNECT, "connection failed")                                                                  \
  X(TLS, "TLS failed")                                                                             \
  X(TIMEOUT, "timed out")                                                                          \
  X(CANCELLED, "cancelled")                                                                        \
  X(CLOSED, "closed")                                                                              \
  X(HTTP, "error response")                                                                        \
  X(PROTOCOL, "protocol violation")                                                                \
  X(IO, "input/output failed")                                                                     \
  X(INTEGRITY, "content mismatch")                                                                 \
  X(CALLBACK, "callback failed")

typedef enum hw_status {
#define HW_STATUS_ENUM(name, text) HW_##name,
  HW_STATUS_LIST(HW_STATUS_ENUM)
#undef HW_STATUS_ENUM
      HW_STATUS_COUNT
} hw_status;

enum { HW_ERROR_MESSAGE_MAX = 1024, HW_ERROR_OPERATION_MAX = 256 };

typedef struct hw_error {
  hw_status status;
  int http_status;                        /* 0 when no response came */
  long service_code;                      /* errorCode of the service, -1 when none */
  int os_error;                           /* errno of a failed system call, 0 otherwise */
  int attempts;                           /* how often it was tried; 0 where nobody counted */
  char operation[HW_ERROR_OPERATION_MAX]; /* verb and path, never a query or a secret */
  char message[HW_ERROR_MESSAGE_MAX];
} hw_error;

/* Return at once when a call fails; only where nothing has been acquired yet. */
#define HW_TRY(call)                                                                               \
  do {                                                                                             \
    hw_status hw_try_status = (call);                                                              \
    if (hw_try_status != HW_OK) {                                                                  \
      return hw_try_status;                                                                        \
    }                                                                                              \
  } while (0)

/* Makes the record empty. */
void hw_error_init(hw_error *err);

/* Fills the record, unless it is already filled, and returns `status`. The message is cut to fit.
 */
hw_status hw_error_set(hw_error *err, hw_status status, const char *format, ...) HW_PRINTF(3, 4);
hw_status hw_error_setv(hw_error *err, hw_status status, const char *format, va_list args)
    HW_PRINTF(3, 0);

/* Puts "text: " in front of the message of a filled record. */
void hw_error_context(hw_error *err, const char *format, ...) HW_PRINTF(2, 3);

/* The word for a status; static memory. */
const char *hw_status_text(hw_status status);

#endif

/*
 * credential.h - an Authorization header that changes while the program runs.
 *
 * Inside a cluster a program has a token that its surroundings renew from time to time in a file.
 * An hw_http_pool with a credential asks it for the header when it is made, and again when the
 * service answers 401; see http_renewal.c. Values are secret: they live in buffers that are wiped,
 * and stand in no message.
 */
#ifndef HW_CREDENTIAL_H
#define HW_CREDENTIAL_H

#include "buf.h"
#include "error.h"

/* Who knows the header. Any thread may call `read`, several at once. */
typedef struct hw_credential {
  /* Appends the value of the header, for example "Bearer abc". NULL: there is no such credential.
   */
  hw_status (*read)(void *ctx, hw_buf *value, hw_error *err);
  void *ctx; /* borrowed as long as the pool */
} hw_credential;

/* The longest value. */
enum { HW_CREDENTIAL_MAX = 32 * 1024 };

/* An hw_credential.read for a token that lies in a file; `path` is its name as NUL-terminated text.
   HW_IO with errno when it cannot be read, HW_ARGUMENT when it holds no token. */
hw_status hw_token_file_read(void *path, hw_buf *value, hw_error *err) HW_MUST_CHECK;

#endif

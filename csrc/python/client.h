/*
 * client.h - the objects of the connection half (private to client.c, scope.c and stream.c).
 */
#ifndef HWPY_CLIENT_H
#define HWPY_CLIENT_H

#include "native.h"

typedef struct hwpy_client {
  PyObject_HEAD hwpy_state *state;
  hw_http_pool *pool; /* owned */
  PyObject *token;    /* owned: path of the token file as bytes, which the pool borrows; or NULL */
  /* An answer whose memory waits for the next call. Taken and put back with the GIL held. */
  hw_http_response spare;
  bool has_spare;
} hwpy_client;

typedef struct hwpy_scope {
  PyObject_HEAD hwpy_state *state;
  hwpy_client *client; /* owned reference, NULL after tp_clear */
  PyObject *context;   /* owned */
  PyObject *params;    /* owned dict, as given */
  hwpy_params fixed;   /* the same as text */
} hwpy_scope;

/* Specs of the types; the functions in client.c that add them to the module. */
extern PyType_Spec hwpy_client_spec;
extern PyType_Spec hwpy_scope_spec;
extern PyType_Spec hwpy_upload_stream_spec;
extern PyType_Spec hwpy_download_stream_spec;

/* A scope of a client (new reference); `params` is a dict or NULL. */
PyObject *hwpy_scope_new(hwpy_state *state, hwpy_client *client, PyObject *context,
                         PyObject *params);

/* Streams over a call that was begun on the heap; both take the call, also on failure. `keep` holds
   the texts that the request's headers borrow. */
PyObject *hwpy_upload_stream_new(hwpy_scope *scope, hwpy_call *call, PyObject *keep);
PyObject *hwpy_download_stream_new(hwpy_scope *scope, hwpy_call *call, PyObject *keep);

/* Memory for an answer, from the client where it has some. */
void hwpy_client_take_response(hwpy_client *client, hw_http_response *response);
void hwpy_client_put_response(hwpy_client *client, hw_http_response *response);

/* Raises for a failed call, with its whole URL; returns NULL. */
PyObject *hwpy_call_raise(hwpy_call *call, const hw_error *err, const hw_http_response *response);

/* Seconds (a number, or None for none) as milliseconds; -1 with an exception that names `what`. */
int64_t hwpy_milliseconds(PyObject *seconds, const char *what);

#endif

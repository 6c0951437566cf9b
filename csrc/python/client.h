/*
 * client.h - the objects of the connection half (private to its files).
 */
#ifndef HWPY_CLIENT_H
#define HWPY_CLIENT_H

#include "native.h"

typedef struct hwpy_client {
  PyObject_HEAD hwpy_state *state;
  hw_http_pool *pool; /* owned */
  PyObject *errors;   /* owned: makes the exceptions of failures; NULL for the usual ones */
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
extern PyType_Spec hwpy_response_spec;
extern PyType_Spec hwpy_upload_stream_spec;
extern PyType_Spec hwpy_download_stream_spec;

/* A scope of a client (new reference); `params` is a dict or NULL. */
PyObject *hwpy_scope_new(hwpy_state *state, hwpy_client *client, PyObject *context,
                         PyObject *params);

/* Streams over a call that was begun on the heap; both take the call, also on failure. `owner` is
   the Scope or the Client; `keep` holds the texts that the request borrows. */
PyObject *hwpy_upload_stream_new(PyObject *owner, hwpy_call *call, PyObject *keep);
PyObject *hwpy_download_stream_new(PyObject *owner, hwpy_call *call, PyObject *keep);

/* The arguments of a request to a plain target; all but verb and target may be NULL. `headers` must
   be a dict of the caller's own, which outlives the call, like the other objects. */
typedef struct hwpy_plain {
  const char *verb;
  PyObject *target;
  PyObject *body;
  PyObject *headers;
  PyObject *retry;
  PyObject *connect_timeout;
  PyObject *read_timeout;
  PyObject *total_timeout;
} hwpy_plain;

/* As hwpy_call_begin(): hwpy_call_end() must follow. 0, or -1 with an exception set. */
int hwpy_call_begin_plain(hwpy_call *call, hwpy_client *client, const hwpy_plain *plain);

/* An answer as a Response (new reference). */
PyObject *hwpy_response_new(hwpy_call *call, const hw_http_response *response);

/* Client.request(), open_download() and open_upload(), and their docstrings; see request.c. */
PyObject *hwpy_client_request(PyObject *self, PyObject *args, PyObject *keywords);
PyObject *hwpy_client_open_download(PyObject *self, PyObject *args, PyObject *keywords);
PyObject *hwpy_client_open_upload(PyObject *self, PyObject *args, PyObject *keywords);
extern const char hwpy_request_doc[];
extern const char hwpy_plain_download_doc[];
extern const char hwpy_plain_upload_doc[];

/* Memory for an answer, from the client where it has some. */
void hwpy_client_take_response(hwpy_client *client, hw_http_response *response);
void hwpy_client_put_response(hwpy_client *client, hw_http_response *response);

/* Raises for a failed call, with its whole URL; returns NULL. */
PyObject *hwpy_call_raise(hwpy_call *call, const hw_error *err, const hw_http_response *response);

/* Seconds (a number, or None for none) as milliseconds; -1 with an exception that names `what`. */
int64_t hwpy_milliseconds(PyObject *seconds, const char *what);

#endif

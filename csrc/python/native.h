/*
 * native.h - what the files of the extension `hopsworks._native` share.
 *
 * module.c owns the module and its state; client.c, scope.c, call.c, content.c, request.c,
 * response.c, stream.c and errors.c are the connection half; types*.c, decode.c and encode.c are
 * the resource half; transfer.c moves files. Nothing here knows a URL or a JSON key: those live in
 * the core and in the tables made from resources/.
 */
#ifndef HWPY_NATIVE_H
#define HWPY_NATIVE_H

#ifndef PY_SSIZE_T_CLEAN
#define PY_SSIZE_T_CLEAN
#endif
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030b0000
#endif
#include <Python.h>
#include <stdbool.h>

#include "buf.h"
#include "endpoint.h"
#include "error.h"
#include "http.h"

/* Types and lookups of the connection half, made in hwpy_client_add_types(). All owned by the
 * module. */
typedef struct hwpy_client_state {
  PyTypeObject *client;
  PyTypeObject *scope;
  PyTypeObject *response;
  PyTypeObject *upload_stream;
  PyTypeObject *download_stream;
  PyObject *from_native; /* hopsworks.client.exceptions.from_native, NULL until first needed */
  PyObject *logger;      /* logging.getLogger("hopsworks.http"), NULL until first needed */
  PyObject *enabled_for; /* its bound method isEnabledFor */
  PyObject *debug_level; /* the int logging.DEBUG */
} hwpy_client_state;

/* The record of the module, one an interpreter. It stays where it is for as long as the module
 * lives. */
typedef struct hwpy_state {
  PyObject *module; /* borrowed: the module that owns this record */
  hwpy_client_state client;
  struct hwpy_types_state *types; /* owned by types.c */
} hwpy_state;

hwpy_state *hwpy_state_of(PyObject *module);

/* Adds Client, Scope and the stream types to the module. 0, or -1 with an exception set. */
int hwpy_client_add_types(PyObject *module);
int hwpy_client_traverse(hwpy_state *state, visitproc visit, void *arg);
void hwpy_client_clear(hwpy_state *state);

/*
 * Raises the public exception for a failure and returns NULL. `errors` makes it, when not NULL, in
 * place of hopsworks.client.exceptions.from_native. `response` may be NULL; `url` too (then none is
 * named). An exception that is already set (KeyboardInterrupt, an error inside a
 * callback) stays.
 */
PyObject *hwpy_raise(hwpy_state *state, PyObject *errors, const hw_error *err,
                     const hw_http_response *response, const char *url);

/* The header lines of an answer as a new list of (name, value); `response` may be NULL. */
PyObject *hwpy_headers_of(const hw_http_response *response);

/*
 * A wait outside the GIL. begin releases the GIL and fills the hooks that every request needs:
 * signals are checked each slice, log records are forwarded. end takes the GIL back and returns -1
 * when a Python exception is pending (Ctrl-C, a failed callback); the status of the call is then
 * HW_CANCELLED or HW_CALLBACK. enter/leave hold the GIL for a moment inside, for callbacks from C.
 */
typedef struct hwpy_wait {
  hwpy_state *state;
  PyThreadState *thread;
  PyObject *error_type, *error_value, *error_trace; /* owned: the first exception raised inside */
  hw_http_hooks hooks;
  bool debug; /* log records below INFO are wanted */
} hwpy_wait;

void hwpy_wait_begin(hwpy_wait *wait, hwpy_state *state);
int hwpy_wait_end(hwpy_wait *wait);
void hwpy_wait_enter(hwpy_wait *wait);
/* Keeps an exception raised since enter, releases the GIL; HW_CALLBACK when there is one, else
 * HW_OK. */
hw_status hwpy_wait_leave(hwpy_wait *wait, hw_error *err);

/* The connection of a Client or a Scope (borrowed while that object lives); NULL with a TypeError
   when `object` is neither. A closed one is found out by the first request. */
hw_http_pool *hwpy_pool_of(hwpy_state *state, PyObject *object);
/* The record of the module that made a Client, a Scope or a stream. */
hwpy_state *hwpy_scope_state(PyObject *scope);
/* A fixed parameter of a scope as text (borrowed while the scope lives); empty when it has none. */
hw_view hwpy_scope_param(PyObject *scope, const char *name);

/* Parameters of a call, gathered from Python. The text lives in `keep`. */
enum { HWPY_PARAMS_INLINE = 16 };
typedef struct hwpy_params {
  hw_param inline_rows[HWPY_PARAMS_INLINE];
  hw_param *rows; /* inline_rows, or owned */
  size_t count, capacity;
  PyObject *keep; /* owned list, NULL while nothing needs it */
} hwpy_params;

void hwpy_params_init(hwpy_params *params);
/* Adds a value: None adds nothing, a list or tuple one row an item. 0, or -1 with an exception set.
 */
int hwpy_params_add(hwpy_params *params, PyObject *name, PyObject *value);
void hwpy_params_free(hwpy_params *params);

/*
 * The content of a plain request. open takes a bytes-like object or a binary file, from where it
 * stands to its end, and fills a source that borrows the record; it leaves the record to be closed,
 * also on failure. `wait` must be the one that the request is sent in.
 */
typedef struct hwpy_content {
  Py_buffer view;
  bool has_view;
  PyObject *file;        /* owned; NULL for memory */
  int fd;                /* owned: a plain file's own descriptor, read without the GIL; else -1 */
  int64_t start, length; /* of the file; -1 when it cannot seek */
  int64_t given;
  hwpy_wait *wait; /* borrowed */
} hwpy_content;

int hwpy_content_open(hwpy_content *content, PyObject *body, hw_http_source *source);
void hwpy_content_close(hwpy_content *content);

/*
 * One request made from an endpoint row, a scope's fixed parameters and a call's own. begin fills
 * `request`, whose strings live in the record; end must follow, also when begin failed.
 */
typedef struct hwpy_call {
  hwpy_state *state;
  PyObject *errors;            /* owned: the client's, or NULL */
  const hw_endpoint *endpoint; /* NULL for a plain target */
  hw_http_pool *pool;
  hw_http_request request;
  hw_http_source source;
  hw_buf url;
  hw_buf body;
  hwpy_content content;
  hw_http_header *headers; /* owned */
} hwpy_call;

/* `body`, `headers` and `timeout` may be NULL or None. The rows of `params` and the objects given
   must outlive the call. 0, or -1 with an exception set. */
int hwpy_call_begin(hwpy_call *call, PyObject *scope, PyObject *endpoint_name, hwpy_params *params,
                    PyObject *body, PyObject *headers, PyObject *timeout);
void hwpy_call_end(hwpy_call *call);
/* hwpy_wait_begin() with the hooks set in the request. */
void hwpy_call_wait_begin(hwpy_call *call, hwpy_wait *wait);
/* Sends and waits for the answer, any status. 0, or -1 with an exception set. */
int hwpy_call_send(hwpy_call *call, hw_http_response *response);
/* The address that answered, or that was asked when `response` is NULL. Fills `out`, to be freed
   also on failure; 0, or -1 without an exception when there is no memory. */
int hwpy_call_url(const hwpy_call *call, const hw_http_response *response, hw_buf *out);
/* Raises for an answer that is not 2xx and returns NULL; yields the row's "absent" value for a
 * listed code. */
PyObject *hwpy_call_refused(hwpy_call *call, const hw_http_response *response);

/* read_keystore(data, password=None): key, chain and authorities as PEM; see module.c. */
PyObject *hwpy_read_keystore(PyObject *module, PyObject *args);

/* sigv4_signature(verb, path, query, headers, *, secret, date, …): see module.c. */
PyObject *hwpy_sigv4_signature(PyObject *module, PyObject *args, PyObject *keywords);

int hwpy_types_add(PyObject *module);
int hwpy_types_traverse(hwpy_state *state, visitproc visit, void *arg);
void hwpy_types_clear(hwpy_state *state);
void hwpy_types_free(hwpy_state *state);

/* The decoded answer of an endpoint (a new reference), or NULL with an exception set. `scope` is
   kept by the objects made; it may be NULL. An empty body gives None, whatever the row says. Of the
   body, `capacity` bytes can be read; see HW_JSON_PADDING. */
PyObject *hwpy_decode_response(hwpy_state *state, const hw_endpoint *endpoint, hw_view body,
                               size_t capacity, PyObject *scope);
/* What a call yields for a not-found answer that its row lists: None, or [] for a list. New
 * reference. */
PyObject *hwpy_decode_absent(hwpy_state *state, const hw_endpoint *endpoint);

/* Writes the request body of an endpoint into `out`: a resource object, dict, list, str or bytes.
   `content_type` becomes static text. 0, or -1 with an exception set. */
int hwpy_encode_body(hwpy_state *state, const hw_endpoint *endpoint, PyObject *body, hw_buf *out,
                     const char **content_type);

#endif

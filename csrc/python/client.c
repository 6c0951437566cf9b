/*
 * client.c - the type Client: one service, its settings and its connections.
 */
#include "client.h"

#include <math.h>
#include <stdlib.h>
#include <structmember.h>

enum { SPARE_BYTES_MAX = 512 * 1024, RETRIES_MAX = 1000 };

int64_t hwpy_milliseconds(PyObject *seconds, const char *what) {
  if (seconds == NULL || seconds == Py_None) {
    return 0;
  }
  double value = PyFloat_AsDouble(seconds);
  if (value == -1.0 && PyErr_Occurred() != NULL) {
    PyErr_Format(PyExc_TypeError, "%s is a number of seconds or None, not %R", what,
                 (PyObject *)Py_TYPE(seconds));
    return -1;
  }
  if (!(value > 0) || value > 1e9) {
    PyErr_Format(PyExc_ValueError, "%s is %R; it must be a positive number of seconds, or None",
                 what, seconds);
    return -1;
  }
  return value < 0.001 ? 1 : (int64_t)(value * 1000);
}

typedef struct client_args {
  hw_http_config config;
  hw_http_header *headers; /* owned; its texts are those of `named` */
  PyObject *named;         /* owned: a copy of the dict, which another thread may change */
  PyObject *store;         /* owned: trust store path as bytes */
  PyObject *socket;        /* owned: the same of unix_socket */
  PyObject *token;         /* owned: the same of token_file */
  PyObject *errors;        /* borrowed; NULL for none */
} client_args;

static void free_args(client_args *args) {
  free(args->headers);
  Py_CLEAR(args->named);
  Py_CLEAR(args->store);
  Py_CLEAR(args->socket);
  Py_CLEAR(args->token);
}

static int text_view(PyObject *text, const char *what, hw_view *out) {
  Py_ssize_t len = 0;
  if (!PyUnicode_Check(text)) {
    PyErr_Format(PyExc_TypeError, "%s must be str, not %R", what, (PyObject *)Py_TYPE(text));
    return -1;
  }
  const char *bytes = PyUnicode_AsUTF8AndSize(text, &len);
  *out = (hw_view){.ptr = bytes, .len = (size_t)len};
  return bytes == NULL ? -1 : 0;
}

static int read_headers(client_args *args, PyObject *headers) {
  if (headers == NULL || headers == Py_None) {
    return 0;
  }
  if (!PyDict_Check(headers)) {
    PyErr_SetString(PyExc_TypeError, "headers must be a dict of str to str");
    return -1;
  }
  args->named = PyDict_Copy(headers);
  if (args->named == NULL) {
    return -1;
  }
  headers = args->named;
  args->headers = calloc((size_t)PyDict_Size(headers) + 1, sizeof *args->headers);
  if (args->headers == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  PyObject *name = NULL;
  PyObject *value = NULL;
  Py_ssize_t at = 0;
  while (PyDict_Next(headers, &at, &name, &value)) {
    hw_http_header *header = &args->headers[args->config.header_count];
    if (text_view(name, "a header name", &header->name) != 0 ||
        text_view(value, "a header value", &header->value) != 0) {
      return -1;
    }
    args->config.header_count++;
  }
  args->config.headers = args->headers;
  return 0;
}

static int read_path(PyObject *path, PyObject **bytes, const char **out) {
  if (path == NULL || path == Py_None) {
    return 0;
  }
  if (!PyUnicode_FSConverter(path, bytes)) {
    return -1;
  }
  *out = PyBytes_AsString(*bytes);
  return *out == NULL ? -1 : 0;
}

static int read_blob(PyObject *blob, const char *what, hw_view *out) {
  char *bytes = NULL;
  Py_ssize_t len = 0;
  if (blob == NULL || blob == Py_None) {
    return 0;
  }
  if (!PyBytes_Check(blob)) {
    PyErr_Format(PyExc_TypeError, "%s must be PEM text as bytes", what);
    return -1;
  }
  if (PyBytes_AsStringAndSize(blob, &bytes, &len) != 0) {
    return -1;
  }
  *out = (hw_view){.ptr = bytes, .len = (size_t)len};
  return 0;
}

/* How often and after which answers requests are repeated. */
static int read_retries(hw_retry_policy *policy, PyObject *retries, double delay,
                        PyObject *statuses) {
  if (retries != NULL && retries != Py_None) {
    long count = PyLong_Check(retries) ? PyLong_AsLong(retries) : -1;
    if (count < 0 || count > RETRIES_MAX) {
      PyErr_Clear();
      PyErr_Format(PyExc_ValueError, "retries is a number from 0 to %d, or None, not %R",
                   (int)RETRIES_MAX, retries);
      return -1;
    }
    policy->max_attempts = (int)count + 1;
  }
  if (!(delay >= 0) || delay > 3600) {
    PyErr_SetString(PyExc_ValueError, "retry_delay is a number of seconds from 0 to 3600");
    return -1;
  }
  policy->first_delay_ms = (int64_t)(delay * 1000);
  if (policy->max_delay_ms < policy->first_delay_ms) {
    policy->max_delay_ms = policy->first_delay_ms;
  }
  if (statuses == NULL || statuses == Py_None) {
    return 0;
  }
  Py_ssize_t count = PyTuple_Check(statuses) ? PyTuple_Size(statuses) : -1;
  if (count < 0 || count > HW_RETRY_ANSWERS_MAX) {
    PyErr_Format(PyExc_ValueError, "retry_statuses is a tuple of at most %d numbers, not %R",
                 (int)HW_RETRY_ANSWERS_MAX, statuses);
    return -1;
  }
  policy->answer_count = (size_t)count;
  for (Py_ssize_t i = 0; i < count; i++) {
    long status = PyLong_AsLong(PyTuple_GetItem(statuses, i));
    if (PyErr_Occurred() != NULL) {
      return -1;
    }
    policy->answers[i] = status >= 400 && status <= 599 ? (int)status : -1;
    if (policy->answers[i] < 0) {
      PyErr_Format(PyExc_ValueError, "retry_statuses holds %ld, which is no status of an error",
                   status);
      return -1;
    }
  }
  return 0;
}

static int read_errors(client_args *parsed, PyObject *errors) {
  if (errors == NULL || errors == Py_None) {
    return 0;
  }
  if (!PyCallable_Check(errors)) {
    PyErr_Format(PyExc_TypeError, "errors must be callable, not %R", (PyObject *)Py_TYPE(errors));
    return -1;
  }
  parsed->errors = errors;
  return 0;
}

static int read_args(client_args *parsed, PyObject *args, PyObject *keywords) {
  static char *names[] = {"base_url",
                          "unix_socket",
                          "headers",
                          "verify",
                          "hostname_verification",
                          "trust_store",
                          "client_certificate",
                          "client_key",
                          "connect_timeout",
                          "read_timeout",
                          "total_timeout",
                          "user_agent",
                          "token_file",
                          "trust_pem",
                          "proxy",
                          "errors",
                          "retries",
                          "retry_delay",
                          "retry_statuses",
                          "retry_only_when_told",
                          "retry_connection_failures",
                          "max_redirects",
                          "idle_limit",
                          NULL};
  PyObject *socket = NULL, *headers = NULL, *store = NULL, *certificate = NULL, *key = NULL;
  PyObject *connect = NULL, *read = NULL, *total = NULL;
  PyObject *token = NULL, *trust_pem = NULL;
  PyObject *errors = NULL, *retries = NULL, *statuses = NULL, *idle = NULL;
  int only_when_told = 0;
  int connect_always = 0;
  const char *token_path = NULL;
  hw_http_config *config = &parsed->config;
  int verify = 1;
  int verify_host = 1;
  hw_http_config_init(config);
  double retry_delay = (double)config->retry.first_delay_ms / 1000;
  if (!PyArg_ParseTupleAndKeywords(
          args, keywords, "s|$OOppOOOOOOzOOzOOdOppiO:Client", names, &config->base_url, &socket,
          &headers, &verify, &verify_host, &store, &certificate, &key, &connect, &read, &total,
          &config->user_agent, &token, &trust_pem, &config->proxy, &errors, &retries, &retry_delay,
          &statuses, &only_when_told, &connect_always, &config->max_redirects, &idle)) {
    return -1;
  }
  config->retry.answers_only_when_told = only_when_told != 0;
  config->retry.connect_always = connect_always != 0;
  if (config->max_redirects < 0) {
    PyErr_SetString(PyExc_ValueError, "max_redirects is a number from 0 up");
    return -1;
  }
  if (read_errors(parsed, errors) != 0 ||
      read_retries(&config->retry, retries, retry_delay, statuses) != 0) {
    return -1;
  }
  config->verify_peer = verify != 0;
  config->verify_host = verify_host != 0;
  if (connect != NULL) {
    config->connect_timeout_ms = hwpy_milliseconds(connect, "connect_timeout");
  }
  if (read != NULL) {
    config->read_timeout_ms = hwpy_milliseconds(read, "read_timeout");
  }
  config->total_timeout_ms = hwpy_milliseconds(total, "total_timeout");
  config->idle_limit_ms = hwpy_milliseconds(idle, "idle_limit");
  if (config->connect_timeout_ms < 0 || config->read_timeout_ms < 0 ||
      config->total_timeout_ms < 0 || config->idle_limit_ms < 0) {
    return -1;
  }
  if (read_headers(parsed, headers) != 0 ||
      read_path(socket, &parsed->socket, &config->unix_socket) != 0 ||
      read_path(store, &parsed->store, &config->trust_store) != 0 ||
      read_path(token, &parsed->token, &token_path) != 0) {
    return -1;
  }
  if (token_path != NULL) {
    config->credential =
        (hw_credential){.read = hw_token_file_read, .ctx = PyBytes_AsString(parsed->token)};
  }
  if (read_blob(certificate, "client_certificate", &config->client_certificate) != 0 ||
      read_blob(trust_pem, "trust_pem", &config->trust_pem) != 0) {
    return -1;
  }
  return read_blob(key, "client_key", &config->client_key);
}

/* The bundle of the package certifi, for systems without authorities of their own: a new bytes
   object, or NULL without an exception. */
static PyObject *certifi_bundle(void) {
  PyObject *bytes = NULL;
  PyObject *module = PyImport_ImportModule("certifi");
  PyObject *path = module == NULL ? NULL : PyObject_CallMethod(module, "where", NULL);
  if (path != NULL && !PyUnicode_FSConverter(path, &bytes)) {
    bytes = NULL;
  }
  Py_XDECREF(path);
  Py_XDECREF(module);
  if (PyErr_Occurred() != NULL && PyErr_ExceptionMatches(PyExc_Exception)) {
    PyErr_Clear();
  }
  return bytes;
}

static hw_status open_pool(hw_http_config *config, hw_http_pool **out, hw_error *err) {
  hw_status status;
  Py_BEGIN_ALLOW_THREADS status = hw_http_pool_new(config, out, err);
  Py_END_ALLOW_THREADS if (status != HW_TLS || config->trust_store != NULL ||
                           config->trust_pem.len > 0) {
    return status;
  }
  PyObject *bundle = certifi_bundle();
  if (bundle == NULL) {
    return status;
  }
  hw_error_init(err);
  config->trust_fallback = PyBytes_AsString(bundle);
  status = hw_http_pool_new(config, out, err);
  Py_DECREF(bundle);
  return status;
}

static PyObject *client_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
  client_args parsed = {0};
  hw_error err;
  hw_http_pool *pool = NULL;
  hwpy_client *self = NULL;
  hwpy_state *state = PyType_GetModuleState(type);
  hw_error_init(&err);
  if (state == NULL || read_args(&parsed, args, keywords) != 0) {
    goto done;
  }
  if (open_pool(&parsed.config, &pool, &err) != HW_OK) {
    hwpy_raise(state, parsed.errors, &err, NULL, NULL);
    goto done;
  }
  self = (hwpy_client *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
  if (self == NULL) {
    hw_http_pool_free(pool);
    goto done;
  }
  self->state = state;
  self->pool = pool;
  self->errors = Py_XNewRef(parsed.errors);
  self->token = parsed.token;
  parsed.token = NULL;
done:
  free_args(&parsed);
  return (PyObject *)self;
}

static int client_traverse(PyObject *object, visitproc visit, void *arg) {
  Py_VISIT(Py_TYPE(object));
  Py_VISIT(((hwpy_client *)object)->errors);
  return 0;
}

static int client_clear(PyObject *object) {
  Py_CLEAR(((hwpy_client *)object)->errors);
  return 0;
}

static void client_dealloc(PyObject *object) {
  hwpy_client *self = (hwpy_client *)object;
  PyTypeObject *type = Py_TYPE(object);
  PyObject_GC_UnTrack(object);
  client_clear(object);
  hw_http_pool_free(self->pool);
  Py_XDECREF(self->token);
  if (self->has_spare) {
    hw_http_response_free(&self->spare);
  }
  ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
  Py_DECREF(type);
}

void hwpy_client_take_response(hwpy_client *client, hw_http_response *response) {
  if (client->has_spare) {
    *response = client->spare;
    client->has_spare = false;
  } else {
    hw_http_response_init(response);
  }
}

void hwpy_client_put_response(hwpy_client *client, hw_http_response *response) {
  if (client->has_spare || response->body.capacity > SPARE_BYTES_MAX) {
    hw_http_response_free(response);
  } else {
    client->spare = *response;
    client->has_spare = true;
  }
}

static PyObject *client_scope(PyObject *self, PyObject *args, PyObject *keywords) {
  PyObject *context = Py_None;
  if (!PyArg_ParseTuple(args, "|O:scope", &context)) {
    return NULL;
  }
  hwpy_client *client = (hwpy_client *)self;
  return hwpy_scope_new(client->state, client, context, keywords);
}

static PyObject *client_close(PyObject *self, PyObject *unused) {
  (void)unused;
  hw_http_pool *pool = ((hwpy_client *)self)->pool;
  Py_BEGIN_ALLOW_THREADS hw_http_pool_close(pool);
  Py_END_ALLOW_THREADS Py_RETURN_NONE;
}

static PyObject *client_enter(PyObject *self, PyObject *unused) {
  (void)unused;
  return Py_NewRef(self);
}

static PyObject *client_exit(PyObject *self, PyObject *args) {
  (void)args;
  return client_close(self, NULL);
}

static PyObject *client_repr(PyObject *self) {
  const hw_http_pool *pool = ((hwpy_client *)self)->pool;
  const char *socket = hw_http_pool_unix_socket(pool);
  const char *state = hw_http_pool_closed(pool) ? " closed" : "";
  if (socket != NULL) {
    return PyUnicode_FromFormat("<Client %s over %s%s>", hw_http_pool_base_url(pool), socket,
                                state);
  }
  return PyUnicode_FromFormat("<Client %s%s>", hw_http_pool_base_url(pool), state);
}

static PyObject *client_get_base_url(PyObject *self, void *unused) {
  (void)unused;
  return PyUnicode_FromString(hw_http_pool_base_url(((hwpy_client *)self)->pool));
}

static PyObject *client_get_unix_socket(PyObject *self, void *unused) {
  (void)unused;
  const char *socket = hw_http_pool_unix_socket(((hwpy_client *)self)->pool);
  return socket == NULL ? Py_NewRef(Py_None) : PyUnicode_DecodeFSDefault(socket);
}

static PyObject *client_get_closed(PyObject *self, void *unused) {
  (void)unused;
  return PyBool_FromLong(hw_http_pool_closed(((hwpy_client *)self)->pool));
}

static PyObject *client_get_connections(PyObject *self, void *unused) {
  (void)unused;
  return PyLong_FromSize_t(hw_http_pool_connections(((hwpy_client *)self)->pool));
}

static PyMethodDef client_methods[] = {
    {"scope", (PyCFunction)(void (*)(void))client_scope, METH_VARARGS | METH_KEYWORDS,
     "scope($self, context=None, /, **params)\n--\n\n"
     "A place to call endpoints from, with some of their parameters fixed.\n\n"
     "Args:\n"
     "    context: Any object; decoded resources find it as their scope's ``context``.\n"
     "    params: Values for placeholders of endpoints, for example ``project_id=119``.\n\n"
     "Returns:\n"
     "    A ``Scope``.\n\n"
     "Example:\n"
     "    >>> scope = client.scope(None, project_id=119)\n"},
    {"request", (PyCFunction)(void (*)(void))hwpy_client_request, METH_VARARGS | METH_KEYWORDS,
     hwpy_request_doc},
    {"open_download", (PyCFunction)(void (*)(void))hwpy_client_open_download,
     METH_VARARGS | METH_KEYWORDS, hwpy_plain_download_doc},
    {"open_upload", (PyCFunction)(void (*)(void))hwpy_client_open_upload,
     METH_VARARGS | METH_KEYWORDS, hwpy_plain_upload_doc},
    {"close", client_close, METH_NOARGS,
     "close($self, /)\n--\n\n"
     "Ends requests that other threads are waiting in, closes the connections and wipes the "
     "credentials.\n\n"
     "Later calls raise ``NoHopsworksConnectionError``. Closing again does nothing.\n"},
    {"__enter__", client_enter, METH_NOARGS, "__enter__($self, /)\n--\n\nThe client itself."},
    {"__exit__", client_exit, METH_VARARGS, "__exit__($self, *args)\n--\n\nCloses the client."},
    {NULL, NULL, 0, NULL}};

static PyGetSetDef client_getset[] = {
    {"base_url", client_get_base_url, NULL, "Address that every path is appended to (str).", NULL},
    {"unix_socket", client_get_unix_socket, NULL,
     "Path of the socket that is connected to instead of the host (str), or None.", NULL},
    {"closed", client_get_closed, NULL, "Whether ``close()`` was called (bool).", NULL},
    {"connections", client_get_connections, NULL,
     "Number of connections now open in this process (int).", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot client_slots[] = {
    {Py_tp_doc,
     "Client(base_url, *, unix_socket=None, headers=None, verify=True, hostname_verification=True, "
     "trust_store=None, client_certificate=None, client_key=None, connect_timeout=10.0, "
     "read_timeout=60.0, total_timeout=None, user_agent=None, token_file=None, "
     "trust_pem=None, proxy=None, errors=None, retries=None, retry_delay=0.25, "
     "retry_statuses=(429, 502, 503, 504), retry_only_when_told=False, "
     "retry_connection_failures=False, max_redirects=10, idle_limit=None)\n--\n\n"
     "Connections to one service.\n\n"
     "Any thread may use it. Connections are opened when needed and kept; a forked child opens its "
     "own.\n\n"
     "Args:\n"
     "    base_url: Address, for example ``https://host:443``.\n"
     "    unix_socket: Path of a socket to connect to instead of the host.\n"
     "    headers: Headers of every request to this service, as a dict. Kept secret.\n"
     "    verify: Whether the server's certificate is verified.\n"
     "    hostname_verification: Whether the certificate must name the host.\n"
     "    trust_store: PEM file (or hashed directory) of the authorities to trust; default the "
     "system's.\n"
     "    client_certificate: Certificate to present, PEM as bytes.\n"
     "    client_key: Its private key, PEM as bytes.\n"
     "    connect_timeout: Seconds for address, connection and TLS handshake; None for no limit.\n"
     "    read_timeout: Seconds in which at least one byte must move; None for no limit.\n"
     "    total_timeout: Seconds for a whole call with its retries; None for no limit.\n"
     "    user_agent: Text of the User-Agent header; default ``hopsworks``.\n"
     "    token_file: File with the token that is sent as ``Authorization: Bearer``. It is read "
     "again when the service answers 401, and the request is repeated.\n"
     "    trust_pem: Certificates of the authorities to trust, PEM as bytes; ``trust_store`` then "
     "only names where they are from.\n"
     "    proxy: Address of a proxy, for example ``http://host:3128``, that every request goes "
     "through, whatever ``NO_PROXY`` says; ``\"\"`` for none. Default: as the environment says.\n"
     "    errors: Makes the exception of a failed request, in place of "
     "``hopsworks.client.exceptions.from_native`` and with the same arguments. Bad arguments stay "
     "ValueError or TypeError.\n"
     "    retries: How often a request is sent again at most; default 3.\n"
     "    retry_delay: Seconds before the first repetition; doubled after each.\n"
     "    retry_statuses: Statuses after which a request that is safe to repeat is sent again.\n"
     "    retry_only_when_told: Whether such an answer must also have ``Retry-After``.\n"
     "    retry_connection_failures: Whether requests that are never repeated otherwise are sent "
     "again when no connection could be made.\n"
     "    max_redirects: How many redirects in a row are followed; with 0 a redirect is an answer "
     "like any other.\n"
     "    idle_limit: Seconds, whole ones, for which a connection that nobody uses is taken up "
     "again; at least 2, default 2 minutes. Servers end idle connections, too, and what is sent "
     "in that moment is lost.\n\n"
     "Raises:\n"
     "    ValueError: For an address, header or token that cannot be used.\n"
     "    OSError: When the token cannot be read.\n"
     "    hopsworks.client.exceptions.HopsworksSSLClientError: When no trust store can be read.\n\n"
     "Example:\n"
     "    >>> client = Client(\"http://localhost\", unix_socket=\"/run/user/1000/api.sock\")\n"},
    {Py_tp_new, client_new},
    {Py_tp_dealloc, client_dealloc},
    {Py_tp_traverse, client_traverse},
    {Py_tp_clear, client_clear},
    {Py_tp_repr, client_repr},
    {Py_tp_methods, client_methods},
    {Py_tp_getset, client_getset},
    {0, NULL}};

PyType_Spec hwpy_client_spec = {.name = "hopsworks._native.Client",
                                .basicsize = sizeof(hwpy_client),
                                .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |
                                         Py_TPFLAGS_IMMUTABLETYPE,
                                .slots = client_slots};

static PyTypeObject *add_type(PyObject *module, PyType_Spec *spec, const char *name) {
  PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
  if (type != NULL && PyModule_AddObjectRef(module, name, (PyObject *)type) != 0) {
    Py_CLEAR(type);
  }
  return type;
}

int hwpy_client_add_types(PyObject *module) {
  hwpy_client_state *client = &hwpy_state_of(module)->client;
  client->client = add_type(module, &hwpy_client_spec, "Client");
  client->scope = add_type(module, &hwpy_scope_spec, "Scope");
  client->response = add_type(module, &hwpy_response_spec, "Response");
  client->upload_stream = add_type(module, &hwpy_upload_stream_spec, "UploadStream");
  client->download_stream = add_type(module, &hwpy_download_stream_spec, "DownloadStream");
  bool complete = client->client != NULL && client->scope != NULL && client->response != NULL &&
                  client->upload_stream != NULL && client->download_stream != NULL;
  return complete ? 0 : -1;
}

int hwpy_client_traverse(hwpy_state *state, visitproc visit, void *arg) {
  hwpy_client_state *client = &state->client;
  Py_VISIT(client->client);
  Py_VISIT(client->scope);
  Py_VISIT(client->response);
  Py_VISIT(client->upload_stream);
  Py_VISIT(client->download_stream);
  Py_VISIT(client->from_native);
  Py_VISIT(client->logger);
  Py_VISIT(client->enabled_for);
  return 0;
}

void hwpy_client_clear(hwpy_state *state) {
  hwpy_client_state *client = &state->client;
  Py_CLEAR(client->client);
  Py_CLEAR(client->scope);
  Py_CLEAR(client->response);
  Py_CLEAR(client->upload_stream);
  Py_CLEAR(client->download_stream);
  Py_CLEAR(client->from_native);
  Py_CLEAR(client->logger);
  Py_CLEAR(client->enabled_for);
  Py_CLEAR(client->debug_level);
}

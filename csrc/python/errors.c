/*
 * errors.c - from a failure of the core to the public exception, and waits outside the GIL.
 *
 * The classes are Python (hopsworks.client.exceptions); its factory from_native(), or the hook that
 * a client was given, chooses among them. This is the only place that calls it.
 */
#include "native.h"

#include <string.h>

void hwpy_wait_enter(hwpy_wait *wait) {
  PyEval_RestoreThread(wait->thread);
}

hw_status hwpy_wait_leave(hwpy_wait *wait, hw_error *err) {
  hw_status status = HW_OK;
  if (PyErr_Occurred() != NULL) {
    status = hw_error_set(err, HW_CALLBACK, "a Python callback raised an exception");
    if (wait->error_type == NULL) {
      PyErr_Fetch(&wait->error_type, &wait->error_value, &wait->error_trace);
    } else {
      PyErr_Clear();
    }
  }
  wait->thread = PyEval_SaveThread();
  return status;
}

static bool on_tick(void *ctx) {
  hwpy_wait *wait = ctx;
  if (wait->error_type != NULL) {
    return false; /* a log handler was interrupted */
  }
  hwpy_wait_enter(wait);
  (void)PyErr_CheckSignals();
  return hwpy_wait_leave(wait, NULL) == HW_OK;
}

static int level_number(hw_log_level level) {
  switch (level) {
  case HW_LOG_WARNING:
    return 30;
  case HW_LOG_INFO:
    return 20;
  default:
    return 10;
  }
}

/* Logging that fails must not change what a request does; Ctrl-C in the midst of it must. */
static void forget_failure(void) {
  if (PyErr_Occurred() != NULL && PyErr_ExceptionMatches(PyExc_Exception)) {
    PyErr_Clear();
  }
}

/* Texts of the core may hold bytes of a server, or be cut in the midst of a character. */
static PyObject *message_of(const char *text) {
  return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

/* The logger of the core's requests, borrowed. NULL, with an exception or without one, when there
 * is none: as long as nobody has imported `logging`, which takes longer than a login, nobody can
 * have asked for records. */
static PyObject *logger_of(hwpy_client_state *client) {
  if (client->logger != NULL) {
    return client->logger;
  }
  PyObject *name = PyUnicode_FromString("logging");
  PyObject *logging = name == NULL ? NULL : PyImport_GetModule(name);
  PyObject *logger =
      logging == NULL ? NULL : PyObject_CallMethod(logging, "getLogger", "s", "hopsworks.http");
  /* A handler of its own, so that Python does not show warnings of repeats to those who have not
   * configured anything: what comes of a request is its answer or its exception. */
  PyObject *handler = logger == NULL ? NULL : PyObject_CallMethod(logging, "NullHandler", NULL);
  PyObject *added =
      handler == NULL ? NULL : PyObject_CallMethod(logger, "addHandler", "O", handler);
  PyObject *enabled_for = added == NULL ? NULL : PyObject_GetAttrString(logger, "isEnabledFor");
  PyObject *level = enabled_for == NULL ? NULL : PyLong_FromLong(level_number(HW_LOG_DEBUG));
  if (level != NULL && client->logger == NULL) {
    client->logger = Py_NewRef(logger);
    client->enabled_for = Py_NewRef(enabled_for);
    client->debug_level = Py_NewRef(level);
  }
  Py_XDECREF(level);
  Py_XDECREF(enabled_for);
  Py_XDECREF(added);
  Py_XDECREF(handler);
  Py_XDECREF(logger);
  Py_XDECREF(logging);
  Py_XDECREF(name);
  return client->logger;
}

static void on_log(void *ctx, hw_log_level level, const char *text) {
  hwpy_wait *wait = ctx;
  if (level == HW_LOG_DEBUG && !wait->debug) {
    return;
  }
  hwpy_wait_enter(wait);
  PyObject *logger = logger_of(&wait->state->client);
  if (logger != NULL) {
    PyObject *line = message_of(text);
    PyObject *done =
        line == NULL ? NULL
                     : PyObject_CallMethod(logger, "log", "isO", level_number(level), "%s", line);
    if (done == NULL && PyErr_ExceptionMatches(PyExc_Exception)) {
      PyErr_WriteUnraisable(logger);
    }
    Py_XDECREF(done);
    Py_XDECREF(line);
  }
  forget_failure();
  (void)hwpy_wait_leave(wait, NULL);
}

/* Whether log records below INFO are wanted; a broken logging set-up counts as no. An interruption
 * stays set. */
static bool wants_debug(hwpy_state *state) {
  hwpy_client_state *client = &state->client;
  if (logger_of(client) == NULL) {
    forget_failure();
    return false;
  }
  PyObject *answer = PyObject_CallFunctionObjArgs(client->enabled_for, client->debug_level, NULL);
  bool wanted = answer != NULL && PyObject_IsTrue(answer) == 1;
  Py_XDECREF(answer);
  forget_failure();
  return wanted;
}

void hwpy_wait_begin(hwpy_wait *wait, hwpy_state *state) {
  *wait = (hwpy_wait){.state = state, .debug = wants_debug(state)};
  wait->hooks = (hw_http_hooks){.tick = on_tick, .log = on_log, .ctx = wait};
  if (PyErr_Occurred() != NULL) {
    PyErr_Fetch(&wait->error_type, &wait->error_value, &wait->error_trace);
  }
  wait->thread = PyEval_SaveThread();
}

int hwpy_wait_end(hwpy_wait *wait) {
  PyEval_RestoreThread(wait->thread);
  if (wait->error_type == NULL) {
    return 0;
  }
  PyErr_Restore(wait->error_type, wait->error_value, wait->error_trace);
  wait->error_type = wait->error_value = wait->error_trace = NULL;
  return -1;
}

/* The word for a status that the factory knows: "timeout", "tls". */
static const char *kind_of(hw_status status) {
  static const char *const kinds[] = {[HW_OK] = "ok",
                                      [HW_NOMEM] = "nomem",
                                      [HW_ARGUMENT] = "argument",
                                      [HW_LIMIT] = "limit",
                                      [HW_JSON] = "json",
                                      [HW_DECODE] = "decode",
                                      [HW_RESOLVE] = "resolve",
                                      [HW_CONNECT] = "connect",
                                      [HW_TLS] = "tls",
                                      [HW_TIMEOUT] = "timeout",
                                      [HW_CANCELLED] = "cancelled",
                                      [HW_CLOSED] = "closed",
                                      [HW_HTTP] = "http",
                                      [HW_PROTOCOL] = "protocol",
                                      [HW_IO] = "io",
                                      [HW_INTEGRITY] = "integrity",
                                      [HW_CALLBACK] = "callback"};
  _Static_assert(sizeof kinds / sizeof kinds[0] == HW_STATUS_COUNT, "a status without a kind");
  return kinds[status];
}

/* Foreign bytes in a header or a reason must not hide the error that they came with. */
static PyObject *text_of(const char *text, size_t len) {
  return PyUnicode_DecodeLatin1(text, (Py_ssize_t)len, "strict");
}

PyObject *hwpy_headers_of(const hw_http_response *response) {
  PyObject *pairs = PyList_New(0);
  hw_view name, value;
  size_t at = 0;
  while (pairs != NULL && response != NULL && hw_http_response_next(response, &at, &name, &value)) {
    PyObject *pair =
        Py_BuildValue("(NN)", text_of(name.ptr, name.len), text_of(value.ptr, value.len));
    if (pair == NULL || PyList_Append(pairs, pair) != 0) {
      Py_CLEAR(pairs);
    }
    Py_XDECREF(pair);
  }
  return pairs;
}

static PyObject *factory_of(hwpy_state *state) {
  if (state->client.from_native == NULL) {
    PyObject *module = PyImport_ImportModule("hopsworks.client.exceptions");
    if (module != NULL) {
      state->client.from_native = PyObject_GetAttrString(module, "from_native");
      Py_DECREF(module);
    }
  }
  return state->client.from_native;
}

static PyObject *keywords_of(const hw_error *err, const hw_http_response *response,
                             const char *url) {
  PyObject *pairs = hwpy_headers_of(response);
  if (pairs == NULL) {
    return NULL;
  }
  hw_view body = response == NULL ? (hw_view){0} : hw_buf_view(&response->body);
  const char *reason = response == NULL ? "" : response->reason;
  int http_status = err->http_status != 0 || response == NULL ? err->http_status : response->status;
  int attempts = err->attempts != 0 || response == NULL ? err->attempts : response->attempts;
  PyObject *code = err->service_code >= 0 ? PyLong_FromLong(err->service_code) : Py_NewRef(Py_None);
  PyObject *keywords = Py_BuildValue(
      "{s:s,s:z,s:i,s:N,s:N,s:y#,s:N,s:i,s:i}", "operation", err->operation, "url", url, "status",
      http_status, "reason", text_of(reason, strlen(reason)), "headers", pairs, "body",
      body.len == 0 ? "" : body.ptr, (Py_ssize_t)body.len, "service_code", code, "attempts",
      attempts == 0 ? 1 : attempts, "os_error", err->os_error);
  return keywords;
}

PyObject *hwpy_raise(hwpy_state *state, PyObject *errors, const hw_error *err,
                     const hw_http_response *response, const char *url) {
  if (PyErr_Occurred() != NULL) {
    return NULL;
  }
  if (err->status == HW_NOMEM) {
    return PyErr_NoMemory();
  }
  if (err->status == HW_ARGUMENT) {
    PyObject *reason = message_of(err->message);
    PyErr_SetObject(PyExc_ValueError, reason);
    Py_XDECREF(reason);
    return NULL;
  }
  PyObject *factory = errors != NULL ? errors : factory_of(state);
  PyObject *message = factory == NULL ? NULL : message_of(err->message);
  PyObject *keywords = message == NULL ? NULL : keywords_of(err, response, url);
  PyObject *args = keywords == NULL ? NULL : Py_BuildValue("(sO)", kind_of(err->status), message);
  PyObject *instance = args == NULL ? NULL : PyObject_Call(factory, args, keywords);
  if (instance != NULL && PyExceptionInstance_Check(instance)) {
    PyErr_SetObject((PyObject *)Py_TYPE(instance), instance);
  } else if (instance != NULL) {
    PyErr_Format(PyExc_TypeError, "the errors of a client must be exceptions, not %R", instance);
  }
  Py_XDECREF(instance);
  Py_XDECREF(args);
  Py_XDECREF(keywords);
  Py_XDECREF(message);
  return NULL;
}

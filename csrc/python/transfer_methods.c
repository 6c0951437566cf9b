/*
 * transfer_methods.c - Scope.upload, upload_files, download and download_files: whole files, see
 * core/transfer.h.
 *
 * The calling thread waits without the GIL and takes it for each tick: signals, progress, log
 * lines.
 */
#include "transfer_methods.h"

#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "transfer.h"

enum { PARALLEL_MAX = 32, MS_PER_SECOND = 1000 };

/* The first member is what the hooks of the wait get as their context. */
typedef struct transfer_wait {
  hwpy_wait wait;
  PyObject *progress; /* borrowed; NULL or a callable */
} transfer_wait;

const char hwpy_upload_doc[] =
    "upload($self, local_path, remote_dir, *, name=None, chunk_size=10485760, parallel=3, "
    "retries=3, "
    "retry_interval=1.0, timeout=None, progress=None)\n--\n\n"
    "Sends a file in chunks.\n\n"
    "Args:\n"
    "    local_path: The file on this machine.\n"
    "    remote_dir: Folder in the project that receives it.\n"
    "    name: Name there; default the local one.\n"
    "    chunk_size: Bytes a chunk.\n"
    "    parallel: Chunks under way at a time.\n"
    "    retries: How often a chunk that failed for a passing reason is sent again.\n"
    "    retry_interval: Seconds before the first repetition; doubled after each.\n"
    "    timeout: Seconds for the whole transfer; default no limit.\n"
    "    progress: Called as ``progress(done_bytes, total_bytes)`` on this thread.\n\n"
    "Raises:\n"
    "    OSError: If the file cannot be read; nothing is sent.\n"
    "    hopsworks.client.exceptions.RestAPIError: If the server refuses.\n"
    "    hopsworks.client.exceptions.ContentMismatchError: If the file changes meanwhile.\n\n"
    "Example:\n"
    "    >>> scope.upload(\"model.bin\", \"Resources\")\n";

const char hwpy_upload_files_doc[] =
    "upload_files($self, files, *, chunk_size=10485760, parallel=3, retries=3, retry_interval=1.0, "
    "timeout=None, progress=None)\n--\n\n"
    "Sends several files, with their chunks side by side.\n\n"
    "Args:\n"
    "    files: A list of ``(local_path, remote_dir, name)``.\n"
    "    chunk_size: Bytes a chunk.\n"
    "    parallel: Chunks under way at a time, of all files together.\n"
    "    retries: How often a chunk that failed for a passing reason is sent again.\n"
    "    retry_interval: Seconds before the first repetition; doubled after each.\n"
    "    timeout: Seconds for the whole transfer; default no limit.\n"
    "    progress: Called as ``progress(done_bytes, total_bytes)`` on this thread.\n\n"
    "Raises:\n"
    "    OSError: If a file cannot be read; when it is missing, nothing is sent.\n"
    "    hopsworks.client.exceptions.RestAPIError: If the server refuses.\n\n"
    "Example:\n"
    "    >>> scope.upload_files([(\"a.txt\", \"Resources\", \"a.txt\")])\n";

const char hwpy_download_doc[] =
    "download($self, remote_path, local_path, *, size, version=None, parallel=4, retries=3, "
    "retry_interval=1.0, timeout=None, range_size=8388608, progress=None)\n--\n\n"
    "Fetches a file; it appears at ``local_path`` only when it is complete.\n\n"
    "Args:\n"
    "    remote_path: The file in the project.\n"
    "    local_path: The file to write; an existing one is replaced.\n"
    "    size: Bytes that the file has; anything else is an error.\n"
    "    version: Text that changes when the content does. With it, a download that broke off is "
    "continued.\n"
    "    parallel: Ranges under way at a time.\n"
    "    retries: How often a range that failed for a passing reason is asked for again.\n"
    "    retry_interval: Seconds before the first repetition; doubled after each.\n"
    "    timeout: Seconds for the whole transfer; default no limit.\n"
    "    range_size: Bytes of a range; larger files are fetched in several.\n"
    "    progress: Called as ``progress(done_bytes, total_bytes)`` on this thread.\n\n"
    "Raises:\n"
    "    OSError: If the file cannot be written, for example because the disk is full.\n"
    "    hopsworks.client.exceptions.ContentMismatchError: If something else than announced "
    "arrives.\n"
    "    hopsworks.client.exceptions.RestAPIError: If the server refuses.\n\n"
    "Example:\n"
    "    >>> scope.download(\"Resources/model.bin\", \"/tmp/model.bin\", size=1024)\n";

const char hwpy_download_files_doc[] =
    "download_files($self, files, *, parallel=4, retries=3, retry_interval=1.0, timeout=None, "
    "range_size=8388608, progress=None)\n--\n\n"
    "Fetches several files, with their ranges side by side; each appears only when it is "
    "complete.\n\n"
    "Args:\n"
    "    files: A list of ``(remote_path, local_path, size, version)``; see :meth:`download`.\n"
    "    parallel: Requests under way at a time, of all files together.\n"
    "    retries: How often a request that failed for a passing reason is sent again.\n"
    "    retry_interval: Seconds before the first repetition; doubled after each.\n"
    "    timeout: Seconds for the whole transfer; default no limit.\n"
    "    range_size: Bytes of a range; larger files are fetched in several.\n"
    "    progress: Called as ``progress(done_bytes, total_bytes)`` on this thread.\n\n"
    "Raises:\n"
    "    OSError: If a file cannot be written.\n"
    "    hopsworks.client.exceptions.ContentMismatchError: If something else than announced "
    "arrives.\n"
    "    hopsworks.client.exceptions.RestAPIError: If the server refuses.\n\n"
    "Example:\n"
    "    >>> scope.download_files([(\"Resources/a.txt\", \"/tmp/a.txt\", 12, None)])\n";

/* --- arguments
 * ---------------------------------------------------------------------------------------------- */

/* Fast-call arguments in the form that PyArg_ParseTupleAndKeywords takes. */
static int gather(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, PyObject **tuple,
                  PyObject **dict) {
  *tuple = PyTuple_New(nargs);
  *dict = PyDict_New();
  if (*tuple == NULL || *dict == NULL) {
    return -1;
  }
  for (Py_ssize_t i = 0; i < nargs; i++) {
    if (PyTuple_SetItem(*tuple, i, Py_NewRef(args[i])) != 0) {
      return -1;
    }
  }
  Py_ssize_t count = kwnames == NULL ? 0 : PyTuple_Size(kwnames);
  for (Py_ssize_t i = 0; i < count; i++) {
    if (PyDict_SetItem(*dict, PyTuple_GetItem(kwnames, i), args[nargs + i]) != 0) {
      return -1;
    }
  }
  return 0;
}

/* The choices that all methods have. */
static int set_options(hw_transfer_options *options, Py_ssize_t parallel, Py_ssize_t retries,
                       double interval, PyObject *timeout) {
  hw_transfer_options_init(options);
  if (parallel < 1 || parallel > PARALLEL_MAX || retries < 0 || retries > 1000 ||
      !(interval >= 0) || interval > 3600) {
    PyErr_Format(PyExc_ValueError,
                 "parallel must be 1 to %d, retries 0 to 1000, retry_interval 0 to 3600 seconds",
                 (int)PARALLEL_MAX);
    return -1;
  }
  options->parallel = (unsigned)parallel;
  options->retries = (unsigned)retries;
  options->retry_interval_ms = (int64_t)(interval * MS_PER_SECOND);
  options->timeout_ms = hwpy_milliseconds(timeout, "timeout");
  return options->timeout_ms < 0 ? -1 : 0;
}

/* The URL of a transfer (owned by the caller, free()), made by an endpoint row. NULL with an
 * exception set. */
static char *url_for(PyObject *scope, hwpy_call *call, const char *endpoint, PyObject *path,
                     const char *extra_name, const char *extra) {
  char *url = NULL;
  hwpy_params params;
  hwpy_params_init(&params);
  PyObject *row = PyUnicode_FromString(endpoint);
  PyObject *path_name = PyUnicode_FromString("path");
  PyObject *name = extra_name == NULL ? NULL : PyUnicode_FromString(extra_name);
  PyObject *value = extra == NULL ? NULL : PyUnicode_FromString(extra);
  hwpy_call_end(call);
  memset(call, 0, sizeof *call);
  if (row != NULL && path_name != NULL && hwpy_params_add(&params, path_name, path) == 0 &&
      (name == NULL || hwpy_params_add(&params, name, value) == 0) && PyErr_Occurred() == NULL &&
      hwpy_call_begin(call, scope, row, &params, NULL, NULL, NULL) == 0) {
    url = strdup(call->request.url);
    if (url == NULL) {
      PyErr_NoMemory();
    }
  }
  hwpy_params_free(&params);
  Py_XDECREF(row);
  Py_XDECREF(path_name);
  Py_XDECREF(name);
  Py_XDECREF(value);
  return url;
}

/* --- the wait
 * -----------------------------------------------------------------------------------------------
 */

static hw_status on_progress(void *ctx, uint64_t done, uint64_t total, hw_error *err) {
  transfer_wait *waiting = ctx;
  hwpy_wait_enter(&waiting->wait);
  PyObject *result = PyObject_CallFunction(waiting->progress, "KK", (unsigned long long)done,
                                           (unsigned long long)total);
  Py_XDECREF(result);
  return hwpy_wait_leave(&waiting->wait, err);
}

static void begin_wait(transfer_wait *waiting, hwpy_state *state, hw_transfer_options *options,
                       PyObject *progress) {
  waiting->progress = progress == Py_None ? NULL : progress;
  options->progress = waiting->progress == NULL ? NULL : on_progress;
  hwpy_wait_begin(&waiting->wait, state);
  options->hooks = waiting->wait.hooks;
}

/* None, or NULL with the exception for what went wrong. */
static PyObject *end_wait(transfer_wait *waiting, hw_status status, hwpy_call *call,
                          hw_http_response *failed, hw_error *err) {
  PyObject *result = NULL;
  if (hwpy_wait_end(&waiting->wait) == 0) {
    if (status == HW_OK) {
      result = Py_NewRef(Py_None);
    } else {
      if (status == HW_HTTP) {
        err->service_code = hw_service_error_code(hw_buf_view(&failed->body));
      }
      hwpy_call_raise(call, err, failed);
    }
  }
  return result;
}

/* --- both ways
 * ---------------------------------------------------------------------------------------------- */

typedef struct transfer_kind {
  size_t item_size;
  const char *part; /* the argument that says how much one request carries */
  /* Reads the tuple of a file; `keep` holds the texts that the item borrows. 0 or -1. */
  int (*read)(PyObject *scope, hwpy_call *call, PyObject *tuple, PyObject *keep, void *item);
  void (*release)(void *item);
  hw_status (*run)(hw_http_pool *pool, const void *items, size_t count, uint64_t part,
                   hw_transfer_options *options, hw_http_response *failed, hw_error *err);
} transfer_kind;

static PyObject *transfer(const transfer_kind *kind, PyObject *scope, PyObject *files,
                          Py_ssize_t part, hw_transfer_options *options, PyObject *progress) {
  PyObject *result = NULL;
  char *items = NULL;
  hwpy_call call = {0};
  Py_ssize_t count = PyList_Size(files);
  PyObject *keep = PyList_New(0);
  if (keep == NULL || count < 0) {
    goto done;
  }
  if (part < 1) {
    PyErr_Format(PyExc_ValueError, "%s must be at least 1 byte", kind->part);
    goto done;
  }
  items = calloc((size_t)count + 1, kind->item_size);
  if (items == NULL) {
    PyErr_NoMemory();
    goto done;
  }
  for (Py_ssize_t i = 0; i < count; i++) {
    char *item = items + (size_t)i * kind->item_size;
    if (kind->read(scope, &call, PyList_GetItem(files, i), keep, item) != 0) {
      goto done;
    }
  }
  if (count == 0) {
    result = Py_NewRef(Py_None);
    goto done;
  }
  transfer_wait waiting;
  hw_http_response failed;
  hw_error err;
  hw_error_init(&err);
  hw_http_response_init(&failed);
  begin_wait(&waiting, call.state, options, progress);
  hw_status status =
      kind->run(call.pool, items, (size_t)count, (uint64_t)part, options, &failed, &err);
  result = end_wait(&waiting, status, &call, &failed, &err);
  hw_http_response_free(&failed);
done:
  hwpy_call_end(&call);
  for (Py_ssize_t i = 0; items != NULL && i < count; i++) {
    kind->release(items + (size_t)i * kind->item_size);
  }
  free(items);
  Py_XDECREF(keep);
  return result;
}

/* --- uploads
 * ------------------------------------------------------------------------------------------------
 */

/* One (local_path, remote_dir, name); `keep` holds the texts that the item borrows. */
static int read_upload(PyObject *scope, hwpy_call *call, PyObject *tuple, PyObject *keep,
                       void *into) {
  hw_upload_item *item = into;
  PyObject *local = NULL;
  PyObject *remote = NULL;
  PyObject *name = NULL;
  if (!PyTuple_Check(tuple) ||
      !PyArg_ParseTuple(tuple, "O&UU;a file is (local_path, remote_dir, name)",
                        PyUnicode_FSConverter, &local, &remote, &name)) {
    if (PyErr_Occurred() == NULL) {
      PyErr_SetString(PyExc_TypeError, "a file is a tuple (local_path, remote_dir, name)");
    }
    return -1;
  }
  int kept = PyList_Append(keep, local) == 0 && PyList_Append(keep, name) == 0;
  Py_DECREF(local); /* lives in `keep` */
  if (!kept) {
    return -1;
  }
  Py_ssize_t len = 0;
  item->local_path = PyBytes_AsString(local);
  item->name = PyUnicode_AsUTF8AndSize(name, &len);
  if (item->local_path == NULL || item->name == NULL) {
    return -1;
  }
  if (len == 0 || strlen(item->name) != (size_t)len || strchr(item->name, '/') != NULL) {
    PyErr_Format(PyExc_ValueError, "%R cannot be the name of a file", name);
    return -1;
  }
  item->url = url_for(scope, call, "dataset.upload", remote, NULL, NULL);
  return item->url == NULL ? -1 : 0;
}

static void release_upload(void *item) {
  free((char *)(uintptr_t)((hw_upload_item *)item)->url);
}

static hw_status run_upload(hw_http_pool *pool, const void *items, size_t count, uint64_t part,
                            hw_transfer_options *options, hw_http_response *failed, hw_error *err) {
  return hw_upload_files(pool, items, count, part, options, failed, err);
}

static const transfer_kind upload = {sizeof(hw_upload_item), "chunk_size", read_upload,
                                     release_upload, run_upload};

PyObject *hwpy_scope_upload_files(PyObject *scope, PyObject *const *args, Py_ssize_t nargs,
                                  PyObject *kwnames) {
  static const char *const names[] = {"files",          "chunk_size", "parallel", "retries",
                                      "retry_interval", "timeout",    "progress", NULL};
  PyObject *tuple = NULL, *dict = NULL, *files = NULL, *list = NULL, *result = NULL;
  PyObject *progress = Py_None, *timeout = Py_None;
  Py_ssize_t chunk_size = 10 << 20, parallel = 3, retries = 3;
  double interval = 1.0;
  hw_transfer_options options;
  if (gather(args, nargs, kwnames, &tuple, &dict) == 0 &&
      PyArg_ParseTupleAndKeywords(tuple, dict, "O|$nnndOO:upload_files", (char **)(uintptr_t)names,
                                  &files, &chunk_size, &parallel, &retries, &interval, &timeout,
                                  &progress) &&
      set_options(&options, parallel, retries, interval, timeout) == 0) {
    list = PySequence_List(files);
    result = list == NULL ? NULL : transfer(&upload, scope, list, chunk_size, &options, progress);
  }
  Py_XDECREF(list);
  Py_XDECREF(tuple);
  Py_XDECREF(dict);
  return result;
}

/* The last part of a path, as the name on the server. */
static PyObject *base_name(PyObject *path) {
  PyObject *result = NULL;
  PyObject *os_path = PyImport_ImportModule("os.path");
  PyObject *text = os_path == NULL ? NULL : PyObject_CallMethod(os_path, "basename", "O", path);
  PyObject *decoded = NULL; /* a path may be bytes */
  if (text != NULL && PyUnicode_FSDecoder(text, &decoded)) {
    result = decoded;
  }
  Py_XDECREF(text);
  Py_XDECREF(os_path);
  return result;
}

PyObject *hwpy_scope_upload(PyObject *scope, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames) {
  static const char *const names[] = {"local_path", "remote_dir", "name",           "chunk_size",
                                      "parallel",   "retries",    "retry_interval", "timeout",
                                      "progress",   NULL};
  PyObject *tuple = NULL, *dict = NULL, *list = NULL, *result = NULL;
  PyObject *local = NULL, *remote = NULL, *name = Py_None, *progress = Py_None;
  PyObject *timeout = Py_None;
  PyObject *own_name = NULL;
  Py_ssize_t chunk_size = 10 << 20, parallel = 3, retries = 3;
  double interval = 1.0;
  hw_transfer_options options;
  if (gather(args, nargs, kwnames, &tuple, &dict) == 0 &&
      PyArg_ParseTupleAndKeywords(tuple, dict, "OU|$OnnndOO:upload", (char **)(uintptr_t)names,
                                  &local, &remote, &name, &chunk_size, &parallel, &retries,
                                  &interval, &timeout, &progress) &&
      set_options(&options, parallel, retries, interval, timeout) == 0) {
    own_name = name == Py_None ? base_name(local) : Py_NewRef(name);
    list = own_name == NULL ? NULL : Py_BuildValue("[(OOO)]", local, remote, own_name);
    result = list == NULL ? NULL : transfer(&upload, scope, list, chunk_size, &options, progress);
  }
  Py_XDECREF(list);
  Py_XDECREF(own_name);
  Py_XDECREF(tuple);
  Py_XDECREF(dict);
  return result;
}

/* --- downloads
 * ---------------------------------------------------------------------------------------------- */

/* One (remote_path, local_path, size, version); `keep` holds the texts that the item borrows. */
static int read_download(PyObject *scope, hwpy_call *call, PyObject *tuple, PyObject *keep,
                         void *into) {
  hw_download *item = into;
  PyObject *remote = NULL, *local = NULL, *size = NULL, *version = NULL;
  Py_ssize_t len = 0;
  if (!PyTuple_Check(tuple) ||
      !PyArg_ParseTuple(tuple, "UO&OO;a file is (remote_path, local_path, size, version)", &remote,
                        PyUnicode_FSConverter, &local, &size, &version)) {
    if (PyErr_Occurred() == NULL) {
      PyErr_SetString(PyExc_TypeError,
                      "a file is a tuple (remote_path, local_path, size, version)");
    }
    return -1;
  }
  int kept = PyList_Append(keep, local) == 0 && PyList_Append(keep, version) == 0;
  Py_DECREF(local); /* lives in `keep` */
  item->target = kept ? PyBytes_AsString(local) : NULL;
  if (item->target == NULL) {
    return -1;
  }
  item->size = PyLong_AsUnsignedLongLong(size);
  if (PyErr_Occurred() != NULL) {
    return -1;
  }
  if (version != Py_None) {
    item->identity.ptr = PyUnicode_Check(version) ? PyUnicode_AsUTF8AndSize(version, &len) : NULL;
    if (item->identity.ptr == NULL) {
      if (PyErr_Occurred() == NULL) {
        PyErr_SetString(PyExc_TypeError, "version must be str or None");
      }
      return -1;
    }
    item->identity.len = (size_t)len;
  }
  item->url = url_for(scope, call, "dataset.download", remote, "type", "DATASET");
  return item->url == NULL ? -1 : 0;
}

static void release_download(void *item) {
  free((char *)(uintptr_t)((hw_download *)item)->url);
}

static hw_status run_download(hw_http_pool *pool, const void *items, size_t count, uint64_t part,
                              hw_transfer_options *options, hw_http_response *failed,
                              hw_error *err) {
  options->range_size = part;
  return hw_download_files(pool, items, count, options, failed, err);
}

static const transfer_kind download = {sizeof(hw_download), "range_size", read_download,
                                       release_download, run_download};

PyObject *hwpy_scope_download(PyObject *scope, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames) {
  static const char *const names[] = {
      "remote_path",    "local_path", "size",       "version",  "parallel", "retries",
      "retry_interval", "timeout",    "range_size", "progress", NULL};
  PyObject *tuple = NULL, *dict = NULL, *list = NULL, *result = NULL;
  PyObject *remote = NULL, *target = NULL, *size = NULL, *version = Py_None, *progress = Py_None;
  PyObject *timeout = Py_None;
  Py_ssize_t parallel = 4, retries = 3, range_size = 8 << 20;
  double interval = 1.0;
  hw_transfer_options options;
  if (gather(args, nargs, kwnames, &tuple, &dict) == 0 &&
      PyArg_ParseTupleAndKeywords(tuple, dict, "UO|$OOnndOnO:download", (char **)(uintptr_t)names,
                                  &remote, &target, &size, &version, &parallel, &retries, &interval,
                                  &timeout, &range_size, &progress) &&
      set_options(&options, parallel, retries, interval, timeout) == 0) {
    if (size == NULL) {
      PyErr_SetString(PyExc_TypeError, "download() needs size, the number of bytes of the file");
    } else {
      list = Py_BuildValue("[(OOOO)]", remote, target, size, version);
      result =
          list == NULL ? NULL : transfer(&download, scope, list, range_size, &options, progress);
    }
  }
  Py_XDECREF(list);
  Py_XDECREF(tuple);
  Py_XDECREF(dict);
  return result;
}

PyObject *hwpy_scope_download_files(PyObject *scope, PyObject *const *args, Py_ssize_t nargs,
                                    PyObject *kwnames) {
  static const char *const names[] = {"files",   "parallel",   "retries",  "retry_interval",
                                      "timeout", "range_size", "progress", NULL};
  PyObject *tuple = NULL, *dict = NULL, *files = NULL, *list = NULL, *result = NULL;
  PyObject *progress = Py_None, *timeout = Py_None;
  Py_ssize_t parallel = 4, retries = 3, range_size = 8 << 20;
  double interval = 1.0;
  hw_transfer_options options;
  if (gather(args, nargs, kwnames, &tuple, &dict) == 0 &&
      PyArg_ParseTupleAndKeywords(tuple, dict, "O|$nndOnO:download_files",
                                  (char **)(uintptr_t)names, &files, &parallel, &retries, &interval,
                                  &timeout, &range_size, &progress) &&
      set_options(&options, parallel, retries, interval, timeout) == 0) {
    list = PySequence_List(files);
    result = list == NULL ? NULL : transfer(&download, scope, list, range_size, &options, progress);
  }
  Py_XDECREF(list);
  Py_XDECREF(tuple);
  Py_XDECREF(dict);
  return result;
}

/*
 * request.c - Client.request(), open_download() and open_upload(): requests to plain targets, for
 * services whose requests are not rows of resources/.
 */
#include "client.h"

#include <stdlib.h>

const char hwpy_request_doc[] =
    "request($self, verb, target, /, *, body=None, headers=None, retry=\"never\", "
    "connect_timeout=..., read_timeout=..., total_timeout=...)\n--\n\n"
    "Sends one request and gives its answer, whatever its status.\n\n"
    "Args:\n"
    "    verb: ``\"GET\"`` and the like; every verb may have a body.\n"
    "    target: ``/path?query`` below the client's address, or an absolute URL, quoted. Another "
    "origin than the client's gets neither its headers nor its credentials.\n"
    "    body: Bytes or any buffer, or a binary file, which is sent in pieces from where it "
    "stands; with ``Content-Length``, or chunked when the file cannot seek.\n"
    "    headers: More headers, as a dict of str to str; they win over the client's.\n"
    "    retry: ``\"never\"``; ``\"safe\"`` for a request that changes nothing when it is "
    "repeated; "
    "``\"unsent\"`` for one that is only repeated when the server surely did nothing. See the "
    "client's settings. A request is never sent a second time otherwise, also not when a kept "
    "connection breaks.\n"
    "    connect_timeout: As of the client, for this request; None for no limit.\n"
    "    read_timeout: Likewise.\n"
    "    total_timeout: Likewise.\n\n"
    "Returns:\n"
    "    A ``Response``, with its whole content in memory.\n\n"
    "Raises:\n"
    "    ValueError: For a verb, target or header that cannot be sent; nothing is sent.\n"
    "    hopsworks.client.exceptions.ServiceUnreachableError: When no complete answer came; or "
    "what "
    "the client's ``errors`` makes of it.\n\n"
    "Example:\n"
    "    >>> client.request(\"GET\", \"/api/v1/repositories?amount=1\").status\n"
    "    200\n";

const char hwpy_plain_download_doc[] =
    "open_download($self, verb, target, /, *, body=None, headers=None, retry=\"never\", "
    "connect_timeout=..., read_timeout=..., total_timeout=...)\n--\n\n"
    "Sends a request and gives the content of its answer as a readable binary file.\n\n"
    "Args:\n"
    "    verb: As for ``request``, and likewise the others.\n"
    "    target: As for ``request``.\n"
    "    body: As for ``request``.\n"
    "    headers: As for ``request``.\n"
    "    retry: As for ``request``; once content came, nothing is repeated.\n"
    "    connect_timeout: As for ``request``.\n"
    "    read_timeout: As for ``request``.\n"
    "    total_timeout: As for ``request``; the reading counts.\n\n"
    "Returns:\n"
    "    A ``DownloadStream``.\n\n"
    "Raises:\n"
    "    hopsworks.client.exceptions.RestAPIError: For an answer that is not 2xx; or what the "
    "client's ``errors`` makes of it.\n\n"
    "Example:\n"
    "    >>> with client.open_download(\"GET\", \"/big\") as stream:\n"
    "    ...     first = stream.read(1024)\n";

const char hwpy_plain_upload_doc[] =
    "open_upload($self, verb, target, /, *, headers=None, connect_timeout=..., read_timeout=..., "
    "total_timeout=...)\n--\n\n"
    "Begins a request whose content is written piece by piece, and sent chunked.\n\n"
    "Args:\n"
    "    verb: As for ``request``, and likewise the others.\n"
    "    target: As for ``request``.\n"
    "    headers: As for ``request``.\n"
    "    connect_timeout: As for ``request``.\n"
    "    read_timeout: As for ``request``.\n"
    "    total_timeout: As for ``request``; the writing counts.\n\n"
    "Returns:\n"
    "    An ``UploadStream``; its ``finish()`` gives the ``Response``.\n\n"
    "Example:\n"
    "    >>> stream = client.open_upload(\"POST\", \"/rows\", headers={\"Content-Type\": "
    "\"text/csv\"})\n"
    "    >>> stream.write(b\"1,2\\n\")\n"
    "    4\n"
    "    >>> stream.finish().status\n"
    "    201\n";

/* Fills `plain`; its headers become an owned copy, which another thread cannot change. */
static int read_plain(PyObject *args, PyObject *keywords, const char *name, bool upload,
                      hwpy_plain *plain) {
  static char *all[] = {
      "", "", "body", "headers", "retry", "connect_timeout", "read_timeout", "total_timeout", NULL};
  static char *of_upload[] = {
      "", "", "headers", "connect_timeout", "read_timeout", "total_timeout", NULL};
  char format[64];
  PyObject *headers = NULL;
  (void)PyOS_snprintf(format, sizeof format, upload ? "sO|$OOOO:%s" : "sO|$OOOOOO:%s", name);
  int parsed = upload
                   ? PyArg_ParseTupleAndKeywords(args, keywords, format, of_upload, &plain->verb,
                                                 &plain->target, &headers, &plain->connect_timeout,
                                                 &plain->read_timeout, &plain->total_timeout)
                   : PyArg_ParseTupleAndKeywords(args, keywords, format, all, &plain->verb,
                                                 &plain->target, &plain->body, &headers,
                                                 &plain->retry, &plain->connect_timeout,
                                                 &plain->read_timeout, &plain->total_timeout);
  if (!parsed) {
    return -1;
  }
  if (headers != NULL && headers != Py_None) {
    if (!PyDict_Check(headers)) {
      PyErr_SetString(PyExc_TypeError, "headers must be a dict of str to str");
      return -1;
    }
    plain->headers = PyDict_Copy(headers);
    return plain->headers == NULL ? -1 : 0;
  }
  return 0;
}

PyObject *hwpy_client_request(PyObject *self, PyObject *args, PyObject *keywords) {
  hwpy_client *client = (hwpy_client *)self;
  hwpy_plain plain = {0};
  hwpy_call call;
  hw_http_response response;
  PyObject *result = NULL;
  if (read_plain(args, keywords, "request", false, &plain) != 0) {
    return NULL;
  }
  if (hwpy_call_begin_plain(&call, client, &plain) == 0) {
    hwpy_client_take_response(client, &response);
    if (hwpy_call_send(&call, &response) == 0) {
      result = hwpy_response_new(&call, &response);
    }
    hwpy_client_put_response(client, &response);
  }
  hwpy_call_end(&call);
  Py_XDECREF(plain.headers);
  return result;
}

/* What the request borrows of the arguments beyond the call's own: verb and headers. */
static PyObject *keep_of(PyObject *args, const hwpy_plain *plain) {
  return PyTuple_Pack(2, args, plain->headers == NULL ? Py_None : plain->headers);
}

static PyObject *open_plain(PyObject *self, PyObject *args, PyObject *keywords, bool upload) {
  hwpy_plain plain = {0};
  PyObject *result = NULL;
  PyObject *keep = NULL;
  hwpy_call *call = NULL;
  const char *name = upload ? "open_upload" : "open_download";
  if (read_plain(args, keywords, name, upload, &plain) != 0 ||
      (keep = keep_of(args, &plain)) == NULL) {
    goto done;
  }
  call = calloc(1, sizeof *call);
  if (call == NULL) {
    PyErr_NoMemory();
    goto done;
  }
  if (hwpy_call_begin_plain(call, (hwpy_client *)self, &plain) == 0) {
    result = upload ? hwpy_upload_stream_new(self, call, keep)
                    : hwpy_download_stream_new(self, call, keep);
    call = NULL; /* taken */
  }
done:
  if (call != NULL) {
    hwpy_call_end(call);
    free(call);
  }
  Py_XDECREF(keep);
  Py_XDECREF(plain.headers);
  return result;
}

PyObject *hwpy_client_open_download(PyObject *self, PyObject *args, PyObject *keywords) {
  return open_plain(self, args, keywords, false);
}

PyObject *hwpy_client_open_upload(PyObject *self, PyObject *args, PyObject *keywords) {
  return open_plain(self, args, keywords, true);
}

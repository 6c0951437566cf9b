#include "http_stream.h"

#include <stdlib.h>
#include <string.h>

#include "http_call.h"

/* An answer to pushed content may take this many times the usual silence. */
enum { ANSWER_PATIENCE = 10 };

struct hw_http_stream {
  hw__call call;
  hw_http_response response;
  hw_http_request request; /* a copy; what it points to is the caller's */
  hw_error failure;        /* of a read that gave something first; told by the next one */
};

static hw_status make(const hw_http_request *request, hw_http_stream **out, hw_error *err) {
  hw_http_stream *stream = calloc(1, sizeof *stream);
  *out = NULL;
  if (stream == NULL) {
    return hw_error_set(err, HW_NOMEM, "out of memory");
  }
  hw_http_response_init(&stream->response);
  stream->request = *request;
  stream->request.source = NULL;
  stream->request.sink = NULL;
  stream->request.bulk = true;
  *out = stream;
  return HW_OK;
}

static hw_status open_stream(hw_http_pool *pool, const hw_http_request *request, hw__flow flow,
                             hw__until until, hw_http_stream **out, hw_error *err) {
  HW_TRY(make(request, out, err));
  hw_http_stream *stream = *out;
  if (flow == HW__FLOW_PULL) {
    stream->request.source = request->source;
  }
  hw_status status =
      hw__call_begin(&stream->call, pool, &stream->request, &stream->response, flow, until, err);
  if (status != HW_OK) {
    hw_http_stream_free(stream);
    *out = NULL;
  }
  return status;
}

hw_status hw_http_stream_open_upload(hw_http_pool *pool, const hw_http_request *request,
                                     hw_http_stream **out, hw_error *err) {
  return open_stream(pool, request, HW__FLOW_PUSH, HW__UNTIL_TAKEN, out, err);
}

hw_status hw_http_stream_open_download(hw_http_pool *pool, const hw_http_request *request,
                                       hw_http_stream **out, hw_error *err) {
  return open_stream(pool, request, HW__FLOW_PULL, HW__UNTIL_HEAD, out, err);
}

/* A failed exchange is broken off at once, so that the server sees it now and not when the stream
 * is freed. */
static hw_status drive(hw_http_stream *stream, hw__until until, hw_error *err) {
  hw__call *call = &stream->call;
  if (call->exchange.handle == NULL) {
    return hw_error_set(err, HW_CLOSED, "the stream is closed");
  }
  if (hw__handle_stale(call->exchange.handle)) {
    return hw_error_set(err, HW_CLOSED,
                        "the stream belongs to the parent of this process; open another one");
  }
  hw__exchange_resume(&call->exchange);
  hw_status status = hw__exchange_drive(&call->exchange, until, err);
  if (status != HW_OK) {
    hw__call_describe(call, err);
    hw__call_end(call);
  }
  return status;
}

hw_status hw_http_stream_write(hw_http_stream *stream, hw_view bytes, hw_error *err) {
  hw__exchange *exchange = &stream->call.exchange;
  if (bytes.len == 0) {
    return HW_OK;
  }
  exchange->pushed = bytes;
  HW_TRY(drive(stream, HW__UNTIL_TAKEN, err));
  bool taken = exchange->pushed.len == 0;
  exchange->pushed = (hw_view){0};
  if (!exchange->done) {
    return HW_OK;
  }
  /* The server made up its mind before the content was complete. */
  HW_TRY(hw_http_check(stream->call.pool, &stream->request, &stream->response, err));
  return taken ? HW_OK
               : hw_error_set(err, HW_PROTOCOL,
                              "the server answered %d before it had read the whole content",
                              stream->response.status);
}

hw_status hw_http_stream_finish(hw_http_stream *stream, hw_error *err) {
  hw__exchange *exchange = &stream->call.exchange;
  exchange->push_ended = true;
  if (stream->request.read_timeout_ms < 0) {
    /* The server works through the whole content before it says a word. To give up on it would mean
       to send everything again, to a server that is busy with the first. */
    exchange->read_timeout_ms *= ANSWER_PATIENCE;
  }
  HW_TRY(drive(stream, HW__UNTIL_DONE, err));
  hw__call_end(&stream->call);
  return HW_OK;
}

/* Waits until `into` is full, something lies in the inbox, or the content ends. */
static hw_status pull(hw_http_stream *stream, char *into, size_t room, size_t *got) {
  hw__exchange *exchange = &stream->call.exchange;
  exchange->into = into;
  exchange->into_room = room;
  hw_error_init(&stream->failure);
  hw_status status = drive(stream, HW__UNTIL_BYTES, &stream->failure);
  *got = room - exchange->into_room;
  exchange->into = NULL;
  exchange->into_room = 0;
  return *got > 0 ? HW_OK : status;
}

/* Once; afterwards the stream is closed. */
static hw_status tell_failure(hw_http_stream *stream, hw_error *err) {
  hw_status status = stream->failure.status;
  if (err != NULL && err->status == HW_OK) {
    *err = stream->failure;
  }
  hw_error_init(&stream->failure);
  return status;
}

hw_status hw_http_stream_read(hw_http_stream *stream, void *into, size_t room, size_t *got,
                              hw_error *err) {
  hw__exchange *exchange = &stream->call.exchange;
  *got = 0;
  if (room == 0) {
    return HW_OK;
  }
  if (stream->failure.status != HW_OK) {
    return tell_failure(stream, err);
  }
  if (exchange->handle == NULL) {
    return hw_error_set(err, HW_CLOSED, "the stream is closed");
  }
  if (exchange->inbox.len == exchange->inbox_read && pull(stream, into, room, got) != HW_OK) {
    return tell_failure(stream, err);
  }
  size_t left = exchange->inbox.len - exchange->inbox_read;
  size_t more = left < room - *got ? left : room - *got;
  if (more > 0) {
    memcpy((char *)into + *got, exchange->inbox.ptr + exchange->inbox_read, more);
    exchange->inbox_read += more;
    *got += more;
  }
  return HW_OK;
}

void hw_http_stream_set_hooks(hw_http_stream *stream, hw_http_hooks hooks) {
  stream->request.hooks = hooks;
  stream->call.exchange.hooks = hooks;
}

hw_http_response *hw_http_stream_response(hw_http_stream *stream) {
  return &stream->response;
}

void hw_http_stream_free(hw_http_stream *stream) {
  if (stream == NULL) {
    return;
  }
  hw__call_end(&stream->call);
  hw_http_response_free(&stream->response);
  free(stream);
}

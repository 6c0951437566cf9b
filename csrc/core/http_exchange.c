#include "http_exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http_error.h"
#include "http_headers.h"
#include "http_request.h"

enum {
  SLICE_MS = 100,
  TICK_MS = 50,
  ERROR_BODY_MAX = 1024 * 1024,
  INBOX_MAX = 512 * 1024,
  INBOX_ROOM = 4 * 1024 * 1024
};

int64_t hw__now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void hw__exchange_fail(hw__exchange *exchange, const hw_error *failure) {
  if (exchange->failure.status == HW_OK) {
    exchange->failure = *failure;
  }
}

static bool is_success(const hw_http_response *response) {
  return response->status >= 200 && response->status <= 299;
}

static bool is_redirect(const hw_http_response *response) {
  switch (response->status) {
  case 301:
  case 302:
  case 303:
  case 307:
  case 308:
    return hw_http_response_header(response, "Location").len > 0;
  default:
    return false;
  }
}

/* Content-Length as a number, -1 when it has none. */
static int64_t announced_length(const hw_http_response *response) {
  hw_view text = hw_http_response_header(response, "Content-Length");
  int64_t length = 0;
  if (text.len == 0 || text.len > 18) {
    return -1;
  }
  for (size_t i = 0; i < text.len; i++) {
    if (text.ptr[i] < '0' || text.ptr[i] > '9') {
      return -1;
    }
    length = length * 10 + (text.ptr[i] - '0');
  }
  return length;
}

static bool collects(const hw__exchange *exchange) {
  return !is_success(exchange->response) ||
         (exchange->flow != HW__FLOW_PULL && exchange->request->sink == NULL);
}

static hw_status end_head(hw__exchange *exchange, hw_error *err) {
  hw_http_response *response = exchange->response;
  const hw_http_request *request = exchange->request;
  if (response->status < 200) {
    return HW_OK; /* "100 Continue" and the like: the answer is still to come */
  }
  exchange->head_complete = true;
  exchange->redirects = exchange->handle->pool->max_redirects > 0 && is_redirect(response);
  response->content_length = announced_length(response);
  if (exchange->redirects) {
    return HW_OK;
  }
  if (!is_success(response)) {
    response->body.max = ERROR_BODY_MAX;
    return HW_OK;
  }
  if (exchange->flow == HW__FLOW_WHOLE && request->sink != NULL) {
    return request->sink->begin == NULL ? HW_OK
                                        : request->sink->begin(request->sink->ctx, response, err);
  }
  if (exchange->flow == HW__FLOW_PULL) {
    return HW_OK;
  }
  response->body.max =
      request->max_response > 0 ? request->max_response : exchange->handle->pool->max_response;
  if (response->content_length > 0 && strcmp(exchange->verb, "HEAD") != 0) {
    if ((uint64_t)response->content_length > response->body.max) {
      return hw_error_set(err, HW_LIMIT,
                          "the answer announces %lld bytes; at most %zu are collected in memory; "
                          "read it as a stream instead",
                          (long long)response->content_length, response->body.max);
    }
    return hw_buf_reserve(&response->body, (size_t)response->content_length, err);
  }
  return HW_OK;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *ctx) {
  hw__exchange *exchange = ((hw__handle *)ctx)->exchange;
  hw_error err;
  hw_error_init(&err);
  size_t len = size * count;
  hw_view line = {.ptr = bytes, .len = len};
  hw_status status = HW_OK;
  exchange->answered = true;
  exchange->last_byte_ms = 0;
  if (exchange->head_complete) {
    return len; /* a trailer */
  }
  if (len > 0 && (bytes[0] == '\r' || bytes[0] == '\n')) {
    status = end_head(exchange, &err);
  } else {
    status = hw__http_response_line(exchange->response, line, &err);
  }
  if (status != HW_OK) {
    hw__exchange_fail(exchange, &err);
    return 0;
  }
  return len;
}

/* Error bodies are cut, not refused: the beginning says what went wrong. */
static hw_status collect(hw__exchange *exchange, hw_view bytes, hw_error *err) {
  hw_buf *body = &exchange->response->body;
  if (exchange->redirects) {
    return HW_OK;
  }
  if (!is_success(exchange->response) && bytes.len > body->max - body->len) {
    bytes.len = body->max - body->len;
  }
  size_t max = body->max;
  hw_status status = hw_buf_append_view(body, bytes, err);
  if (status == HW_LIMIT && err != NULL) {
    hw_error_init(err);
    return hw_error_set(err, HW_LIMIT,
                        "the answer is longer than the %zu bytes collected in memory; "
                        "read it as a stream instead",
                        max);
  }
  return status;
}

static size_t on_content(char *bytes, size_t size, size_t count, void *ctx) {
  hw__exchange *exchange = ((hw__handle *)ctx)->exchange;
  hw_error err;
  hw_error_init(&err);
  hw_view view = {.ptr = bytes, .len = size * count};
  hw_status status = HW_OK;
  exchange->last_byte_ms = 0;
  if (collects(exchange)) {
    status = collect(exchange, view, &err);
  } else if (exchange->flow == HW__FLOW_PULL) {
    /* A piece goes whole to one place or the other, and never past one that waits. */
    if (exchange->into_room >= view.len && exchange->inbox_read == exchange->inbox.len) {
      memcpy(exchange->into, view.ptr, view.len);
      exchange->into += view.len;
      exchange->into_room -= view.len;
      return view.len;
    }
    if (exchange->inbox.len - exchange->inbox_read > 0 &&
        exchange->inbox.len + view.len > INBOX_MAX) {
      exchange->receive_paused = true;
      return CURL_WRITEFUNC_PAUSE;
    }
    if (exchange->inbox_read == exchange->inbox.len) {
      hw_buf_clear(&exchange->inbox);
      exchange->inbox_read = 0;
    }
    status = hw_buf_append_view(&exchange->inbox, view, &err);
  } else {
    exchange->delivered = true;
    status = exchange->request->sink->write(exchange->request->sink->ctx, view, &err);
  }
  if (status != HW_OK) {
    hw__exchange_fail(exchange, &err);
    return 0;
  }
  return view.len;
}

static size_t take(hw_view *from, char *into, size_t room) {
  size_t len = from->len < room ? from->len : room;
  if (len > 0) {
    memcpy(into, from->ptr, len);
    from->ptr += len;
    from->len -= len;
  }
  return len;
}

static size_t on_send(char *into, size_t size, size_t count, void *ctx) {
  hw__exchange *exchange = ((hw__handle *)ctx)->exchange;
  size_t room = size * count;
  exchange->last_byte_ms = 0;
  if (exchange->flow == HW__FLOW_PUSH) {
    if (exchange->pushed.len == 0 && !exchange->push_ended) {
      exchange->send_paused = true;
      return CURL_READFUNC_PAUSE;
    }
    exchange->started = true;
    return take(&exchange->pushed, into, room);
  }
  const hw_http_source *source = exchange->request->source;
  exchange->started = true;
  hw_error err;
  hw_error_init(&err);
  size_t got = 0;
  hw_status status = source->read(source->ctx, into, room, &got, &err);
  if (status != HW_OK) {
    hw__exchange_fail(exchange, &err);
    return CURL_READFUNC_ABORT;
  }
  return got;
}

/* When a kept connection ends before one byte of an answer, curl sends the request again by itself,
   on another connection. The server may have acted on the first, and nobody would see the second:
   so curl is stopped where it would connect again or use another kept connection, and retry.c
   decides. */
bool hw__exchange_may_connect(hw__exchange *exchange) {
  if (exchange == NULL || !exchange->requested) {
    return true;
  }
  exchange->resend_refused = true;
  return false;
}

static int on_request(void *ctx, char *peer_ip, char *own_ip, int peer_port, int own_port) {
  (void)peer_ip;
  (void)own_ip;
  (void)peer_port;
  (void)own_port;
  hw__exchange *exchange = ((hw__handle *)ctx)->exchange;
  if (!hw__exchange_may_connect(exchange)) {
    return CURL_PREREQFUNC_ABORT;
  }
  exchange->requested = true;
  return CURL_PREREQFUNC_OK;
}

void hw__exchange_install(hw__handle *handle) {
  CURL *easy = handle->easy;
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, handle);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, handle);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_content);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, handle);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_send);
  curl_easy_setopt(easy, CURLOPT_READDATA, handle);
}

hw_status hw__exchange_begin(hw__exchange *exchange, hw_error *err) {
  hw__handle *handle = exchange->handle;
  handle->exchange = exchange;
  handle->curl_message[0] = '\0';
  handle->closed_connected = false;
  hw_error_init(&exchange->failure);
  hw__http_response_reset(exchange->response);
  hw_buf_init(&exchange->inbox, INBOX_ROOM);
  HW_TRY(hw__request_set_up(exchange, err));
  if (curl_multi_add_handle(handle->multi, handle->easy) != CURLM_OK) {
    return hw_error_set(err, HW_NOMEM, "out of memory");
  }
  exchange->attached = true;
  exchange->last_byte_ms = hw__now_ms();
  exchange->last_tick_ms = exchange->last_byte_ms;
  return HW_OK;
}

static bool reached(const hw__exchange *exchange, hw__until until) {
  switch (until) {
  case HW__UNTIL_TAKEN:
    return exchange->pushed.len == 0 && exchange->send_paused;
  case HW__UNTIL_HEAD:
    return exchange->head_complete && !exchange->redirects && is_success(exchange->response);
  case HW__UNTIL_BYTES:
    return exchange->inbox.len > exchange->inbox_read ||
           (exchange->into != NULL && exchange->into_room == 0);
  default:
    return false;
  }
}

/* What ends any wait: a close, a cancel, a fork, the caller's tick. */
static hw_status check_hooks(hw__handle *handle, const hw_http_request *request,
                             const hw_http_hooks *hooks, int64_t now, int64_t *last_tick,
                             hw_error *err) {
  if (atomic_load(&handle->pool->closed)) {
    return hw_error_set(err, HW_CLOSED, "the connection to %s was closed during the request",
                        handle->pool->origin.host);
  }
  if (hw_cancel_fired(request->cancel)) {
    return hw_error_set(err, HW_CANCELLED, "the request was cancelled");
  }
  if (hooks->tick != NULL && now - *last_tick >= TICK_MS) {
    bool go_on = hooks->tick(hooks->ctx);
    *last_tick = hw__now_ms();
    if (hw__handle_stale(handle)) {
      return hw_error_set(err, HW_CLOSED,
                          "the process was forked during the request; the child must send its own");
    }
    if (!go_on) {
      return hw_error_set(err, HW_CANCELLED, "the request was interrupted");
    }
  }
  return HW_OK;
}

/* The read timeout counts from when the connection stands; before that, curl counts the connect
 * timeout. */
static bool is_connected(hw__exchange *exchange) {
  curl_off_t at = 0;
  curl_easy_getinfo(exchange->handle->easy, CURLINFO_PRETRANSFER_TIME_T, &at);
  return at > 0;
}

static hw_status check_time(hw__exchange *exchange, int64_t now, hw_error *err) {
  if (exchange->deadline_ms > 0 && now >= exchange->deadline_ms) {
    return hw__http_explain_deadline(exchange, err);
  }
  if (exchange->last_byte_ms == 0) { /* a callback moved bytes since the last look */
    exchange->last_byte_ms = now;
  } else if (exchange->read_timeout_ms > 0 &&
             now - exchange->last_byte_ms >= exchange->read_timeout_ms) {
    if (is_connected(exchange)) {
      return hw__http_explain_silence(exchange, err);
    }
  }
  if (!exchange->answered && !exchange->started && !is_connected(exchange)) {
    exchange->last_byte_ms = now;
  }
  return HW_OK;
}

static int slice_ms(const hw__exchange *exchange, int64_t now) {
  int64_t slice = SLICE_MS;
  if (exchange->deadline_ms > 0 && exchange->deadline_ms - now < slice) {
    slice = exchange->deadline_ms - now;
  }
  if (exchange->read_timeout_ms > 0 &&
      exchange->last_byte_ms + exchange->read_timeout_ms - now < slice) {
    slice = exchange->last_byte_ms + exchange->read_timeout_ms - now;
  }
  return slice < 1 ? 1 : (int)slice;
}

static void wake(void *ctx) {
  curl_multi_wakeup(ctx);
}

static void finish(hw__exchange *exchange) {
  int left = 0;
  exchange->done = true;
  exchange->code = CURLE_FAILED_INIT;
  for (CURLMsg *message = curl_multi_info_read(exchange->handle->multi, &left); message != NULL;
       message = curl_multi_info_read(exchange->handle->multi, &left)) {
    if (message->msg == CURLMSG_DONE) {
      exchange->code = message->data.result;
    }
  }
  if (exchange->code == CURLE_OK && !exchange->head_complete) {
    /* curl takes a connection that ends within the head for the end of an answer without content.
     */
    exchange->code = CURLE_PARTIAL_FILE;
  }
}

static hw_status drive(hw__exchange *exchange, hw__until until, hw_error *err) {
  CURLM *multi = exchange->handle->multi;
  for (;;) {
    int running = 0;
    CURLMcode code = curl_multi_perform(multi, &running);
    if (code != CURLM_OK) {
      return hw_error_set(err, HW_IO, "the HTTP library failed: %s", curl_multi_strerror(code));
    }
    if (running == 0) {
      finish(exchange);
      return exchange->code == CURLE_OK ? HW_OK : hw__http_explain(exchange, err);
    }
    if (reached(exchange, until)) {
      return HW_OK;
    }
    int64_t now = hw__now_ms();
    HW_TRY(check_time(exchange, now, err));
    HW_TRY(check_hooks(exchange->handle, exchange->request, &exchange->hooks, now,
                       &exchange->last_tick_ms, err));
    int ready = 0;
    code = curl_multi_poll(multi, NULL, 0, slice_ms(exchange, now), &ready);
    if (code != CURLM_OK) {
      return hw_error_set(err, HW_IO, "the HTTP library failed: %s", curl_multi_strerror(code));
    }
  }
}

hw_status hw__exchange_drive(hw__exchange *exchange, hw__until until, hw_error *err) {
  if (exchange->done || reached(exchange, until)) {
    return HW_OK;
  }
  hw_waiter waiter = {.wake = wake, .ctx = exchange->handle->multi};
  hw_cancel_attach(exchange->request->cancel, &waiter);
  hw_status status = drive(exchange, until, err);
  hw_cancel_detach(exchange->request->cancel, &waiter);
  return status;
}

void hw__exchange_resume(hw__exchange *exchange) {
  if (exchange->done || !(exchange->send_paused || exchange->receive_paused)) {
    return;
  }
  exchange->send_paused = false;
  exchange->receive_paused = false;
  exchange->last_byte_ms = hw__now_ms();
  curl_easy_pause(exchange->handle->easy, CURLPAUSE_CONT);
}

bool hw__exchange_end(hw__exchange *exchange) {
  hw__handle *handle = exchange->handle;
  hw_buf_free(&exchange->inbox);
  exchange->inbox_read = 0;
  if (hw__handle_stale(handle)) {
    return false;
  }
  long version = 0;
  curl_easy_getinfo(handle->easy, CURLINFO_HTTP_VERSION, &version);
  handle->multiplexed = handle->multiplexed || version >= CURL_HTTP_VERSION_2_0;
  if (exchange->attached) {
    curl_multi_remove_handle(handle->multi, handle->easy);
    exchange->attached = false;
  }
  if (handle->headers != NULL) {
    curl_easy_setopt(handle->easy, CURLOPT_HTTPHEADER, NULL);
    hw__headers_free(handle->headers);
    handle->headers = NULL;
  }
  return exchange->done && exchange->code == CURLE_OK;
}

hw_status hw__wait(hw__handle *handle, const hw_http_request *request, int64_t until_ms,
                   hw_error *err) {
  hw_status status = HW_OK;
  int64_t last_tick = 0;
  hw_waiter waiter = {.wake = wake, .ctx = handle->multi};
  hw_cancel_attach(request->cancel, &waiter);
  for (int64_t now = hw__now_ms(); status == HW_OK && now < until_ms; now = hw__now_ms()) {
    status = check_hooks(handle, request, &request->hooks, now, &last_tick, err);
    if (status == HW_OK) {
      int64_t left = until_ms - now;
      int ready = 0;
      curl_multi_poll(handle->multi, NULL, 0, left < SLICE_MS ? (int)left : SLICE_MS, &ready);
    }
  }
  hw_cancel_detach(request->cancel, &waiter);
  return status;
}

#include "http_exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "http_error.h"
#include "http_headers.h"
#include "http_renewal.h"

enum {
  SLICE_MS = 100,
  TICK_MS = 50,
  ERROR_BODY_MAX = 1024 * 1024,
  INBOX_MAX = 512 * 1024,
  INBOX_ROOM = 4 * 1024 * 1024,
  BULK_BYTES = 1024 * 1024,
  SMALL_BUFFER = 64 * 1024,
  BULK_BUFFER = 512 * 1024
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
  exchange->redirects = is_redirect(response);
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

static int64_t chosen(int64_t own, int64_t of_pool) {
  return own >= 0 ? own : of_pool;
}

static bool has_content(const hw__exchange *exchange) {
  return exchange->flow == HW__FLOW_PUSH ||
         (exchange->request->source != NULL && !exchange->without_body);
}

static bool is_chunked(const hw__exchange *exchange) {
  const hw_http_source *source = exchange->request->source;
  return exchange->flow == HW__FLOW_PUSH ||
         (has_content(exchange) && source->read != NULL && source->length < 0);
}

static int64_t content_length(const hw__exchange *exchange) {
  const hw_http_source *source = exchange->request->source;
  if (exchange->flow == HW__FLOW_PUSH) {
    return -1;
  }
  return source->read == NULL ? (int64_t)source->memory.len : source->length;
}

static bool is_bulk(const hw__exchange *exchange) {
  if (exchange->request->bulk || exchange->flow != HW__FLOW_WHOLE) {
    return true;
  }
  return has_content(exchange) && (is_chunked(exchange) || content_length(exchange) > BULK_BYTES);
}

static void set_content(hw__exchange *exchange) {
  CURL *easy = exchange->handle->easy;
  const hw_http_source *source = exchange->request->source;
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)content_length(exchange));
  bool in_memory = exchange->flow != HW__FLOW_PUSH && source->read == NULL;
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                   in_memory ? (source->memory.ptr == NULL ? "" : source->memory.ptr) : NULL);
}

/* Options that are text are copied by curl, which can fail; the old value would then be used. */
static hw_status accepted(CURLcode code, hw_error *err) {
  return code == CURLE_OK ? HW_OK
                          : hw_error_set(err, code == CURLE_OUT_OF_MEMORY ? HW_NOMEM : HW_ARGUMENT,
                                         "a setting was refused: %s", curl_easy_strerror(code));
}

static hw_status set_verb(hw__exchange *exchange, hw_error *err) {
  CURL *easy = exchange->handle->easy;
  const char *verb = exchange->verb;
  const char *usual = "GET"; /* what curl would say by itself */
  if (has_content(exchange)) {
    set_content(exchange);
    usual = "POST";
  } else if (strcmp(verb, "HEAD") == 0) {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    usual = "HEAD";
  } else if (strcmp(verb, "POST") == 0 || strcmp(verb, "PUT") == 0 || strcmp(verb, "PATCH") == 0) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
    usual = "POST";
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  }
  const char *custom = strcmp(verb, usual) == 0 ? NULL : verb;
  return accepted(curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, custom), err);
}

static hw_status set_headers(hw__exchange *exchange, hw_error *err) {
  hw__handle *handle = exchange->handle;
  const hw_http_request *request = exchange->request;
  if (exchange->foreign) {
    HW_TRY(
        hw__headers_build_foreign(&handle->headers, request->headers, request->header_count, err));
  } else if (request->header_count > 0 || is_chunked(exchange) ||
             hw__renewal_possible(handle->pool)) {
    HW_TRY(hw__headers_build(&handle->headers, request->headers, request->header_count,
                             handle->pool->headers, err));
    HW_TRY(hw__renewal_add(handle->pool, &handle->headers, &exchange->authorization, err));
  }
  if (is_chunked(exchange)) {
    HW_TRY(hw__headers_add(&handle->headers, "Transfer-Encoding: chunked", err));
  }
  curl_easy_setopt(handle->easy, CURLOPT_HTTPHEADER,
                   handle->headers != NULL ? handle->headers : handle->pool->headers);
  return HW_OK;
}

static hw_status set_certificate(hw__exchange *exchange, hw_error *err) {
  hw_http_pool *pool = exchange->handle->pool;
  CURL *easy = exchange->handle->easy;
  if (pool->certificate.len == 0) {
    return HW_OK;
  }
  if (exchange->foreign) {
    HW_TRY(accepted(curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, NULL), err));
    return accepted(curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, NULL), err);
  }
  struct curl_blob certificate = {
      .data = pool->certificate.ptr, .len = pool->certificate.len, .flags = CURL_BLOB_NOCOPY};
  struct curl_blob key = {.data = pool->key.ptr, .len = pool->key.len, .flags = CURL_BLOB_NOCOPY};
  HW_TRY(accepted(curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM"), err));
  HW_TRY(accepted(curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &certificate), err));
  HW_TRY(accepted(curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM"), err));
  return accepted(curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &key), err);
}

static hw_status set_url(hw__exchange *exchange, hw_error *err) {
  hw__handle *handle = exchange->handle;
  hw_buf_clear(&handle->url);
  if (exchange->url != NULL) {
    HW_TRY(hw_buf_append_str(&handle->url, exchange->url, err));
  } else {
    hw_view base = {.ptr = handle->pool->base_url, .len = handle->pool->base_len};
    HW_TRY(hw_buf_append_view(&handle->url, base, err));
    HW_TRY(hw_buf_append_str(&handle->url, exchange->request->url, err));
  }
  return accepted(curl_easy_setopt(handle->easy, CURLOPT_URL, handle->url.ptr), err);
}

/* A connect timeout of none is curl's zero only when set high: its own zero means five minutes. */
static long connect_limit(int64_t ms) {
  return ms <= 0 || ms > 24L * 3600 * 1000 ? 24L * 3600 * 1000 : (long)ms;
}

hw_status hw__exchange_begin(hw__exchange *exchange, hw_error *err) {
  hw__handle *handle = exchange->handle;
  hw_http_pool *pool = handle->pool;
  const hw_http_request *request = exchange->request;
  CURL *easy = handle->easy;
  bool bulk = is_bulk(exchange);

  handle->exchange = exchange;
  handle->curl_message[0] = '\0';
  handle->closed_connected = false;
  hw_error_init(&exchange->failure);
  hw__http_response_reset(exchange->response);
  hw_buf_init(&exchange->inbox, INBOX_ROOM);
  exchange->connect_timeout_ms = chosen(request->connect_timeout_ms, pool->connect_timeout_ms);
  exchange->read_timeout_ms = chosen(request->read_timeout_ms, pool->read_timeout_ms);
  if (request->read_timeout_ms < 0 && request->patience > 1) {
    exchange->read_timeout_ms *= request->patience;
  }

  HW_TRY(set_url(exchange, err));
  HW_TRY(set_headers(exchange, err));
  HW_TRY(set_verb(exchange, err));
  HW_TRY(set_certificate(exchange, err));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_limit(exchange->connect_timeout_ms));
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                   bulk ? (long)CURL_HTTP_VERSION_1_1 : (long)CURL_HTTP_VERSION_2TLS);
  HW_TRY(accepted(curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, bulk ? NULL : "gzip, deflate"),
                  err));
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, bulk ? (long)BULK_BUFFER : (long)SMALL_BUFFER);
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, bulk ? (long)BULK_BUFFER : (long)SMALL_BUFFER);

  if (curl_multi_add_handle(handle->multi, easy) != CURLM_OK) {
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
    return exchange->inbox.len > exchange->inbox_read;
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
  if (hw__handle_stale(handle)) {
    return false;
  }
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

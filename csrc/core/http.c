#include "http.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "http_call.h"
#include "http_error.h"
#include "http_renewal.h"

enum { LOG_LINE_MAX = 768, PATH_MAX_SHOWN = 300 };

static int64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void hw_http_request_init(hw_http_request *request, const char *verb, const char *url) {
  *request = (hw_http_request){.verb = verb,
                               .url = url,
                               .retry = hw_retry_class_of(verb),
                               .connect_timeout_ms = -1,
                               .read_timeout_ms = -1,
                               .total_timeout_ms = -1};
}

/* The path without its query, which may hold what a user looked for. */
static int path_len(const char *url) {
  size_t len = strcspn(url, "?");
  return len > PATH_MAX_SHOWN ? PATH_MAX_SHOWN : (int)len;
}

static void operation_text(const hw_http_request *request, char *into, size_t room) {
  (void)snprintf(into, room, "%s %.*s", request->verb, path_len(request->url), request->url);
}

static void say(const hw__call *call, hw_log_level level, const char *text) {
  const hw_http_hooks *hooks = &call->request->hooks;
  if (hooks->log != NULL) {
    hooks->log(hooks->ctx, level, text);
  }
}

static void log_attempt(const hw__call *call, hw_status status, const hw_error *failure,
                        int64_t began_us, int64_t delay_ms) {
  const hw_http_hooks *hooks = &call->request->hooks;
  if (hooks->log == NULL) {
    return;
  }
  char operation[HW_ERROR_OPERATION_MAX];
  char outcome[320];
  char line[LOG_LINE_MAX];
  operation_text(call->request, operation, sizeof operation);
  if (status == HW_OK) {
    (void)snprintf(outcome, sizeof outcome, "%d %s", call->response->status,
                   call->response->reason);
  } else {
    (void)snprintf(outcome, sizeof outcome, "%s: %.260s", hw_status_text(status), failure->message);
  }
  int used = snprintf(line, sizeof line, "%s at %s -> %s in %.1f ms (attempt %d)", operation,
                      call->home.host, outcome, (double)(now_us() - began_us) / 1000.0,
                      call->response->attempts);
  if (delay_ms >= 0 && used > 0 && (size_t)used < sizeof line) {
    (void)snprintf(line + used, sizeof line - (size_t)used, "; trying again in %.2f s",
                   (double)delay_ms / 1000.0);
  }
  say(call, delay_ms >= 0 ? HW_LOG_WARNING : HW_LOG_DEBUG, line);
}

static void release(hw__call *call) {
  hw__handle *handle = call->exchange.handle;
  if (handle == NULL) {
    return;
  }
  call->sent_some = call->sent_some || call->exchange.started;
  if (hw__exchange_end(&call->exchange)) {
    hw__pool_checkin(handle);
  } else {
    hw__pool_discard(handle);
  }
  call->exchange.handle = NULL;
}

/* NULL: below the base URL of the pool. */
static const char *address_of(const hw__call *call) {
  if (call->location[0] != '\0') {
    return call->location;
  }
  return call->request->url[0] == '/' ? NULL : call->request->url;
}

static hw_status open_exchange(hw__call *call, hw__until until, hw_error *err) {
  hw__handle *handle = NULL;
  HW_TRY(hw__pool_checkout(call->pool, &handle, err));
  call->exchange = (hw__exchange){.handle = handle,
                                  .request = call->request,
                                  .response = call->response,
                                  .verb = call->verb,
                                  .url = address_of(call),
                                  .audience = call->audience,
                                  .without_body = call->without_body,
                                  .flow = call->flow,
                                  .hooks = call->request->hooks,
                                  .deadline_ms = call->deadline_ms};
  hw_status status = hw__exchange_begin(&call->exchange, err);
  if (status == HW_OK) {
    status = hw__exchange_drive(&call->exchange, until, err);
  }
  return status;
}

/* A source that was read must be taken back to its start before another exchange. */
static hw_status rewind_source(hw__call *call, hw_error *err) {
  const hw_http_source *source = call->request->source;
  if (source == NULL || source->read == NULL || !call->sent_some || call->without_body) {
    return HW_OK;
  }
  call->sent_some = false;
  if (source->rewind == NULL) {
    return hw_error_set(
        err, HW_PROTOCOL,
        "%s asked to send the content to another place, but it can be sent only once",
        call->home.host);
  }
  return source->rewind(source->ctx, err);
}

/* As browsers and the HTTP libraries do: after 303 always, and after 301 and 302 for POST, comes a
 * GET. */
static void turn_verb(hw__call *call) {
  int status = call->response->status;
  bool post = strcmp(call->verb, "POST") == 0;
  if ((status == 303 && strcmp(call->verb, "HEAD") != 0) ||
      (post && (status == 301 || status == 302))) {
    call->verb = "GET";
    call->without_body = true;
  }
}

static hw_status follow(hw__call *call, hw_error *err) {
  const hw_http_pool *pool = call->pool;
  char *target = NULL;
  hw_origin origin;
  curl_easy_getinfo(call->exchange.handle->easy, CURLINFO_REDIRECT_URL, &target);
  if (target == NULL || strlen(target) >= sizeof call->location) {
    return hw_error_set(err, HW_PROTOCOL, "%s redirects to an address that cannot be used",
                        call->home.host);
  }
  hw_status status = hw_origin_parse(target, &origin, err);
  if (status == HW_ARGUMENT) { /* the server's, not the caller's */
    hw_error_context(err, "%s redirects to an address that cannot be used", call->home.host);
    if (err != NULL) {
      err->status = HW_PROTOCOL;
    }
    return HW_PROTOCOL;
  }
  HW_TRY(status);
  bool other = !hw_origin_equal(&origin, &call->home);
  if (other && pool->unix_socket != NULL) {
    return hw_error_set(err, HW_PROTOCOL,
                        "the local server redirects to another host (%s), which is not followed",
                        origin.host);
  }
  if (call->secure && !origin.tls) {
    return hw_error_set(
        err, HW_PROTOCOL,
        "%s redirects from https to plain http at %s, which is not followed; give the "
        "https address of the service",
        call->home.host, origin.host);
  }
  /* Once away, credentials stay away, also when the chain leads back. */
  if (other) {
    call->audience = HW__TO_STRANGER;
  }
  call->secure = origin.tls;
  memcpy(call->location, target, strlen(target) + 1);
  turn_verb(call);
  return HW_OK;
}

/* One attempt: an exchange, and those that redirects ask for. Leaves the last one open, also on
 * failure. */
static hw_status attempt(hw__call *call, hw__until until, hw_error *err) {
  call->location[0] = '\0';
  call->verb = call->request->verb;
  call->audience = call->audience_at_home;
  call->secure = call->home.tls;
  call->without_body = false;
  for (int hops = 0;; hops++) {
    HW_TRY(rewind_source(call, err));
    HW_TRY(open_exchange(call, until, err));
    if (!call->exchange.redirects || call->flow == HW__FLOW_PUSH) {
      return HW_OK;
    }
    if (hops == call->pool->max_redirects) {
      return hw_error_set(err, HW_PROTOCOL, "%s redirected more than %d times", call->home.host,
                          hops);
    }
    HW_TRY(follow(call, err));
    release(call);
  }
}

static uint32_t next_random(hw__call *call) {
  uint32_t x = call->random;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  call->random = x;
  return x;
}

static bool is_consumed(const hw__call *call) {
  const hw_http_source *source = call->request->source;
  bool read = call->sent_some || call->exchange.started;
  bool once = call->flow == HW__FLOW_PUSH ||
              (source != NULL && source->read != NULL && source->rewind == NULL);
  return call->exchange.delivered || (once && read);
}

static bool in_time(const hw__call *call, int64_t delay_ms) {
  return call->deadline_ms == 0 || hw__now_ms() + delay_ms < call->deadline_ms;
}

/* A service that answers 401 has done nothing, so a request of any verb can be repeated with
   another token. Where there is none yet, whoever renews it is given time. */
static int64_t delay_before_renewed(hw__call *call, hw_status status) {
  bool expired =
      status == HW_OK && call->response->status == 401 && call->audience == HW__TO_SERVICE;
  if (!expired || !hw__renewal_possible(call->pool)) {
    return -1;
  }
  bool renewed = hw__renewal_read(call->pool, call->exchange.authorization, NULL);
  if (call->renewals == HW__RENEWALS_MAX || is_consumed(call)) {
    return -1;
  }
  int64_t delay = renewed ? 0 : (int64_t)HW__RENEWAL_DELAY_MS << call->renewal_pauses;
  if (!in_time(call, delay)) {
    return -1;
  }
  call->renewals++;
  call->renewal_pauses += renewed ? 0 : 1;
  return delay;
}

static int64_t delay_before_next(hw__call *call, hw_status status) {
  hw_view retry_after = hw_http_response_header(call->response, "Retry-After");
  hw_attempt outcome = {
      .status = status,
      .http_status = call->response->status,
      .answered = call->exchange.answered,
      .consumed = is_consumed(call),
      .stale = call->exchange.resend_refused,
      .retry_after_ms = hw_retry_after_parse(retry_after, (int64_t)time(NULL)),
  };
  int64_t delay =
      hw_retry_delay(&call->pool->retry, call->request->retry,
                     call->response->attempts - call->renewals, &outcome, next_random(call));
  if (delay < 0) {
    return delay_before_renewed(call, status);
  }
  return in_time(call, delay) ? delay : -1;
}

static hw_status pause_before_next(hw__call *call, int64_t delay_ms, hw_error *err) {
  hw__handle *handle = NULL;
  HW_TRY(hw__pool_checkout(call->pool, &handle, err));
  hw_status status = hw__wait(handle, call->request, hw__now_ms() + delay_ms, err);
  hw__pool_checkin(handle);
  if (status == HW_OK && call->response->status == 401) {
    (void)hw__renewal_read(call->pool, 0, NULL);
  }
  return status;
}

static bool is_verb(const char *verb) {
  size_t len = verb == NULL ? 0 : strspn(verb, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return len > 0 && verb[len] == '\0';
}

static hw_status find_home(hw__call *call, hw_error *err) {
  const hw_http_pool *pool = call->pool;
  const char *url = call->request->url;
  call->home = pool->origin;
  call->audience_at_home = HW__TO_SERVICE;
  if (url == NULL || url[0] == '/') {
    return hw_url_check_path(url, err);
  }
  HW_TRY(hw_url_check_absolute(url, &call->home, err));
  if (hw_origin_equal(&call->home, &pool->origin)) {
    return HW_OK;
  }
  if (pool->unix_socket != NULL) {
    return hw_error_set(err, HW_ARGUMENT, "%s cannot be asked through the socket of a local server",
                        call->home.host);
  }
  call->audience_at_home = HW__TO_NAMED;
  return HW_OK;
}

static void set_deadline(hw__call *call) {
  int64_t total = call->request->total_timeout_ms >= 0 ? call->request->total_timeout_ms
                                                       : call->pool->total_timeout_ms;
  call->deadline_ms = total > 0 ? hw__now_ms() + total : 0;
}

hw_status hw__call_begin(hw__call *call, hw_http_pool *pool, const hw_http_request *request,
                         hw_http_response *response, hw__flow flow, hw__until until,
                         hw_error *err) {
  hw_error failure;
  hw_status status;
  call->pool = pool;
  call->request = request;
  call->response = response;
  call->flow = flow;
  call->exchange = (hw__exchange){0};
  call->sent_some = false;
  call->renewals = 0;
  call->renewal_pauses = 0;
  call->began_us = now_us();
  call->random = (uint32_t)call->began_us | 1U;
  response->attempts = 0;
  response->elapsed_us = 0;
  hw_buf_clear(&response->location);
  hw__http_response_reset(response);
  if (!is_verb(request->verb)) {
    return hw_error_set(err, HW_ARGUMENT, "an HTTP verb is in capital letters, like GET");
  }
  HW_TRY(find_home(call, err));
  set_deadline(call);
  if (flow == HW__FLOW_PUSH && hw__renewal_possible(pool)) {
    /* What is pushed cannot be sent again with another token: it gets the newest. */
    (void)hw__renewal_read(pool, 0, NULL);
  }
  for (;;) {
    int64_t began = now_us();
    hw_error_init(&failure);
    response->attempts++;
    status = attempt(call, until, &failure);
    int64_t delay = delay_before_next(call, status);
    log_attempt(call, status, &failure, began, delay);
    if (delay < 0) {
      break;
    }
    release(call);
    hw_error_init(&failure);
    status = pause_before_next(call, delay, &failure);
    if (status != HW_OK) {
      break;
    }
  }
  response->elapsed_us = now_us() - call->began_us;
  if (status == HW_OK && call->location[0] != '\0') {
    status = hw_buf_append_str(&response->location, call->location, &failure);
  }
  if (status != HW_OK) {
    release(call);
    hw__call_describe(call, &failure);
    if (err != NULL && err->status == HW_OK) {
      *err = failure;
    }
  }
  return status;
}

void hw__call_end(hw__call *call) {
  release(call);
}

void hw__call_describe(const hw__call *call, hw_error *err) {
  if (err == NULL || err->status == HW_OK) {
    return;
  }
  if (err->operation[0] == '\0') {
    operation_text(call->request, err->operation, sizeof err->operation);
  }
  err->attempts = call->response->attempts;
  size_t used = strlen(err->message);
  if (call->response->attempts > 1 && used < sizeof err->message) {
    (void)snprintf(err->message + used, sizeof err->message - used, " (%d attempts in %.1f s)",
                   call->response->attempts, (double)(now_us() - call->began_us) / 1e6);
  }
}

hw_status hw_http_send(hw_http_pool *pool, const hw_http_request *request,
                       hw_http_response *response, hw_error *err) {
  hw__call call;
  hw_status status =
      hw__call_begin(&call, pool, request, response, HW__FLOW_WHOLE, HW__UNTIL_DONE, err);
  if (status == HW_OK) {
    hw__call_end(&call);
  }
  return status;
}

hw_status hw_http_check(const hw_http_pool *pool, const hw_http_request *request,
                        const hw_http_response *response, hw_error *err) {
  if (response->status >= 200 && response->status <= 299) {
    return HW_OK;
  }
  if (err != NULL && err->status == HW_OK) {
    err->http_status = response->status;
    err->attempts = response->attempts;
    operation_text(request, err->operation, sizeof err->operation);
  }
  hw_origin origin = pool->origin;
  if (request->url[0] != '/') {
    HW_TRY(hw_origin_parse(request->url, &origin, err));
  }
  return hw_error_set(err, HW_HTTP, "%s answered %.*s with %d%s%s%s", origin.host,
                      path_len(request->url), request->url, response->status,
                      response->reason[0] == '\0' ? "" : " ", response->reason,
                      response->attempts > 1 ? " at every attempt" : "");
}

#include "http_request.h"

#include <string.h>

#include "http_headers.h"
#include "http_renewal.h"

/* What is sent stays in the processor's cache between the file and the socket; what is received
   goes on in larger pieces. */
enum {
  BULK_BYTES = 1024 * 1024,
  SEND_BUFFER = 64 * 1024,
  SMALL_BUFFER = 64 * 1024,
  BULK_BUFFER = 512 * 1024
};

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
  bool renewed = hw__renewal_possible(handle->pool);
  switch (exchange->audience) {
  case HW__TO_STRANGER:
    HW_TRY(
        hw__headers_build_foreign(&handle->headers, request->headers, request->header_count, err));
    break;
  case HW__TO_NAMED:
    HW_TRY(hw__headers_build(&handle->headers, request->headers, request->header_count, NULL, err));
    break;
  case HW__TO_SERVICE:
    if (request->header_count > 0 || is_chunked(exchange) || renewed) {
      HW_TRY(hw__headers_build(&handle->headers, request->headers, request->header_count,
                               handle->pool->headers, err));
    }
    if (renewed) {
      HW_TRY(hw__renewal_add(handle->pool, &handle->headers, &exchange->authorization, err));
    }
    break;
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
  if (exchange->audience != HW__TO_SERVICE) {
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

hw_status hw__request_set_up(hw__exchange *exchange, hw_error *err) {
  hw_http_pool *pool = exchange->handle->pool;
  const hw_http_request *request = exchange->request;
  CURL *easy = exchange->handle->easy;
  bool bulk = is_bulk(exchange);
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
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BUFFER);
  return HW_OK;
}

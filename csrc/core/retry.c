#include "retry.h"

#include <string.h>

#include <curl/curl.h>

enum { RETRY_AFTER_DIGITS = 9, RETRY_AFTER_MAX = 64 };

hw_retry_policy hw_retry_policy_default(void) {
  return (hw_retry_policy){.max_attempts = 4,
                           .first_delay_ms = 250,
                           .max_delay_ms = 8000,
                           .max_retry_after_ms = 60000,
                           .answers = {429, 502, 503, 504},
                           .answer_count = 4};
}

static bool passes(const hw_retry_policy *policy, int http_status) {
  for (size_t i = 0; i < policy->answer_count; i++) {
    if (policy->answers[i] == http_status) {
      return true;
    }
  }
  return false;
}

/* By 429 and 503 with a time to come back, a server says that it did nothing. */
static bool answer_worth_repeating(const hw_retry_policy *policy, hw_retry_class retry_class,
                                   const hw_attempt *attempt) {
  bool told = attempt->retry_after_ms >= 0;
  if (!passes(policy, attempt->http_status) || (policy->answers_only_when_told && !told)) {
    return false;
  }
  switch (retry_class) {
  case HW_RETRY_SAFE:
    return true;
  case HW_RETRY_UNSENT:
    return told && (attempt->http_status == 429 || attempt->http_status == 503);
  default:
    return false;
  }
}

/* An unknown host or a refused certificate stays so; a timeout has been waited for once already.
   What is left of failures without an answer is a connection refused or broken. */
static bool worth_repeating(const hw_retry_policy *policy, hw_retry_class retry_class,
                            const hw_attempt *attempt) {
  if (attempt->consumed) {
    return false;
  }
  switch (attempt->status) {
  case HW_OK:
    return answer_worth_repeating(policy, retry_class, attempt);
  case HW_CONNECT:
    return policy->connect_always || retry_class != HW_RETRY_NEVER;
  case HW_IO:
    return retry_class == HW_RETRY_SAFE;
  default:
    return false;
  }
}

int64_t hw_retry_delay(const hw_retry_policy *policy, hw_retry_class retry_class, int done,
                       const hw_attempt *attempt, uint32_t random) {
  if (done >= policy->max_attempts || !worth_repeating(policy, retry_class, attempt)) {
    return -1;
  }
  if (attempt->stale && done == 1) {
    return 0; /* the server had only tired of waiting: there is nothing to give it time for */
  }
  int64_t delay = policy->first_delay_ms;
  for (int i = 1; i < done && delay < policy->max_delay_ms; i++) {
    delay *= 2;
  }
  if (delay > policy->max_delay_ms) {
    delay = policy->max_delay_ms;
  }
  delay = delay / 2 + (int64_t)((uint64_t)random % (uint64_t)(delay / 2 + 1));
  if (attempt->status == HW_OK && attempt->retry_after_ms >= 0) {
    if (attempt->retry_after_ms > policy->max_retry_after_ms) {
      return -1;
    }
    /* The server's word is the least; the jitter comes on top. */
    int64_t spread = attempt->retry_after_ms == 0 ? delay : delay / 4;
    return attempt->retry_after_ms + spread;
  }
  return delay;
}

int64_t hw_retry_after_parse(hw_view value, int64_t now) {
  while (value.len > 0 && (*value.ptr == ' ' || *value.ptr == '\t')) {
    value.ptr++;
    value.len--;
  }
  while (value.len > 0 && (value.ptr[value.len - 1] == ' ' || value.ptr[value.len - 1] == '\t')) {
    value.len--;
  }
  if (value.len == 0 || value.len >= RETRY_AFTER_MAX) {
    return -1;
  }
  int64_t seconds = 0;
  size_t digits = 0;
  while (digits < value.len && value.ptr[digits] >= '0' && value.ptr[digits] <= '9') {
    seconds = seconds * 10 + (value.ptr[digits] - '0');
    if (++digits > RETRY_AFTER_DIGITS) {
      return -1;
    }
  }
  if (digits == value.len) {
    return seconds * 1000;
  }
  char text[RETRY_AFTER_MAX];
  memcpy(text, value.ptr, value.len);
  text[value.len] = '\0';
  time_t when = curl_getdate(text, NULL);
  if (when == (time_t)-1) {
    return -1;
  }
  return (int64_t)when <= now ? 0 : ((int64_t)when - now) * 1000;
}

hw_retry_class hw_retry_class_of(const char *verb) {
  static const char *const safe[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"};
  for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++) {
    if (strcmp(verb, safe[i]) == 0) {
      return HW_RETRY_SAFE;
    }
  }
  return HW_RETRY_UNSENT;
}

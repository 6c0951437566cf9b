#include "retry.h"

#include "check.h"

static int64_t delay_of(hw_retry_class retry_class, int done, hw_attempt attempt, uint32_t random) {
  hw_retry_policy policy = hw_retry_policy_default();
  return hw_retry_delay(&policy, retry_class, done, &attempt, random);
}

static hw_attempt answer(int status, int64_t retry_after_ms) {
  return (hw_attempt){.http_status = status, .answered = true, .retry_after_ms = retry_after_ms};
}

static hw_attempt failure(hw_status status) {
  return (hw_attempt){.status = status, .retry_after_ms = -1};
}

static void only_safe_requests_are_repeated(void) {
  static const int passing[] = {429, 502, 503, 504};
  for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++) {
    CHECK(delay_of(HW_RETRY_SAFE, 1, answer(passing[i], -1), 0) > 0);
    CHECK_INT(delay_of(HW_RETRY_UNSENT, 1, answer(passing[i], -1), 0), -1);
    CHECK_INT(delay_of(HW_RETRY_NEVER, 1, answer(passing[i], -1), 0), -1);
  }
  CHECK(delay_of(HW_RETRY_UNSENT, 1, answer(429, 1000), 0) >= 1000);
  CHECK(delay_of(HW_RETRY_UNSENT, 1, answer(503, 1000), 0) >= 1000);
  CHECK_INT(delay_of(HW_RETRY_UNSENT, 1, answer(502, 1000), 0), -1);
  CHECK_INT(delay_of(HW_RETRY_NEVER, 1, answer(503, 1000), 0), -1);
}

static void final_answers_are_final(void) {
  static const int final[] = {200, 201, 301, 400, 401, 403, 404, 409, 500, 501};
  for (size_t i = 0; i < sizeof final / sizeof final[0]; i++) {
    CHECK_INT(delay_of(HW_RETRY_SAFE, 1, answer(final[i], -1), 0), -1);
  }
}

static void failures_without_an_answer(void) {
  CHECK(delay_of(HW_RETRY_SAFE, 1, failure(HW_CONNECT), 0) > 0);
  CHECK(delay_of(HW_RETRY_UNSENT, 1, failure(HW_CONNECT), 0) > 0);
  CHECK(delay_of(HW_RETRY_SAFE, 1, failure(HW_IO), 0) > 0);
  CHECK_INT(delay_of(HW_RETRY_UNSENT, 1, failure(HW_IO), 0), -1);
  CHECK_INT(delay_of(HW_RETRY_SAFE, 1, failure(HW_TLS), 0), -1);
  CHECK_INT(delay_of(HW_RETRY_SAFE, 1, failure(HW_TIMEOUT), 0), -1);
  CHECK_INT(delay_of(HW_RETRY_SAFE, 1, failure(HW_RESOLVE), 0), -1);
  CHECK_INT(delay_of(HW_RETRY_SAFE, 1, failure(HW_CANCELLED), 0), -1);
  hw_attempt stale = failure(HW_IO);
  stale.stale = true;
  CHECK_INT(delay_of(HW_RETRY_SAFE, 1, stale, 99), 0);
  CHECK(delay_of(HW_RETRY_SAFE, 2, stale, 0) > 0);
  CHECK_INT(delay_of(HW_RETRY_UNSENT, 1, stale, 0), -1);
  CHECK_INT(delay_of(HW_RETRY_NEVER, 1, stale, 0), -1);
  hw_attempt consumed = failure(HW_IO);
  consumed.consumed = true;
  CHECK_INT(delay_of(HW_RETRY_SAFE, 1, consumed, 0), -1);
}

static void delays_grow_and_end(void) {
  hw_attempt broken = failure(HW_IO);
  for (uint32_t random = 0; random < 1000; random += 37) {
    int64_t first = delay_of(HW_RETRY_SAFE, 1, broken, random);
    int64_t second = delay_of(HW_RETRY_SAFE, 2, broken, random);
    int64_t third = delay_of(HW_RETRY_SAFE, 3, broken, random);
    CHECK(first >= 125 && first <= 250);
    CHECK(second >= 250 && second <= 500);
    CHECK(third >= 500 && third <= 1000);
  }
  CHECK_INT(delay_of(HW_RETRY_SAFE, 4, broken, 0), -1);
  hw_retry_policy patient = hw_retry_policy_default();
  patient.max_attempts = 100;
  CHECK(hw_retry_delay(&patient, HW_RETRY_SAFE, 90, &broken, UINT32_MAX) <= patient.max_delay_ms);
}

static void the_server_says_when(void) {
  for (uint32_t random = 0; random < 100000; random += 997) {
    int64_t delay = delay_of(HW_RETRY_SAFE, 1, answer(503, 2000), random);
    CHECK(delay >= 2000 && delay <= 2100);
  }
  CHECK_INT(delay_of(HW_RETRY_SAFE, 1, answer(503, 61000), 0), -1);
  CHECK(delay_of(HW_RETRY_SAFE, 1, answer(503, 0), 7) > 0);
}

static int64_t told_delay(hw_retry_class retry_class, hw_attempt attempt) {
  hw_retry_policy policy = hw_retry_policy_default();
  policy.answers[0] = 413;
  policy.answers[1] = 503;
  policy.answer_count = 2;
  policy.answers_only_when_told = true;
  policy.connect_always = true;
  return hw_retry_delay(&policy, retry_class, 1, &attempt, 0);
}

static void a_policy_names_its_answers(void) {
  CHECK(told_delay(HW_RETRY_SAFE, answer(413, 1000)) >= 1000);
  CHECK(told_delay(HW_RETRY_SAFE, answer(503, 1000)) >= 1000);
  CHECK_INT(told_delay(HW_RETRY_SAFE, answer(413, -1)), -1);
  CHECK_INT(told_delay(HW_RETRY_SAFE, answer(503, -1)), -1);
  CHECK_INT(told_delay(HW_RETRY_SAFE, answer(502, 1000)), -1);
  CHECK_INT(told_delay(HW_RETRY_SAFE, answer(429, 1000)), -1);
  CHECK_INT(told_delay(HW_RETRY_UNSENT, answer(413, 1000)), -1);
  CHECK(told_delay(HW_RETRY_UNSENT, answer(503, 1000)) >= 1000);
  CHECK_INT(told_delay(HW_RETRY_NEVER, answer(503, 1000)), -1);
}

static void a_policy_may_always_connect_again(void) {
  CHECK(told_delay(HW_RETRY_NEVER, failure(HW_CONNECT)) > 0);
  CHECK_INT(told_delay(HW_RETRY_NEVER, failure(HW_IO)), -1);
  CHECK_INT(told_delay(HW_RETRY_NEVER, failure(HW_RESOLVE)), -1);
}

static void retry_after(void) {
  CHECK_INT(hw_retry_after_parse(hw_view_of("120"), 0), 120000);
  CHECK_INT(hw_retry_after_parse(hw_view_of(" 0 "), 0), 0);
  /* Sun, 06 Nov 1994 08:49:37 GMT is 784111777 */
  hw_view date = hw_view_of("Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK_INT(hw_retry_after_parse(date, 784111770), 7000);
  CHECK_INT(hw_retry_after_parse(date, 784111800), 0);
  CHECK_INT(hw_retry_after_parse(hw_view_of(""), 0), -1);
  CHECK_INT(hw_retry_after_parse(hw_view_of("soon"), 0), -1);
  CHECK_INT(hw_retry_after_parse(hw_view_of("-5"), 0), -1);
  CHECK_INT(hw_retry_after_parse(hw_view_of("99999999999999999999"), 0), -1);
}

static void classes_of_verbs(void) {
  CHECK_INT(hw_retry_class_of("GET"), HW_RETRY_SAFE);
  CHECK_INT(hw_retry_class_of("HEAD"), HW_RETRY_SAFE);
  CHECK_INT(hw_retry_class_of("PUT"), HW_RETRY_SAFE);
  CHECK_INT(hw_retry_class_of("DELETE"), HW_RETRY_SAFE);
  CHECK_INT(hw_retry_class_of("POST"), HW_RETRY_UNSENT);
  CHECK_INT(hw_retry_class_of("PATCH"), HW_RETRY_UNSENT);
}

int main(void) {
  RUN(only_safe_requests_are_repeated);
  RUN(final_answers_are_final);
  RUN(failures_without_an_answer);
  RUN(delays_grow_and_end);
  RUN(the_server_says_when);
  RUN(a_policy_names_its_answers);
  RUN(a_policy_may_always_connect_again);
  RUN(retry_after);
  RUN(classes_of_verbs);
  return check_failures == 0 ? 0 : 1;
}

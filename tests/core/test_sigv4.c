/* Signatures that AWS publishes: its documentation and the test suite of signature version 4. */
#include "sigv4.h"

#include "check.h"
#include "failing_memory.h"

static hw_sigv4_pair pair(const char *name, const char *value) {
  return (hw_sigv4_pair){hw_view_of(name), hw_view_of(value)};
}

static hw_sigv4_key suite_key(void) {
  return (hw_sigv4_key){.secret = hw_view_of("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                        .date = hw_view_of("20150830T123600Z"),
                        .region = hw_view_of("us-east-1"),
                        .service = hw_view_of("service")};
}

static void signs(const hw_sigv4_request *request, const hw_sigv4_key *key, const char *expected) {
  char signature[HW_SIGV4_LEN + 1] = "";
  hw_error err;
  hw_error_init(&err);
  CHECK_INT(hw_sigv4_sign(request, key, signature, &err), HW_OK);
  CHECK_STR(signature, expected);
}

static void a_plain_request(void) {
  const hw_sigv4_pair headers[] = {pair("X-Amz-Date", "20150830T123600Z"),
                                   pair("Host", "example.amazonaws.com")};
  hw_sigv4_request request = {
      .verb = hw_view_of("GET"), .path = hw_view_of("/"), .headers = headers, .header_count = 2};
  hw_sigv4_key key = suite_key();
  signs(&request, &key, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  request.verb = hw_view_of("POST");
  signs(&request, &key, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

static void a_query_is_sorted(void) {
  const hw_sigv4_pair headers[] = {pair("Host", "example.amazonaws.com"),
                                   pair("X-Amz-Date", "20150830T123600Z")};
  const hw_sigv4_pair query[] = {pair("Param2", "value2"), pair("Param1", "value1")};
  hw_sigv4_request request = {.verb = hw_view_of("GET"),
                              .path = hw_view_of("/"),
                              .query = query,
                              .query_count = 2,
                              .headers = headers,
                              .header_count = 2};
  hw_sigv4_key key = suite_key();
  signs(&request, &key, "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

static void blanks_in_headers(void) {
  const hw_sigv4_pair headers[] = {
      pair("Host", "example.amazonaws.com"), pair("My-Header1", " value1"),
      pair("My-Header2", " \"a   b   c\""), pair("X-Amz-Date", "20150830T123600Z")};
  hw_sigv4_request request = {
      .verb = hw_view_of("GET"), .path = hw_view_of("/"), .headers = headers, .header_count = 4};
  hw_sigv4_key key = suite_key();
  signs(&request, &key, "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
}

static void the_listing_of_users(void) {
  const hw_sigv4_pair headers[] = {
      pair("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
      pair("Host", "iam.amazonaws.com"), pair("X-Amz-Date", "20150830T123600Z")};
  const hw_sigv4_pair query[] = {pair("Version", "2010-05-08"), pair("Action", "ListUsers")};
  hw_sigv4_request request = {.verb = hw_view_of("GET"),
                              .path = hw_view_of("/"),
                              .query = query,
                              .query_count = 2,
                              .headers = headers,
                              .header_count = 3};
  hw_sigv4_key key = suite_key();
  key.service = hw_view_of("iam");
  signs(&request, &key, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

static void a_presigned_address(void) {
  const hw_sigv4_pair headers[] = {pair("host", "examplebucket.s3.amazonaws.com")};
  const hw_sigv4_pair query[] = {
      pair("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
      pair("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"),
      pair("X-Amz-Date", "20130524T000000Z"), pair("X-Amz-Expires", "86400"),
      pair("X-Amz-SignedHeaders", "host")};
  hw_sigv4_request request = {.verb = hw_view_of("GET"),
                              .path = hw_view_of("/test.txt"),
                              .query = query,
                              .query_count = 5,
                              .headers = headers,
                              .header_count = 1,
                              .payload_hash = hw_view_of("UNSIGNED-PAYLOAD")};
  hw_sigv4_key key = {.secret = hw_view_of("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
                      .date = hw_view_of("20130524T000000Z"),
                      .region = hw_view_of("us-east-1"),
                      .service = hw_view_of("s3")};
  signs(&request, &key, "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

static void a_date_must_be_one(void) {
  static const char *const wrong[] = {"", "20150830", "20150830T123600", "2015-08-30T12:36",
                                      "20150830X123600Z"};
  hw_sigv4_request request = {.verb = hw_view_of("GET"), .path = hw_view_of("/")};
  hw_sigv4_key key = suite_key();
  char signature[HW_SIGV4_LEN + 1] = "";
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    hw_error err;
    hw_error_init(&err);
    key.date = hw_view_of(wrong[i]);
    CHECK_INT(hw_sigv4_sign(&request, &key, signature, &err), HW_ARGUMENT);
  }
}

static void a_hash(void) {
  char hash[HW_SIGV4_LEN + 1];
  CHECK_INT(hw_sigv4_hash(hw_view_of("abc"), hash, NULL), HW_OK);
  CHECK_STR(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* Each allocation fails in turn: an error or the right signature. */
static void fail_each_allocation(void) {
  const hw_sigv4_pair headers[] = {pair("Host", "example.amazonaws.com"),
                                   pair("X-Amz-Date", "20150830T123600Z")};
  const hw_sigv4_pair query[] = {pair("Param2", "value2"), pair("Param1", "value1")};
  hw_sigv4_request request = {.verb = hw_view_of("GET"),
                              .path = hw_view_of("/"),
                              .query = query,
                              .query_count = 2,
                              .headers = headers,
                              .header_count = 2};
  hw_sigv4_key key = suite_key();
  int failures = 0;
  bool done = !MEMORY_CAN_FAIL;
  for (long at = 0; !done && at < 1000; at++) {
    char signature[HW_SIGV4_LEN + 1] = "";
    hw_error err;
    hw_error_init(&err);
    memory_fail_at = at;
    hw_status status = hw_sigv4_sign(&request, &key, signature, &err);
    done = memory_fail_at >= 0;
    memory_fail_at = -1;
    failures += status != HW_OK;
    CHECK(status == HW_OK || status == HW_NOMEM);
    CHECK(status != HW_OK ||
          strcmp(signature, "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500") ==
              0);
  }
  CHECK(done);
  CHECK(failures > 5 || !MEMORY_CAN_FAIL);
}

static void memory_runs_out(void) {
  /* In the first round OpenSSL makes up for what it could not keep. */
  fail_each_allocation();
  long before = memory_alive;
  fail_each_allocation();
  CHECK_INT(memory_alive, before);
}

int main(void) {
  RUN(a_plain_request);
  RUN(a_query_is_sorted);
  RUN(blanks_in_headers);
  RUN(the_listing_of_users);
  RUN(a_presigned_address);
  RUN(a_date_must_be_one);
  RUN(a_hash);
  RUN(memory_runs_out);
  return check_failures == 0 ? 0 : 1;
}

#include "url.h"

#include "check.h"

static const char *segment(const char *text, hw_buf *buf) {
  hw_buf_clear(buf);
  CHECK_INT(hw_url_append_segment(buf, hw_view_of(text), NULL), HW_OK);
  return buf->ptr == NULL ? "" : buf->ptr;
}

static const char *query(const char *text, hw_buf *buf) {
  hw_buf_clear(buf);
  CHECK_INT(hw_url_append_query(buf, hw_view_of(text), NULL), HW_OK);
  return buf->ptr == NULL ? "" : buf->ptr;
}

static void segments_are_quoted_alone(void) {
  hw_buf buf;
  hw_buf_init(&buf, 4096);
  CHECK_STR(segment("Resources/a b.csv", &buf), "Resources%2Fa%20b.csv");
  CHECK_STR(segment("/Resources", &buf), "%2FResources");
  CHECK_STR(segment("..", &buf), "..");
  CHECK_STR(segment("a+b;c:d,e@f~g(h).i-j_k", &buf), "a+b;c:d,e@f~g(h).i-j_k");
  CHECK_STR(segment("100%?#&=", &buf), "100%25%3F%23%26%3D");
  CHECK_STR(segment("å\n", &buf), "%C3%A5%0A");
  CHECK_STR(segment("", &buf), "");
  hw_buf_clear(&buf);
  CHECK_INT(hw_url_append_segment(&buf, (hw_view){.ptr = "a\0b", .len = 3}, NULL), HW_OK);
  CHECK_STR(buf.ptr, "a%00b");
  hw_buf_free(&buf);
}

static void queries_are_quoted_as_forms(void) {
  hw_buf buf;
  hw_buf_init(&buf, 4096);
  CHECK_STR(query("a b", &buf), "a+b");
  CHECK_STR(query("committed_on:desc", &buf), "committed_on%3Adesc");
  CHECK_STR(query("a+b&c=d/e", &buf), "a%2Bb%26c%3Dd%2Fe");
  CHECK_STR(query("~._-", &buf), "~._-");
  hw_buf_free(&buf);
}

static void the_maximum_holds(void) {
  hw_buf buf;
  hw_error err;
  hw_error_init(&err);
  hw_buf_init(&buf, 8);
  CHECK_INT(hw_url_append_segment(&buf, hw_view_of("abcdefghi"), &err), HW_LIMIT);
  CHECK(strstr(err.message, "9 bytes") != NULL);
  hw_buf_free(&buf);
}

static void origins(void) {
  hw_origin a;
  hw_origin b;
  CHECK_INT(hw_origin_parse("https://Host.Example/p", &a, NULL), HW_OK);
  CHECK_STR(a.host, "host.example");
  CHECK_INT(a.port, 443);
  CHECK(a.tls);
  CHECK_INT(hw_origin_parse("https://host.example:443", &b, NULL), HW_OK);
  CHECK(hw_origin_equal(&a, &b));
  CHECK_INT(hw_origin_parse("http://host.example:443", &b, NULL), HW_OK);
  CHECK(!hw_origin_equal(&a, &b));
  CHECK_INT(hw_origin_parse("https://host.example:444", &b, NULL), HW_OK);
  CHECK(!hw_origin_equal(&a, &b));
  CHECK_INT(hw_origin_parse("http://[::1]:8080", &b, NULL), HW_OK);
  CHECK_STR(b.host, "[::1]");
  CHECK_INT(b.port, 8080);
}

static void bad_addresses(void) {
  hw_origin origin;
  hw_error err;
  hw_error_init(&err);
  CHECK_INT(hw_origin_parse("https://user:s3cret@host.example", &origin, &err), HW_ARGUMENT);
  CHECK(strstr(err.message, "host.example") != NULL);
  CHECK(strstr(err.message, "s3cret") == NULL);
  hw_error_init(&err);
  CHECK_INT(hw_origin_parse("ftp://host.example", &origin, &err), HW_ARGUMENT);
  CHECK(strstr(err.message, "neither http nor https") != NULL);
  CHECK_INT(hw_origin_parse("host.example", &origin, NULL), HW_ARGUMENT);
  CHECK_INT(hw_origin_parse("", &origin, NULL), HW_ARGUMENT);
  CHECK_INT(hw_origin_parse("https://host:99999", &origin, NULL), HW_ARGUMENT);
  CHECK_INT(hw_origin_parse("https://host:0", &origin, NULL), HW_ARGUMENT);
}

static void request_paths(void) {
  CHECK_INT(hw_url_check_path("/a%20b?x=1", NULL), HW_OK);
  CHECK_INT(hw_url_check_path("a", NULL), HW_ARGUMENT);
  CHECK_INT(hw_url_check_path(NULL, NULL), HW_ARGUMENT);
  CHECK_INT(hw_url_check_path("/a b", NULL), HW_ARGUMENT);
  CHECK_INT(hw_url_check_path("/a\r\nX: y", NULL), HW_ARGUMENT);
  CHECK_INT(hw_url_check_path("/a#b", NULL), HW_ARGUMENT);
  CHECK_INT(hw_url_check_path("/\xc3\xa5", NULL), HW_ARGUMENT);
}

static void absolute_targets(void) {
  hw_origin origin;
  CHECK_INT(hw_url_check_absolute("https://store.example/a?sig=%2F", &origin, NULL), HW_OK);
  CHECK_STR(origin.host, "store.example");
  CHECK_INT(hw_url_check_absolute("https://store.example/a b", &origin, NULL), HW_ARGUMENT);
  CHECK_INT(hw_url_check_absolute("https://store.example/a#b", &origin, NULL), HW_ARGUMENT);
  CHECK_INT(hw_url_check_absolute("store.example/a", &origin, NULL), HW_ARGUMENT);
}

static void addresses_of_proxies(void) {
  static const char *const good[] = {"http://host:3128", "https://host", "host:3128",
                                     "socks5h://me:pw@host:1080"};
  static const char *const bad[] = {"ftp://host", "http://", "http://host:x", "gopher9://host"};
  hw_error err;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    CHECK_INT(hw_url_check_proxy(good[i], NULL), HW_OK);
  }
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    CHECK_INT(hw_url_check_proxy(bad[i], NULL), HW_ARGUMENT);
  }
  hw_error_init(&err);
  CHECK_INT(hw_url_check_proxy("ftp://me:s3cret@host", &err), HW_ARGUMENT);
  CHECK(strstr(err.message, "s3cret") == NULL);
}

int main(void) {
  RUN(segments_are_quoted_alone);
  RUN(queries_are_quoted_as_forms);
  RUN(the_maximum_holds);
  RUN(origins);
  RUN(bad_addresses);
  RUN(request_paths);
  RUN(absolute_targets);
  RUN(addresses_of_proxies);
  return check_failures == 0 ? 0 : 1;
}

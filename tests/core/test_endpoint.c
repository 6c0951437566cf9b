/* test_endpoint.c - URLs from endpoint rows, on rows of its own and on those of resources/. */
#include "check.h"

#include "endpoint.h"

#define TEXT(text) {text, sizeof(text) - 1}

static const hw_query query[] = {
    {.key = TEXT("version"), .value = TEXT("version"), .parameter = true},
    {.key = TEXT("expand"), .value = TEXT("features")},
    {.key = TEXT("expand"), .value = TEXT("a b")},
};
static const long absent[] = {270009, 1};
static const hw_endpoint row = {
    .name = "thing.get",
    .verb = "GET",
    .path = "project/{project_id}/things/{name}",
    .query = query,
    .query_count = 3,
    .absent = absent,
    .absent_count = 2,
};

static hw_param param(const char *name, const char *value) {
  hw_param made = {hw_view_of(name), hw_view_of(value), false};
  return made;
}

static void expect(const hw_endpoint *endpoint, hw_param *given, size_t given_count,
                   hw_param *fixed, size_t fixed_count, const char *url) {
  hw_buf out;
  hw_error err;
  hw_buf_init(&out, 4096);
  hw_error_init(&err);
  CHECK_INT(hw_endpoint_build(endpoint, given, given_count, fixed, fixed_count, &out, &err), HW_OK);
  CHECK_STR(out.ptr, url);
  hw_buf_free(&out);
}

static void test_url(void) {
  hw_param fixed[] = {param("project_id", "119"), param("unused", "x")};
  hw_param given[] = {param("name", "a/b c"), param("version", "1")};
  expect(&row, given, 2, fixed, 2,
         "/hopsworks-api/api/project/119/things/a%2Fb%20c?version=1&expand=features&expand=a+b");
  expect(&row, given, 1, fixed, 2,
         "/hopsworks-api/api/project/119/things/a%2Fb%20c?expand=features&expand=a+b");
}

static void test_given_wins(void) {
  hw_param fixed[] = {param("project_id", "119")};
  hw_param given[] = {param("name", "n"), param("project_id", "7"), param("version", "1"),
                      param("version", "2")};
  expect(&row, given, 4, fixed, 1,
         "/hopsworks-api/api/project/7/things/n?version=1&version=2&expand=features&expand=a+b");
}

static void test_segments(void) {
  /* Each value of a list is a segment of its own; an empty one leaves a slash at the end. */
  hw_endpoint plain = row;
  hw_param given[] = {param("name", "a"), param("name", "b/c"), param("name", "+;:,@~().-_")};
  hw_param empty[] = {param("name", "")};
  plain.path = "/0.1.0/{name}";
  plain.query_count = 0;
  expect(&plain, given, 3, NULL, 0, "/0.1.0/a/b%2Fc/+;:,@~().-_");
  expect(&plain, empty, 1, NULL, 0, "/0.1.0/");
  plain.path = "fixed";
  expect(&plain, NULL, 0, NULL, 0, "/hopsworks-api/api/fixed");
}

static void expect_fault(hw_param *given, size_t count, const char *named) {
  hw_buf out;
  hw_error err;
  hw_buf_init(&out, 4096);
  hw_error_init(&err);
  CHECK_INT(hw_endpoint_build(&row, given, count, NULL, 0, &out, &err), HW_ARGUMENT);
  CHECK(strstr(err.message, named) != NULL);
  CHECK(strstr(err.message, "thing.get") != NULL);
  hw_buf_free(&out);
}

static void test_faults(void) {
  hw_param missing[] = {param("project_id", "1")};
  hw_param unknown[] = {param("project_id", "1"), param("name", "n"), param("vers", "1")};
  hw_param dots[] = {param("project_id", "1"), param("name", "..")};
  expect_fault(missing, 1, "'name'");
  expect_fault(dots, 2, "cannot have \"..\" as 'name'");
  dots[1] = param("name", ".");
  expect_fault(dots, 2, "cannot have \".\" as 'name'");
  expect_fault(unknown, 3, "'vers'");
}

/* A slash at the end would be the collection. */
static void test_nothing_deletes_everything(void) {
  hw_endpoint removal = row;
  hw_param given[] = {param("project_id", "1"), param("name", "")};
  hw_buf out;
  hw_error err;
  removal.verb = "DELETE";
  removal.query_count = 0;
  hw_buf_init(&out, 4096);
  hw_error_init(&err);
  CHECK_INT(hw_endpoint_build(&removal, given, 2, NULL, 0, &out, &err), HW_ARGUMENT);
  CHECK(strstr(err.message, "cannot have \"\" as 'name'") != NULL);
  hw_buf_free(&out);
  given[1] = param("name", "...");
  expect(&removal, given, 2, NULL, 0, "/hopsworks-api/api/project/1/things/...");
}

static void test_absent(void) {
  CHECK(hw_endpoint_absent(&row, 270009));
  CHECK(hw_endpoint_absent(&row, 1));
  CHECK(!hw_endpoint_absent(&row, 270010));
  CHECK(!hw_endpoint_absent(&row, -1));
}

static void test_error_code(void) {
  CHECK_INT(hw_service_error_code(hw_view_of("{\"errorCode\":270009,\"errorMsg\":\"x\"}")), 270009);
  CHECK_INT(hw_service_error_code(hw_view_of(" {\"error_code\":40401}")), 40401);
  CHECK_INT(hw_service_error_code(hw_view_of("{\"errorCode\":\"270009\"}")), -1);
  CHECK_INT(hw_service_error_code(hw_view_of("{\"errorCode\":")), -1);
  CHECK_INT(hw_service_error_code(hw_view_of("<html>")), -1);
  CHECK_INT(hw_service_error_code(hw_view_of("")), -1);
  CHECK_INT(hw_service_error_code(hw_view_of("[1]")), -1);
}

static void test_rows(void) {
  size_t count;
  const hw_endpoint *rows = hw_endpoints(&count);
  CHECK(count > 10);
  for (size_t i = 0; i < count; i++) {
    CHECK(hw_endpoint_find(hw_view_of(rows[i].name)) == &rows[i]);
  }
  CHECK(hw_endpoint_find(hw_view_of("no.such")) == NULL);
  CHECK(hw_endpoint_find(hw_view_of("")) == NULL);
  const hw_endpoint *get = hw_endpoint_find(hw_view_of("feature_group.get"));
  CHECK(get != NULL && get->retry == HW_RETRY_SAFE && get->returns == HW_RETURNS_FIRST &&
        get->target_is_union);
  const hw_endpoint *create = hw_endpoint_find(hw_view_of("feature_group.create"));
  CHECK(create != NULL && create->retry == HW_RETRY_UNSENT && create->body == HW_BODY_OBJECT);
}

int main(void) {
  RUN(test_url);
  RUN(test_given_wins);
  RUN(test_segments);
  RUN(test_faults);
  RUN(test_nothing_deletes_everything);
  RUN(test_absent);
  RUN(test_error_code);
  RUN(test_rows);
  return check_failures == 0 ? 0 : 1;
}

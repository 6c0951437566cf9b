/* test_json.c - parsing, walking, building and writing JSON, and the place of a fault. */
#include "check.h"

#include <stdlib.h>

#include "json.h"
#include "json_write.h"

static hw_json_parser *parser;

static hw_status parse(const char *text, hw_json *out, hw_error *err) {
  hw_error_init(err);
  return hw_json_parse(parser, text, strlen(text), strlen(text), out, err);
}

static void written(hw_json value, hw_buf *out) {
  hw_buf_init(out, 1 << 20);
  CHECK_INT(hw_json_write_value(out, value, NULL), HW_OK);
}

static void test_round_trip(void) {
  static const char *const texts[] = {
      "null",
      "true",
      "false",
      "0",
      "-7",
      "9223372036854775807",
      "18446744073709551615",
      "1.5",
      "-0.0",
      "1e+100",
      "\"\"",
      "\"a\\\"b\\\\c\\n\\u0001\"",
      "[]",
      "{}",
      "[1,2,[3,[]],{}]",
      "{\"a\":{\"b\":[null,true,\"x\"]},\"c\":1.25}",
      "\"\xc3\xa9\xf0\x9f\x99\x82\"",
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    hw_json root;
    hw_error err;
    hw_buf out;
    CHECK_INT(parse(texts[i], &root, &err), HW_OK);
    written(root, &out);
    CHECK_STR(out.ptr, texts[i]);
    hw_buf_free(&out);
  }
}

static void test_walk(void) {
  hw_json root, value;
  hw_error err;
  CHECK_INT(parse("{\"a\":[1,2.5,\"x\"],\"b\":null,\"a2\":{\"k\":true},\"b\":false}", &root, &err),
            HW_OK);
  CHECK_INT(hw_json_type_of(root), HW_JSON_OBJECT);
  CHECK_INT(hw_json_count(root), 4);
  CHECK(hw_json_member(root, hw_view_of("a"), &value));
  CHECK_INT(hw_json_count(value), 3);
  value = hw_json_first(value);
  CHECK_INT(hw_json_int(value), 1);
  value = hw_json_next(value);
  CHECK(hw_json_float(value) == 2.5);
  value = hw_json_next(value);
  CHECK(hw_view_equal(hw_json_text(value), hw_view_of("x")));
  CHECK(hw_json_end(hw_json_next(value)));
  CHECK(hw_json_member(root, hw_view_of("b"), &value));
  CHECK_INT(hw_json_type_of(value), HW_JSON_BOOL); /* the last of equal keys */
  CHECK(!hw_json_member(root, hw_view_of("missing"), &value));
}

static void test_faults_are_located(void) {
  static const struct {
    const char *text, *place;
  } rows[] = {
      {"{\"a\": 1,}", "line 1, column 9"},
      {"[1, 2", "line 1, column 6"},
      {"{\n  \"a\" 1\n}", "line 2, column 7"},
      {"[01]", "line 1, column 3"},
      {"\"a\nb\"", "line 1, column 3"},
      {"\"\\x\"", "line 1, column 3"},
      {"[tru]", "line 1, column 2"},
      {"1 2", "line 1, column 3"},
      {"{a:1}", "line 1, column 2"},
      {"[NaN]", "line 1, column 2"},
      {"\"\xff\"", "expected UTF-8"},
      {"[1,]", "line 1, column 4"},
      {"-", "a digit"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    hw_json root;
    hw_error err;
    CHECK_INT(parse(rows[i].text, &root, &err), HW_JSON);
    if (strstr(err.message, rows[i].place) == NULL) {
      CHECK_STR(err.message, rows[i].place);
    }
  }
}

static void test_limits(void) {
  hw_json root;
  hw_error err;
  hw_json_parser *small = hw_json_parser_new(16);
  hw_error_init(&err);
  CHECK_INT(hw_json_parse(small, "[1,2,3,4,5,6,7,8,9]", 19, 19, &root, &err), HW_LIMIT);
  CHECK(strstr(err.message, "19 bytes") != NULL);
  hw_json_parser_free(small);
  char deep[2 * (HW_JSON_MAX_DEPTH + 20) + 1];
  size_t levels = HW_JSON_MAX_DEPTH + 20;
  memset(deep, '[', levels);
  memset(deep + levels, ']', levels);
  deep[2 * levels] = '\0';
  CHECK_INT(parse(deep, &root, &err), HW_LIMIT);
  CHECK_INT(parse("", &root, &err), HW_JSON);
  CHECK_INT(parse("[1]", &root, &err), HW_OK); /* the parser is good after a failure */
}

static void test_padding(void) {
  hw_json root;
  hw_error err;
  char *text = calloc(1, 5 + HW_JSON_PADDING);
  memcpy(text, "[1,2]", 5);
  hw_error_init(&err);
  CHECK_INT(hw_json_parse(parser, text, 5, 5 + HW_JSON_PADDING, &root, &err), HW_OK);
  CHECK_INT(hw_json_count(root), 2);
  free(text);
}

static void test_locate_accepts(void) {
  const char *good = " {\"n\": 123456789012345678901234567890, \"e\": 1e999, \"s\": \"\\ud800\"} ";
  hw_error err;
  hw_json root;
  hw_error_init(&err);
  CHECK_INT(hw_json_locate(good, strlen(good), &err), HW_OK);
  CHECK_INT(parse(good, &root, &err), HW_JSON); /* good JSON that no 64-bit type holds */
  CHECK(strstr(err.message, "cannot be held") != NULL);
}

static void test_builder(void) {
  hw_json_builder builder;
  hw_buf out;
  CHECK_INT(hw_json_builder_init(&builder, NULL), HW_OK);
  CHECK_INT(hw_json_build_open(&builder, true, NULL), HW_OK);
  CHECK_INT(hw_json_build_key(&builder, hw_view_of("list"), NULL), HW_OK);
  CHECK_INT(hw_json_build_open(&builder, false, NULL), HW_OK);
  for (int i = 0; i < 100; i++) {
    CHECK_INT(hw_json_build_int(&builder, i, NULL), HW_OK);
  }
  CHECK_INT(hw_json_build_close(&builder, NULL), HW_OK);
  CHECK_INT(hw_json_build_key(&builder, hw_view_of("big"), NULL), HW_OK);
  CHECK_INT(hw_json_build_big(&builder, hw_view_of("123456789012345678901234567890"), NULL), HW_OK);
  CHECK_INT(hw_json_build_key(&builder, hw_view_of("x"), NULL), HW_OK);
  CHECK_INT(hw_json_build_null(&builder, NULL), HW_OK);
  CHECK_INT(hw_json_build_key(&builder, hw_view_of("y"), NULL), HW_OK);
  CHECK_INT(hw_json_build_bool(&builder, true, NULL), HW_OK);
  CHECK_INT(hw_json_build_key(&builder, hw_view_of("z"), NULL), HW_OK);
  CHECK_INT(hw_json_build_float(&builder, 0.1, NULL), HW_OK);
  CHECK_INT(hw_json_build_close(&builder, NULL), HW_OK);
  hw_json root = hw_json_built(&builder), value;
  CHECK_INT(hw_json_count(root), 5);
  CHECK(hw_json_member(root, hw_view_of("list"), &value));
  CHECK_INT(hw_json_count(value), 100);
  CHECK(hw_json_member(root, hw_view_of("big"), &value));
  CHECK_INT(hw_json_type_of(value), HW_JSON_BIG);
  written(root, &out);
  CHECK(strstr(out.ptr,
               "99],\"big\":123456789012345678901234567890,\"x\":null,\"y\":true,\"z\":0.1}") !=
        NULL);
  hw_buf_free(&out);
  hw_json_builder_free(&builder);
}

static void test_builder_depth(void) {
  hw_json_builder builder;
  hw_status status = HW_OK;
  CHECK_INT(hw_json_builder_init(&builder, NULL), HW_OK);
  for (int i = 0; i <= HW_JSON_MAX_DEPTH && status == HW_OK; i++) {
    status = hw_json_build_open(&builder, false, NULL);
  }
  CHECK_INT(status, HW_LIMIT);
  hw_json_builder_free(&builder);
}

static void test_floats(void) {
  char text[40];
  CHECK_INT(hw_json_format_float(3.0, text), 3);
  CHECK_STR(text, "3.0");
  (void)hw_json_format_float(0.1, text);
  CHECK_STR(text, "0.1");
  (void)hw_json_format_float(1e300, text);
  CHECK(strtod(text, NULL) == 1e300);
  (void)hw_json_format_float(5e-324, text);
  CHECK(strtod(text, NULL) == 5e-324);
  (void)hw_json_format_float(-1.0 / 3.0, text);
  CHECK(strtod(text, NULL) == -1.0 / 3.0);
  (void)hw_json_format_float(strtod("nan", NULL), text);
  CHECK_STR(text, "NaN");
  (void)hw_json_format_float(-strtod("inf", NULL), text);
  CHECK_STR(text, "-Infinity");
}

static void test_surrogates(void) {
  hw_buf out;
  hw_buf_init(&out, 100);
  CHECK_INT(hw_json_write_string(&out, hw_view_of("a\xed\xa0\x80z"), NULL), HW_OK);
  CHECK_STR(out.ptr, "\"a\\ud800z\"");
  hw_buf_free(&out);
}

/* Every value of a document, frozen alone, reads as it did; a byte more or less is an overrun. */
static void test_freezing(void) {
  static const char text[] =
      "{\"a\":{\"b\":[null,true,\"x\",[],{}],\"\":\"\"},\"c\":1.25,\"d\":[-7,18446744073709551615],"
      "\"e\":{\"f\":{\"g\":[[[\"Ã©\"]]]}},\"h\":false}";
  hw_json root, thawed;
  hw_error err;
  hw_buf before, after;
  size_t values = 0;
  CHECK_INT(parse(text, &root, &err), HW_OK);
  hw_json at = root;
  for (size_t end = hw_json_next(root).at; at.at < end;) {
    bool number = hw_json_tag(at) == 'l' || hw_json_tag(at) == 'u' || hw_json_tag(at) == 'd';
    if (!hw_json_end(at)) {
      uint64_t *tape = NULL;
      hw_json_extent extent = hw_json_measure(at);
      char *frozen = malloc(extent.size);
      hw_json_freeze(at, &extent, frozen);
      CHECK_INT(hw_json_thaw(frozen, &tape, &thawed, &err), HW_OK);
      written(at, &before);
      written(thawed, &after);
      CHECK_STR(after.ptr, before.ptr);
      CHECK_INT(hw_json_next(thawed).at, hw_json_next(at).at - at.at);
      hw_buf_free(&before);
      hw_buf_free(&after);
      free(tape);
      free(frozen);
      values++;
    }
    at.at += number ? 2 : 1;
  }
  CHECK_INT(values, 29); /* keys too */
}

/* Documents of a builder have integers beyond 64 bits among their strings. */
static void test_freezing_what_was_built(void) {
  hw_json_builder builder;
  hw_json thawed;
  hw_error err;
  hw_buf out;
  uint64_t *tape = NULL;
  hw_error_init(&err);
  CHECK_INT(hw_json_builder_init(&builder, &err), HW_OK);
  CHECK_INT(hw_json_build_open(&builder, false, &err), HW_OK);
  CHECK_INT(hw_json_build_string(&builder, hw_view_of("one"), &err), HW_OK);
  CHECK_INT(hw_json_build_big(&builder, hw_view_of("123456789012345678901"), &err), HW_OK);
  CHECK_INT(hw_json_build_float(&builder, 0.5, &err), HW_OK);
  CHECK_INT(hw_json_build_close(&builder, &err), HW_OK);
  hw_json_extent extent = hw_json_measure(hw_json_built(&builder));
  char *frozen = malloc(extent.size);
  hw_json_freeze(hw_json_built(&builder), &extent, frozen);
  hw_json_builder_free(&builder);
  CHECK_INT(hw_json_thaw(frozen, &tape, &thawed, &err), HW_OK);
  written(thawed, &out);
  CHECK_STR(out.ptr, "[\"one\",123456789012345678901,0.5]");
  hw_buf_free(&out);
  free(tape);
  free(frozen);
}

int main(void) {
  parser = hw_json_parser_new(HW_JSON_MAX_BYTES);
  RUN(test_round_trip);
  RUN(test_walk);
  RUN(test_faults_are_located);
  RUN(test_limits);
  RUN(test_padding);
  RUN(test_locate_accepts);
  RUN(test_builder);
  RUN(test_builder_depth);
  RUN(test_floats);
  RUN(test_surrogates);
  RUN(test_freezing);
  RUN(test_freezing_what_was_built);
  hw_json_parser_free(parser);
  return check_failures == 0 ? 0 : 1;
}

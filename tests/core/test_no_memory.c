/*
 * test_no_memory.c - JSON, tables and endpoints when memory runs out at each allocation in turn:
 * the answer is HW_NOMEM (or the harmless default), nothing is lost, and the next call works.
 *
 * The program brings an allocator of its own in front of the C library's. AddressSanitizer does the
 * same, so under it the failures are left out and only the good path runs.
 */
#include "check.h"

#include <stdlib.h>

#include "endpoint.h"
#include "json.h"
#include "json_write.h"
#include "resource.h"

static long fail_at = -1; /* counts down; the allocation that meets zero fails */
static long alive;

#ifndef __SANITIZE_ADDRESS__
/* Shared libraries must find these too, whatever the project hides. */
#define SEEN_BY_ALL __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void __libc_free(void *memory);

static bool refused(void) {
  return fail_at >= 0 && fail_at-- == 0;
}

SEEN_BY_ALL void *malloc(size_t size) {
  void *made = refused() ? NULL : __libc_malloc(size);
  alive += made != NULL;
  return made;
}

SEEN_BY_ALL void *calloc(size_t count, size_t size) {
  void *made = refused() ? NULL : __libc_calloc(count, size);
  alive += made != NULL;
  return made;
}

SEEN_BY_ALL void *realloc(void *memory, size_t size) {
  void *made = refused() ? NULL : __libc_realloc(memory, size);
  alive += memory == NULL && made != NULL;
  return made;
}

SEEN_BY_ALL void free(void *memory) {
  alive -= memory != NULL;
  __libc_free(memory);
}
#endif

static const char TEXT[] =
    "{\"name\":\"a\",\"features\":[{\"name\":\"x\",\"later\":[1,\"two\"]}],\"id\":5}";

static hw_status parse_and_write(hw_error *err) {
  hw_json root;
  hw_buf out;
  hw_json_parser *parser = hw_json_parser_new(HW_JSON_MAX_BYTES);
  if (parser == NULL) {
    return HW_NOMEM;
  }
  hw_buf_init(&out, 1 << 20);
  hw_status status = hw_json_parse(parser, TEXT, strlen(TEXT), strlen(TEXT), &root, err);
  if (status == HW_OK) {
    status = hw_json_write_value(&out, root, err);
  }
  if (status == HW_OK) {
    CHECK_STR(out.ptr, TEXT);
  }
  hw_buf_free(&out);
  hw_json_parser_free(parser);
  return status;
}

static hw_status build(hw_error *err) {
  hw_json_builder *builder = malloc(sizeof *builder);
  hw_status status = HW_NOMEM;
  if (builder == NULL) {
    return status;
  }
  status = hw_json_builder_init(builder, err);
  if (status == HW_OK) {
    status = hw_json_build_open(builder, false, err);
  }
  for (int i = 0; i < 200 && status == HW_OK; i++) {
    status = hw_json_build_string(builder, hw_view_of("a text that takes room"), err);
  }
  if (status == HW_OK) {
    status = hw_json_build_close(builder, err);
  }
  hw_json_builder_free(builder);
  free(builder);
  return status;
}

/* --- a sink whose values are allocations
 * ----------------------------------------------------------------- */

static void *begin(void *context, const hw_type *type, size_t variant) {
  (void)context, (void)type, (void)variant;
  return malloc(1);
}

static int slot(void *context, void *object, const hw_field *field, size_t index, void *value) {
  (void)context, (void)object, (void)field, (void)index;
  free(value);
  return 0;
}

static int unknown(void *context, void *object, hw_view key, hw_json value) {
  (void)context, (void)object, (void)key, (void)value;
  void *copy = malloc(1);
  free(copy);
  return copy == NULL;
}

static void *end(void *context, void *object) {
  (void)context;
  return object;
}

static void *scalar(void *context, hw_kind kind, hw_json value) {
  (void)context, (void)kind, (void)value;
  return malloc(1);
}

static void *keep(void *context, hw_json value) {
  (void)context, (void)value;
  return malloc(1);
}

static void *list(void *context, size_t count) {
  (void)context, (void)count;
  return malloc(1);
}

static int item(void *context, void *to, size_t index, void *value) {
  (void)context, (void)to, (void)index;
  free(value);
  return 0;
}

static void *map(void *context) {
  (void)context;
  return malloc(1);
}

static int entry(void *context, void *to, hw_view key, void *value) {
  (void)context, (void)to, (void)key;
  free(value);
  return 0;
}

static void discard(void *context, void *value) {
  (void)context;
  free(value);
}

static hw_json_parser *shared;

static hw_status decode(hw_error *err) {
  const hw_sink sink = {NULL, begin, slot, unknown, end,   scalar,
                        keep, list,  item, map,     entry, discard};
  const hw_registry *registry = hw_registry_default();
  hw_decoder decoder;
  hw_json root;
  void *made = NULL;
  hw_status status = hw_json_parse(shared, TEXT, strlen(TEXT), strlen(TEXT), &root, err);
  if (status == HW_OK) {
    hw_decoder_init(&decoder, registry, &sink);
    status = hw_decode_object(&decoder, hw_type_find(registry, hw_view_of("FeatureGroup")), root,
                              &made, err);
    free(made);
  }
  return status == HW_CALLBACK ? HW_NOMEM : status;
}

static hw_status freeze_and_thaw(hw_error *err) {
  hw_json root, again;
  uint64_t *tape = NULL;
  hw_status status = hw_json_parse(shared, TEXT, strlen(TEXT), strlen(TEXT), &root, err);
  if (status != HW_OK) {
    return status;
  }
  hw_json_extent extent = hw_json_measure(root);
  char *frozen = malloc(extent.size);
  if (frozen == NULL) {
    return HW_NOMEM;
  }
  hw_json_freeze(root, &extent, frozen);
  status = hw_json_thaw(frozen, &tape, &again, err);
  CHECK(status != HW_OK || hw_json_count(again) == hw_json_count(root));
  free(tape);
  free(frozen);
  return status;
}

static hw_status build_url(hw_error *err) {
  hw_param given[] = {{hw_view_of("project_id"), hw_view_of("1"), false},
                      {hw_view_of("feature_store_id"), hw_view_of("2"), false},
                      {hw_view_of("name"), hw_view_of("a b/c"), false}};
  hw_buf url;
  hw_buf_init(&url, 4096);
  hw_status status = hw_endpoint_build(hw_endpoint_find(hw_view_of("feature_group.get")), given, 3,
                                       NULL, 0, &url, err);
  hw_buf_free(&url);
  return status;
}

static hw_status read_code(hw_error *err) {
  (void)err;
  long code = hw_service_error_code(hw_view_of("{\"errorCode\":7}"));
  CHECK(code == 7 || code == -1);
  return code == 7 ? HW_OK : HW_NOMEM;
}

/* Fails each allocation of a job once, until the job gets through. */
static void exhaust(hw_status (*job)(hw_error *)) {
  hw_status status = HW_NOMEM;
  long failures = -1;
  for (long at = 0; status != HW_OK && at < 2000; at++) {
    hw_error err;
    hw_error_init(&err);
    long before = alive;
    fail_at = at;
    status = job(&err);
    fail_at = -1;
    failures++;
    CHECK_INT(alive, before);
    if (status != HW_OK) {
      CHECK_INT(status, HW_NOMEM);
    }
  }
  CHECK_INT(status, HW_OK);
#ifndef __SANITIZE_ADDRESS__
  CHECK(failures > 0);
#endif
}

static void test_parser(void) {
  exhaust(parse_and_write);
}

static void test_builder(void) {
  exhaust(build);
}

static void test_decoder(void) {
  hw_error err;
  CHECK_INT(decode(&err), HW_OK); /* the shared parser has its memory now */
  exhaust(decode);
  exhaust(freeze_and_thaw);
}

static void test_urls(void) {
  exhaust(build_url);
}

static void test_error_codes(void) {
  exhaust(read_code);
}

int main(void) {
  /* At the first document of a process simdjson chooses its code for this CPU, and only then
     allocates with an operator that throws: a few bytes, once. */
  CHECK_INT(read_code(NULL), HW_OK);
  shared = hw_json_parser_new(HW_JSON_MAX_BYTES);
  RUN(test_parser);
  RUN(test_builder);
  RUN(test_decoder);
  RUN(test_urls);
  RUN(test_error_codes);
  hw_json_parser_free(shared);
  return check_failures == 0 ? 0 : 1;
}

/* test_resource.c - decoding into a sink and encoding from a source, on small tables of its own. */
#include "check.h"

#include <stdlib.h>

#include "json_write.h"
#include "resource.h"

#define TEXT(text) {text, sizeof(text) - 1}

static const hw_field leaf_fields[] = {
    {.name = "name",
     .key = TEXT("name"),
     .snake = TEXT("name"),
     .kind = HW_KIND_STR,
     .send = HW_SEND_ALWAYS},
    {.name = "size", .key = TEXT("leafSize"), .snake = TEXT("leaf_size"), .kind = HW_KIND_INT},
};
static const hw_field tree_fields[] = {
    {.name = "id",
     .key = TEXT("treeId"),
     .snake = TEXT("tree_id"),
     .kind = HW_KIND_INT,
     .send = HW_SEND_ALWAYS},
    {.name = "leaves",
     .key = TEXT("leaves"),
     .snake = TEXT("leaves"),
     .kind = HW_KIND_OBJECT,
     .shape = HW_SHAPE_LIST,
     .target = 0},
    {.name = "crown",
     .key = TEXT("crown"),
     .snake = TEXT("crown"),
     .kind = HW_KIND_UNION,
     .target = 0},
    {.name = "green",
     .key = TEXT("colour"),
     .snake = TEXT("colour"),
     .kind = HW_KIND_FLAG,
     .words = {TEXT("brown"), TEXT("green")}},
    {.name = "ages",
     .key = TEXT("ages"),
     .snake = TEXT("ages"),
     .kind = HW_KIND_INT,
     .shape = HW_SHAPE_MAP},
    {.name = "tags",
     .key = TEXT("tags"),
     .snake = TEXT("tags"),
     .kind = HW_KIND_STR,
     .shape = HW_SHAPE_COLLECTION},
    {.name = "sent",
     .key = TEXT("sent"),
     .snake = TEXT("sent"),
     .kind = HW_KIND_INT,
     .access = HW_ACCESS_WRITE},
    {.name = "hidden",
     .key = TEXT("hidden"),
     .snake = TEXT("hidden"),
     .kind = HW_KIND_BOOL,
     .send = HW_SEND_NEVER},
    {.name = "any",
     .key = TEXT("any"),
     .snake = TEXT("any"),
     .kind = HW_KIND_STR,
     .shape = HW_SHAPE_ONE_OR_LIST},
    {.name = "soil",
     .key = TEXT("soil"),
     .snake = TEXT("soil"),
     .kind = HW_KIND_ANY,
     .send = HW_SEND_SET},
    {.name = "pots",
     .key = TEXT("pots"),
     .snake = TEXT("pots"),
     .kind = HW_KIND_ANY,
     .shape = HW_SHAPE_LIST,
     .send = HW_SEND_SET},
};
static const hw_constant tree_constants[] = {{.key = TEXT("type"), .json = TEXT("\"treeDTO\"")}};
static const hw_type types[] = {
    {.name = "Leaf", .fields = leaf_fields, .field_count = 2, .index = 0},
    {.name = "Tree",
     .fields = tree_fields,
     .field_count = 11,
     .constants = tree_constants,
     .constant_count = 1,
     .index = 1},
};
static const hw_case crown_cases[] = {{.value = TEXT("leaf"), .target = 0},
                                      {.value = TEXT("deep"), .target = 1, .is_union = true}};
static const hw_case deep_cases[] = {{.value = TEXT("true"), .target = 0},
                                     {.value = TEXT("false"), .target = 1}};
static const hw_union unions[] = {
    {.name = "Crown", .key = TEXT("kind"), .cases = crown_cases, .case_count = 2},
    {.name = "Deep",
     .key = TEXT("small"),
     .cases = deep_cases,
     .case_count = 2,
     .fallback = &deep_cases[1]},
};
static const hw_registry registry = {
    .types = types, .unions = unions, .type_count = 2, .union_count = 2};

/* A sink whose values are texts that describe them. */
typedef struct node {
  hw_buf text;
} node;

static void *node_new(const char *text) {
  node *made = calloc(1, sizeof *made);
  hw_buf_init(&made->text, 1 << 20);
  CHECK_INT(hw_buf_append_str(&made->text, text, NULL), HW_OK);
  return made;
}

static void node_free(void *value) {
  node *n = value;
  if (n != NULL) {
    hw_buf_free(&n->text);
    free(n);
  }
}

static void *sink_begin(void *context, const hw_type *type, size_t variant) {
  (void)context;
  void *made = node_new(variant > 0 ? type->variants[variant - 1].python : type->name);
  CHECK_INT(hw_buf_append_char(&((node *)made)->text, '(', NULL), HW_OK);
  return made;
}

static int sink_slot(void *context, void *object, const hw_field *field, size_t index,
                     void *value) {
  (void)context, (void)index;
  int failed = hw_buf_appendf(&((node *)object)->text, NULL, "%s=%s;", field->name,
                              ((node *)value)->text.ptr) != HW_OK;
  node_free(value);
  return failed;
}

static int sink_unknown(void *context, void *object, hw_view key, hw_json value) {
  (void)context;
  hw_buf out;
  hw_buf_init(&out, 1 << 16);
  int failed = hw_json_write_value(&out, value, NULL) != HW_OK ||
               hw_buf_appendf(&((node *)object)->text, NULL, "?%.*s=%s;", (int)key.len, key.ptr,
                              out.ptr) != HW_OK;
  hw_buf_free(&out);
  return failed;
}

static void *sink_end(void *context, void *object) {
  (void)context;
  CHECK_INT(hw_buf_append_char(&((node *)object)->text, ')', NULL), HW_OK);
  return object;
}

static void *sink_scalar(void *context, hw_kind kind, hw_json value) {
  (void)kind;
  hw_buf out;
  if (context != NULL && hw_json_type_of(value) == HW_JSON_STRING &&
      hw_view_equal(hw_json_text(value), hw_view_of("fail"))) {
    return NULL;
  }
  hw_buf_init(&out, 1 << 16);
  CHECK_INT(hw_json_write_value(&out, value, NULL), HW_OK);
  void *made = node_new(out.ptr);
  hw_buf_free(&out);
  return made;
}

/* What may wait is told by its brackets. */
static void *sink_keep(void *context, hw_json value) {
  node *kept = sink_scalar(context, HW_KIND_ANY, value);
  CHECK_INT(hw_buf_append_str(&kept->text, "~", NULL), HW_OK);
  return kept;
}

static void *sink_list(void *context, size_t count) {
  (void)context;
  char text[32];
  (void)snprintf(text, sizeof text, "%zu[", count);
  return node_new(text);
}

static int sink_item(void *context, void *list, size_t index, void *value) {
  (void)context, (void)index;
  int failed =
      hw_buf_appendf(&((node *)list)->text, NULL, "%s,", ((node *)value)->text.ptr) != HW_OK;
  node_free(value);
  return failed;
}

static void *sink_map(void *context) {
  (void)context;
  return node_new("{");
}

static int sink_entry(void *context, void *map, hw_view key, void *value) {
  (void)context;
  int failed = hw_buf_appendf(&((node *)map)->text, NULL, "%.*s:%s,", (int)key.len, key.ptr,
                              ((node *)value)->text.ptr) != HW_OK;
  node_free(value);
  return failed;
}

static void sink_discard(void *context, void *value) {
  (void)context;
  node_free(value);
}

static hw_json_parser *parser;
static hw_mismatch last;

/* Decodes a Tree; returns what the sink made, or NULL with the error. */
static node *decode(const char *text, void *context, hw_status *status, hw_error *err) {
  const hw_sink sink = {context,   sink_begin, sink_slot, sink_unknown, sink_end,   sink_scalar,
                        sink_keep, sink_list,  sink_item, sink_map,     sink_entry, sink_discard};
  hw_decoder decoder;
  hw_json root;
  void *made = NULL;
  hw_error_init(err);
  CHECK_INT(hw_json_parse(parser, text, strlen(text), strlen(text), &root, err), HW_OK);
  hw_decoder_init(&decoder, &registry, &sink);
  *status = hw_decode_object(&decoder, &types[1], root, &made, err);
  last = decoder.mismatch;
  return made;
}

static void expect(const char *text, const char *made) {
  hw_status status;
  hw_error err;
  node *found = decode(text, NULL, &status, &err);
  CHECK_INT(status, HW_OK);
  CHECK_STR(found != NULL ? found->text.ptr : "", made);
  node_free(found);
}

static void test_decode(void) {
  expect("{}", "Tree()");
  expect("{\"treeId\":5,\"new\":{\"a\":[1]},\"leaves\":[{\"name\":\"x\",\"leafSize\":2},{\"name\":"
         "\"y\"}]}",
         "Tree(id=5;?new={\"a\":[1]};leaves=2[Leaf(name=\"x\";size=2;),Leaf(name=\"y\";),;)");
  expect("{\"tree_id\":5}", "Tree(id=5;)");
  expect("{\"id\":5}", "Tree(id=5;)");
  expect("{\"type\":\"treeDTO\",\"sent\":1,\"hidden\":true}", "Tree(hidden=true;)");
  expect("{\"colour\":\"green\"}", "Tree(green=true;)");
  expect("{\"colour\":\"brown\"}", "Tree(green=false;)");
  expect("{\"ages\":{\"a\":1,\"b\":null}}", "Tree(ages={a:1,b:null,;)");
  expect("{\"tags\":{\"count\":2,\"items\":[\"a\",\"b\"]}}", "Tree(tags=2[\"a\",\"b\",;)");
  expect("{\"tags\":{\"count\":0}}", "Tree(tags=0[;)");
  expect("{\"tags\":[\"a\"]}", "Tree(tags=1[\"a\",;)");
  expect("{\"any\":\"a\"}", "Tree(any=1[\"a\",;)");
  expect("{\"any\":[\"a\",\"b\"]}", "Tree(any=2[\"a\",\"b\",;)");
  expect("{\"leaves\":null,\"crown\":null}", "Tree(leaves=null;crown=null;)");
  expect("{\"soil\":{\"a\":[1]}}", "Tree(soil={\"a\":[1]}~;)");
  expect("{\"soil\":[]}", "Tree(soil=[]~;)");
  expect("{\"soil\":\"wet\"}", "Tree(soil=\"wet\";)");
  expect("{\"pots\":[{\"a\":1},2]}", "Tree(pots=2[{\"a\":1},2,;)");
}

static void test_unions(void) {
  expect("{\"crown\":{\"kind\":\"leaf\",\"name\":\"x\"}}",
         "Tree(crown=Leaf(?kind=\"leaf\";name=\"x\";);)");
  expect("{\"crown\":{\"kind\":\"deep\",\"small\":true}}",
         "Tree(crown=Leaf(?kind=\"deep\";?small=true;);)");
  expect("{\"crown\":{\"kind\":\"deep\"}}", "Tree(crown=Tree(?kind=\"deep\";);)");
}

static void expect_mismatch(const char *text, const char *type, const char *field,
                            const char *where, const char *expected, const char *found) {
  hw_status status;
  hw_error err;
  node *made = decode(text, NULL, &status, &err);
  CHECK(made == NULL);
  CHECK_INT(status, HW_DECODE);
  CHECK_STR(last.type != NULL ? last.type->name : "", type);
  CHECK_STR(last.field != NULL ? last.field->name : "", field);
  CHECK_STR(last.where, where);
  CHECK_STR(last.expected, expected);
  CHECK_STR(last.found, found);
}

static void test_mismatches(void) {
  expect_mismatch("[]", "Tree", "", "", "object", "array");
  expect_mismatch("{\"treeId\":\"5\"}", "Tree", "id", "", "integer", "string");
  expect_mismatch("{\"treeId\":5.5}", "Tree", "id", "", "integer", "number");
  expect_mismatch("{\"treeId\":true}", "Tree", "id", "", "integer", "boolean");
  expect_mismatch("{\"leaves\":{}}", "Tree", "leaves", "", "array", "object");
  expect_mismatch("{\"leaves\":[{\"name\":\"x\"},3]}", "Tree", "leaves", "[1]", "object (Leaf)",
                  "integer");
  expect_mismatch("{\"leaves\":[{\"name\":\"x\"},{\"name\":7}]}", "Leaf", "name", "", "string",
                  "integer");
  expect_mismatch("{\"ages\":{\"a\":\"x\"}}", "Tree", "ages", "['a']", "integer", "string");
  expect_mismatch("{\"tags\":{\"items\":3}}", "Tree", "tags", "", "array of items", "integer");
  expect_mismatch("{\"colour\":\"red\"}", "Tree", "green", "", "'brown' or 'green'", "string");
  expect_mismatch("{\"crown\":{\"kind\":\"other\"}}", "", "", "", "leaf, deep", "'other'");
  CHECK(last.union_ == &unions[0]);
  expect_mismatch("{\"crown\":{}}", "", "", "", "leaf, deep", "no such key");
  expect_mismatch("{\"crown\":[]}", "Tree", "crown", "", "object (Crown)", "array");
}

static void test_variants(void) {
  static const hw_variant variants[] = {{TEXT("a"), "hw:A"}, {TEXT("b"), "hw:B"}};
  hw_type types_with[2] = {types[0], types[1]};
  const hw_registry with = {
      .types = types_with, .unions = unions, .type_count = 2, .union_count = 2};
  const hw_sink sink = {NULL,      sink_begin, sink_slot, sink_unknown, sink_end,   sink_scalar,
                        sink_keep, sink_list,  sink_item, sink_map,     sink_entry, sink_discard};
  static const struct {
    const char *text, *made;
  } rows[] = {
      {"{\"name\":\"b\"}", "hw:B(name=\"b\";)"},
      {"{\"name\":null}", "Leaf(name=null;)"},
      {"{}", "Leaf()"},
      {"{\"name\":\"c\"}", NULL},
      {"{\"name\":5}", NULL},
  };
  types_with[0].variants = variants;
  types_with[0].variant_count = 2;
  types_with[0].variant_key = hw_view_of("name");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    hw_decoder decoder;
    hw_error err;
    hw_json root;
    void *made = NULL;
    hw_error_init(&err);
    CHECK_INT(hw_json_parse(parser, rows[i].text, strlen(rows[i].text), strlen(rows[i].text), &root,
                            &err),
              HW_OK);
    hw_decoder_init(&decoder, &with, &sink);
    CHECK_INT(hw_decode_object(&decoder, &types_with[0], root, &made, &err),
              rows[i].made != NULL ? HW_OK : HW_DECODE);
    if (rows[i].made != NULL) {
      CHECK_STR(((node *)made)->text.ptr, rows[i].made);
    } else {
      CHECK_STR(decoder.mismatch.expected, "one of a, b");
    }
    node_free(made);
  }
}

static void test_callback_failure(void) {
  hw_status status;
  hw_error err;
  bool may_fail = true;
  node *made =
      decode("{\"leaves\":[{\"name\":\"ok\"},{\"name\":\"fail\"}]}", &may_fail, &status, &err);
  CHECK(made == NULL);
  CHECK_INT(status, HW_CALLBACK);
}

static void test_key_order(void) {
  /* The order of keys may change between objects of one array. */
  expect("{\"leaves\":[{\"name\":\"a\",\"leafSize\":1},{\"leafSize\":2,\"name\":\"b\"},{\"name\":"
         "\"c\",\"leafSize\":3}]}",
         "Tree(leaves=3[Leaf(name=\"a\";size=1;),Leaf(size=2;name=\"b\";),Leaf(name=\"c\";size=3;),"
         ";)");
}

/* --- encoding: objects are arrays of prepared values
 * ----------------------------------------------------- */

static int source_slot(void *context, void *object, const hw_field *field, size_t index,
                       hw_source_value *out) {
  (void)context, (void)field;
  *out = ((hw_source_value *)object)[index];
  return out->tag == HW_SOURCE_RAW && out->text.ptr == NULL ? -1 : 0;
}

static int source_item(void *context, void *list, size_t index, const hw_field *field,
                       hw_source_value *out) {
  return source_slot(context, list, field, index, out);
}

static int source_entry(void *context, void *map, bool extra, size_t *cursor, const hw_field *field,
                        hw_view *key, hw_source_value *out) {
  (void)field;
  if (*cursor > 0 || (extra && context == NULL)) {
    return 0;
  }
  *key = hw_view_of(extra ? "later" : "key");
  *out = extra ? (hw_source_value){.tag = HW_SOURCE_RAW, .text = TEXT("[1]")}
               : *(hw_source_value *)map;
  *cursor = 1;
  return 1;
}

static void test_encode(void) {
  hw_source_value leaf[2] = {{.tag = HW_SOURCE_TEXT, .text = TEXT("x")}, {.tag = HW_SOURCE_NULL}};
  hw_source_value items[2] = {{.tag = HW_SOURCE_OBJECT, .type = &types[0], .handle = leaf},
                              {.tag = HW_SOURCE_OBJECT, .type = &types[0], .handle = leaf}};
  hw_source_value age = {.tag = HW_SOURCE_INT, .integer = -3};
  hw_source_value tag[1] = {{.tag = HW_SOURCE_TEXT, .text = TEXT("t")}};
  hw_source_value tree[11] = {
      {.tag = HW_SOURCE_NULL},
      {.tag = HW_SOURCE_LIST, .handle = items, .count = 2},
      {.tag = HW_SOURCE_NULL},
      {.tag = HW_SOURCE_BOOL, .boolean = true},
      {.tag = HW_SOURCE_MAP, .handle = &age, .count = 1},
      {.tag = HW_SOURCE_LIST, .handle = tag, .count = 1},
      {.tag = HW_SOURCE_FLOAT, .real = 1.0},
      {.tag = HW_SOURCE_BOOL},
      {.tag = HW_SOURCE_NULL},
  };
  hw_source source = {
      .context = &source, .slot = source_slot, .item = source_item, .entry = source_entry};
  hw_buf out;
  hw_buf_init(&out, 4096);
  CHECK_INT(hw_encode_object(&source, &types[1], tree, &out, NULL), HW_OK);
  CHECK_STR(
      out.ptr,
      "{\"treeId\":null,\"leaves\":[{\"name\":\"x\",\"later\":[1]},{\"name\":\"x\",\"later\":[1]}],"
      "\"colour\":\"green\",\"ages\":{\"key\":-3},\"tags\":{\"count\":1,\"items\":[\"t\"]},"
      "\"sent\":1.0,"
      "\"type\":\"treeDTO\",\"later\":[1]}");
  hw_buf_free(&out);
}

static void test_send_only_when_true(void) {
  static const hw_field fields[] = {
      {.name = "kll", .key = TEXT("kll"), .kind = HW_KIND_BOOL, .send = HW_SEND_TRUE}};
  static const hw_type type = {.name = "Config", .fields = fields, .field_count = 1};
  hw_source_value slots[1] = {{.tag = HW_SOURCE_BOOL, .boolean = false}};
  hw_source source = {
      .context = NULL, .slot = source_slot, .item = source_item, .entry = source_entry};
  hw_buf out;
  hw_buf_init(&out, 100);
  CHECK_INT(hw_encode_object(&source, &type, slots, &out, NULL), HW_OK);
  slots[0].boolean = true;
  CHECK_INT(hw_encode_object(&source, &type, slots, &out, NULL), HW_OK);
  CHECK_STR(out.ptr, "{}{\"kll\":true}");
  hw_buf_free(&out);
}

static void test_encode_cycle(void) {
  hw_source_value tree[11] = {{.tag = HW_SOURCE_NULL}};
  hw_source source = {
      .context = NULL, .slot = source_slot, .item = source_item, .entry = source_entry};
  hw_buf out;
  hw_error err;
  tree[2] = (hw_source_value){.tag = HW_SOURCE_OBJECT, .type = &types[1], .handle = tree};
  hw_buf_init(&out, 1 << 20);
  hw_error_init(&err);
  CHECK_INT(hw_encode_object(&source, &types[1], tree, &out, &err), HW_LIMIT);
  CHECK(strstr(err.message, "holds itself") != NULL);
  hw_buf_free(&out);
}

static void test_encode_failure(void) {
  hw_source_value tree[11] = {{.tag = HW_SOURCE_RAW}};
  hw_source source = {
      .context = NULL, .slot = source_slot, .item = source_item, .entry = source_entry};
  hw_buf out;
  hw_buf_init(&out, 1 << 20);
  CHECK_INT(hw_encode_object(&source, &types[1], tree, &out, NULL), HW_CALLBACK);
  hw_buf_free(&out);
}

static void test_default_registry(void) {
  const hw_registry *all = hw_registry_default();
  CHECK(all->type_count > 3);
  for (size_t i = 0; i < all->type_count; i++) {
    CHECK(hw_type_find(all, hw_view_of(all->types[i].name)) == &all->types[i]);
    CHECK_INT(all->types[i].index, i);
  }
  CHECK(hw_type_find(all, hw_view_of("NoSuchType")) == NULL);
  CHECK(hw_type_find(all, hw_view_of("")) == NULL);
  const hw_type *feature = hw_type_find(all, hw_view_of("Feature"));
  CHECK(feature != NULL && hw_field_find(feature, hw_view_of("hudiPrecombineKey")) != NULL);
  CHECK(feature != NULL && hw_field_find(feature, hw_view_of("hudi_precombine_key")) != NULL);
  CHECK(feature != NULL && hw_field_find(feature, hw_view_of("")) == NULL);
}

int main(void) {
  parser = hw_json_parser_new(HW_JSON_MAX_BYTES);
  RUN(test_decode);
  RUN(test_unions);
  RUN(test_mismatches);
  RUN(test_variants);
  RUN(test_callback_failure);
  RUN(test_key_order);
  RUN(test_encode);
  RUN(test_send_only_when_true);
  RUN(test_encode_cycle);
  RUN(test_encode_failure);
  RUN(test_default_registry);
  hw_json_parser_free(parser);
  return check_failures == 0 ? 0 : 1;
}

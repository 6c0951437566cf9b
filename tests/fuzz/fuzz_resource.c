/*
 * fuzz_resource.c - any bytes as the answer of a server: the first byte chooses a table of
 * resources/, the rest is the body. The sink counts what it is given and is owed, so that a value
 * lost or handed over twice shows.
 */
#include <stdlib.h>

#include "resource.h"

enum { FUZZ_BYTES_MAX = 1 << 20 };

typedef struct ledger {
  size_t alive;
} ledger;

/* Every value is one allocation that AddressSanitizer watches. */
static void *make(void *context) {
  ((ledger *)context)->alive++;
  return malloc(1);
}

static void drop(void *context, void *value) {
  ((ledger *)context)->alive--;
  free(value);
}

static void *begin(void *context, const hw_type *type, size_t variant) {
  (void)type, (void)variant;
  return make(context);
}

static int slot(void *context, void *object, const hw_field *field, size_t index, void *value) {
  (void)object, (void)field, (void)index;
  drop(context, value);
  return 0;
}

static int unknown(void *context, void *object, hw_view key, hw_json value) {
  (void)context, (void)object, (void)value;
  return key.len == 13; /* now and then the sink itself fails */
}

static void *end(void *context, void *object) {
  (void)context;
  return object;
}

static void *scalar(void *context, hw_kind kind, hw_json value) {
  (void)kind, (void)value;
  return make(context);
}

static void *keep(void *context, hw_json value) {
  (void)value;
  return make(context);
}

static void *list(void *context, size_t count) {
  (void)count;
  return make(context);
}

static int item(void *context, void *to, size_t index, void *value) {
  (void)to;
  drop(context, value);
  return index == 99;
}

static void *map(void *context) {
  return make(context);
}

static int entry(void *context, void *to, hw_view key, void *value) {
  (void)to, (void)key;
  drop(context, value);
  return 0;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  static hw_json_parser *parser;
  const hw_registry *registry = hw_registry_default();
  ledger book = {0};
  const hw_sink sink = {&book, begin, slot, unknown, end,   scalar,
                        keep,  list,  item, map,     entry, drop};
  hw_decoder decoder;
  hw_error err;
  hw_json root;
  void *made = NULL;
  if (parser == NULL) {
    parser = hw_json_parser_new(FUZZ_BYTES_MAX);
  }
  if (size < 2 ||
      hw_json_parse(parser, (const char *)data + 1, size - 1, size - 1, &root, NULL) != HW_OK) {
    return 0;
  }
  hw_error_init(&err);
  hw_decoder_init(&decoder, registry, &sink);
  size_t choice = data[0] % (registry->type_count + registry->union_count);
  hw_status status =
      choice < registry->type_count
          ? hw_decode_object(&decoder, &registry->types[choice], root, &made, &err)
          : hw_decode_union(&decoder, &registry->unions[choice - registry->type_count], root, &made,
                            &err);
  if (status == HW_OK) {
    drop(&book, made);
  } else if (made != NULL || (status == HW_DECODE && decoder.mismatch.found[0] == '\0')) {
    abort();
  }
  if (book.alive != 0) {
    abort();
  }
  return 0;
}

/*
 * test_keystore_no_memory.c - a JKS store when memory runs out at each allocation in turn: it is
 * refused, unless OpenSSL could do without, nothing is lost, and the next attempt works.
 */
#include "keystore.h"

#include "check.h"
#include "failing_memory.h"

static unsigned char content[8192];
static size_t size;

/* Some of the thousands of failures make OpenSSL fill its caches later than it would have. */
enum { OF_OPENSSL = 100 };

static hw_status read_store(void) {
  hw_keystore store;
  hw_error err;
  hw_error_init(&err);
  hw_status status = hw_keystore_read((hw_view){.ptr = (const char *)content, .len = size},
                                      hw_view_of("storepass-of-the-tests"), &store, &err);
  hw_keystore_free(&store);
  return status;
}

static void each_allocation_fails(void) {
  /* The first call fills what OpenSSL keeps for ever. */
  CHECK_INT(read_store(), HW_OK);
  long before = memory_alive;
  int failures = 0;
  bool done = !MEMORY_CAN_FAIL;
  for (long at = 0; !done && at < 100000; at++) {
    memory_fail_at = at;
    hw_status status = read_store();
    done = memory_fail_at >= 0;
    memory_fail_at = -1;
    CHECK(status == HW_OK || !done);
    failures += status != HW_OK;
  }
  CHECK(done);
  CHECK(memory_alive - before < OF_OPENSSL);
  CHECK(failures > 20 || !MEMORY_CAN_FAIL);
  CHECK_INT(read_store(), HW_OK);
}

int main(void) {
  FILE *file = fopen(HW_SOURCE_DIR "/tests/data/keystores/client.jks", "rb");
  CHECK(file != NULL);
  if (file != NULL) {
    size = fread(content, 1, sizeof content, file);
    (void)fclose(file);
  }
  RUN(each_allocation_fails);
  return check_failures == 0 ? 0 : 1;
}

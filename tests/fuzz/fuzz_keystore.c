/*
 * fuzz_keystore.c - any bytes as a key store: what is read is PEM, what is refused leaves nothing
 * behind.
 */
#include <stdlib.h>
#include <string.h>

#include "keystore.h"

static void check_pem(const hw_buf *pem) {
  static const char begin[] = "-----BEGIN ", end[] = "-----\n";
  if (pem->len > 0 && (memcmp(pem->ptr, begin, sizeof begin - 1) != 0 ||
                       memcmp(pem->ptr + pem->len - (sizeof end - 1), end, sizeof end - 1) != 0)) {
    abort();
  }
}

static void read_with(hw_view bytes, hw_view password) {
  hw_keystore store;
  if (hw_keystore_read(bytes, password, &store, NULL) == HW_OK) {
    check_pem(&store.client_key);
    check_pem(&store.client_chain);
    check_pem(&store.ca_chain);
    hw_keystore_free(&store);
  } else if (store.client_key.ptr != NULL || store.client_chain.ptr != NULL ||
             store.ca_chain.ptr != NULL) {
    abort();
  }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
  hw_view bytes = {.ptr = (const char *)data, .len = size};
  read_with(bytes, (hw_view){0});
  read_with(bytes, hw_view_of("storepass-of-the-tests"));
  return 0;
}

/*
 * resource_tables.c - the rows that tools/generate.py made from resources/, and the registries over
 * them.
 */
#include "endpoint.h"
#include "resource.h"

#include "resource_tables.inc"

const hw_registry *hw_registry_default(void) {
  static const hw_registry registry = {
      .types = table_types,
      .unions = table_unions,
      .type_count = TABLE_TYPES_COUNT,
      .union_count = TABLE_UNIONS_COUNT,
  };
  return &registry;
}

const hw_endpoint *hw_endpoints(size_t *count) {
  *count = TABLE_ENDPOINTS_COUNT;
  return table_endpoints;
}

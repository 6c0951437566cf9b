/*
 * json_write.h - appending JSON text to a buffer. Each function writes one value; commas are the
 * caller's.
 */
#ifndef HW_JSON_WRITE_H
#define HW_JSON_WRITE_H

#include "buf.h"
#include "json.h"

/* A string in quotes. UTF-8 stays as it is; lone surrogates, which have no UTF-8 form, become \u
 * escapes. */
hw_status hw_json_write_string(hw_buf *out, hw_view text, hw_error *err) HW_MUST_CHECK;
hw_status hw_json_write_int(hw_buf *out, long long number, hw_error *err) HW_MUST_CHECK;
hw_status hw_json_write_float(hw_buf *out, double number, hw_error *err) HW_MUST_CHECK;
/* A parsed value with all that it holds. */
hw_status hw_json_write_value(hw_buf *out, hw_json value, hw_error *err) HW_MUST_CHECK;

#endif

/*
 * file.h - files that appear under their final name only when they are complete.
 *
 * Content goes to a temporary file in the target's folder, which is flushed and renamed at the end.
 * A partial file can be kept for a later attempt: it carries a trailer behind the content that says
 * what it is a part of and which pieces are there. A trailer is believed only within the same boot
 * of the machine, for after a crash pieces may be missing that it names. See transfer.h for who
 * fills such files.
 */
#ifndef HW_FILE_H
#define HW_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "error.h"

typedef struct hw_file hw_file;

/* Fills `err` for a failed system call on `path`: HW_IO with errno, the path, and for a full disk
   the folder and the space that is left there. */
hw_status hw_file_error(hw_error *err, int os_error, const char *doing, const char *path);

/*
 * Opens the temporary file for `target`, which will hold `size` bytes in pieces of `piece` bytes.
 * `identity` (may be empty) says what the content is; a partial file of the same identity, size and
 * piece is continued, see hw_file_has(). The space is reserved at once, so that a full disk shows
 * before anything is fetched. *out is owned: hw_file_free().
 */
hw_status hw_file_open(const char *target, uint64_t size, uint64_t piece, hw_view identity,
                       hw_file **out, hw_error *err) HW_MUST_CHECK;

/* Whether a piece is complete already; pieces count from 0. */
bool hw_file_has(const hw_file *file, uint64_t index);
/* Bytes of the complete pieces. */
uint64_t hw_file_done(const hw_file *file);

/* Thread-safe as long as the ranges do not overlap. */
hw_status hw_file_write(hw_file *file, uint64_t offset, hw_view bytes, hw_error *err) HW_MUST_CHECK;
/* Notes that a piece is complete. One thread at a time. */
hw_status hw_file_complete(hw_file *file, uint64_t index, hw_error *err) HW_MUST_CHECK;
/* Forgets every piece, when what is there turned out to be of another version. One thread at a
 * time. */
hw_status hw_file_restart(hw_file *file, hw_error *err) HW_MUST_CHECK;

/* Flushes the content and gives it its final name. Afterwards hw_file_free() only frees. */
hw_status hw_file_commit(hw_file *file, hw_error *err) HW_MUST_CHECK;

/* For one of many small files: committing gives it its name without flushing it. Then
   hw_file_flush_together() flushes them all, which is much quicker than one after the other. */
void hw_file_flush_later(hw_file *file);
/* Flushes the file system that holds `path`. */
hw_status hw_file_flush_together(const char *path, hw_error *err) HW_MUST_CHECK;

/* Closes. Unless committed, the temporary file is kept when `keep` is set and it can be continued
   later, and is removed otherwise. NULL is allowed. */
void hw_file_free(hw_file *file, bool keep);

#endif

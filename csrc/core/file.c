#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum { BOOT_ID_LEN = 36, TRAILER_HEAD = 128, MIN_RESERVED = 1 << 16 };

static const char trailer_magic[8] = {'H', 'W', 'P', 'A', 'R', 'T', '0', '1'};

/* What stands behind the content of a partial file, followed by one byte a piece. Read only on the
   machine and in the boot that wrote it, so the layout of this machine will do. */
typedef struct trailer {
  char magic[8];
  char boot[BOOT_ID_LEN + 4];
  uint64_t size;
  uint64_t piece;
  uint64_t identity;
} trailer;

_Static_assert(sizeof(trailer) <= TRAILER_HEAD, "the trailer must fit in its room");

struct hw_file {
  int fd;
  bool named;      /* the temporary file still has its temporary name */
  bool resumable;  /* the trailer is kept up to date */
  bool later;      /* is flushed together with others */
  char *target;    /* owned */
  char *temporary; /* owned */
  uint64_t size;
  uint64_t piece;
  uint64_t count;
  uint64_t done;
  trailer head;
  unsigned char *have; /* owned; one byte a piece */
};

/* FNV-1a; tells versions apart, not adversaries: the server can always send what it likes. */
static uint64_t hash_text(hw_view text) {
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < text.len; i++) {
    hash = (hash ^ (unsigned char)text.ptr[i]) * 1099511628211u;
  }
  return hash;
}

static bool read_boot_id(char out[BOOT_ID_LEN + 4]) {
  memset(out, 0, BOOT_ID_LEN + 4);
  int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return false;
  }
  ssize_t got = read(fd, out, BOOT_ID_LEN);
  (void)close(fd);
  return got == BOOT_ID_LEN;
}

static size_t folder_length(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? 0 : (size_t)(slash - path);
}

static void folder_of(const char *path, char *out, size_t room) {
  size_t len = folder_length(path);
  if (len == 0) {
    (void)snprintf(out, room, "%s", path[0] == '/' ? "/" : ".");
  } else {
    (void)snprintf(out, room, "%.*s", (int)(len < room ? len : room - 1), path);
  }
}

hw_status hw_file_error(hw_error *err, int os_error, const char *doing, const char *path) {
  char folder[512];
  folder_of(path, folder, sizeof folder);
  if (os_error == ENOSPC || os_error == EDQUOT) {
    struct statvfs fs;
    double free_mib = -1;
    if (statvfs(folder, &fs) == 0) {
      free_mib = (double)fs.f_bavail * (double)fs.f_frsize / 1048576.0;
    }
    hw_error_set(err, HW_IO,
                 "No space left in folder %s while %s %s: %.1f MiB are free%s. Free some space "
                 "there, or choose "
                 "another folder.",
                 folder, doing, path, free_mib < 0 ? 0.0 : free_mib,
                 os_error == EDQUOT ? " and the disk quota is used up" : "");
  } else if (os_error == EFBIG) {
    hw_error_set(err, HW_IO,
                 "%s in folder %s would be larger than this process or its file system allows. "
                 "Raise the limit "
                 "(ulimit -f), or choose another folder.",
                 path, folder);
  } else {
    hw_error_set(err, HW_IO, "%s failed while %s %s.", strerror(os_error), doing, path);
  }
  if (err != NULL && err->os_error == 0) {
    err->os_error = os_error;
  }
  return HW_IO;
}

static char *temporary_name(const char *target, const char *suffix) {
  size_t folder = folder_length(target);
  size_t skip = target[folder] == '/' ? folder + 1 : folder;
  const char *base = target + skip;
  /* The name of a file is at most 255 bytes; ours is a little longer than the target's. */
  size_t base_len = strlen(base) < 200 ? strlen(base) : 200;
  size_t room = skip + base_len + strlen(suffix) + 2;
  char *name = malloc(room);
  if (name != NULL) {
    (void)snprintf(name, room, "%.*s.%.*s%s", (int)skip, target, (int)base_len, base, suffix);
  }
  return name;
}

static hw_status write_at(int fd, const char *path, uint64_t offset, const void *bytes, size_t len,
                          hw_error *err) {
  const char *at = bytes;
  while (len > 0) {
    ssize_t put = pwrite(fd, at, len, (off_t)offset);
    if (put < 0 && errno == EINTR) {
      continue;
    }
    if (put <= 0) {
      return hw_file_error(err, put < 0 ? errno : ENOSPC, "writing", path);
    }
    at += put;
    offset += (uint64_t)put;
    len -= (size_t)put;
  }
  return HW_OK;
}

static bool read_at(int fd, uint64_t offset, void *into, size_t len) {
  char *at = into;
  while (len > 0) {
    ssize_t got = pread(fd, at, len, (off_t)offset);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return false;
    }
    at += got;
    offset += (uint64_t)got;
    len -= (size_t)got;
  }
  return true;
}

static uint64_t piece_length(const hw_file *file, uint64_t index) {
  uint64_t begin = index * file->piece;
  return file->size - begin < file->piece ? file->size - begin : file->piece;
}

static void continue_partial(hw_file *file) {
  trailer found;
  struct stat status;
  if (fstat(file->fd, &status) != 0 ||
      (uint64_t)status.st_size != file->size + TRAILER_HEAD + file->count ||
      !read_at(file->fd, file->size, &found, sizeof found) ||
      memcmp(&found, &file->head, sizeof found) != 0 ||
      !read_at(file->fd, file->size + TRAILER_HEAD, file->have, (size_t)file->count)) {
    memset(file->have, 0, (size_t)file->count);
    return;
  }
  for (uint64_t i = 0; i < file->count; i++) {
    file->have[i] = file->have[i] == 1;
    file->done += file->have[i] ? piece_length(file, i) : 0;
  }
}

static hw_status write_trailer(hw_file *file, hw_error *err) {
  HW_TRY(write_at(file->fd, file->temporary, file->size, &file->head, sizeof file->head, err));
  return write_at(file->fd, file->temporary, file->size + TRAILER_HEAD, file->have,
                  (size_t)file->count, err);
}

/* The file of the shared name, locked; without one when another process has it or that name is not
 * ours. */
static bool open_shared(hw_file *file) {
  file->temporary = temporary_name(file->target, ".hopsworks-part");
  if (file->temporary == NULL) {
    return false;
  }
  int fd = open(file->temporary, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd < 0) {
    return false;
  }
  struct stat opened, named;
  if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &opened) != 0 || !S_ISREG(opened.st_mode) ||
      opened.st_uid != geteuid() || lstat(file->temporary, &named) != 0 ||
      named.st_ino != opened.st_ino) {
    (void)close(fd);
    return false;
  }
  file->fd = fd;
  return true;
}

/* A name of its own. Made by open() and not by mkostemp(), so that the rights are those of any new
 * file. */
static hw_status open_private(hw_file *file, hw_error *err) {
  for (int tries = 0; tries < 100; tries++) {
    struct timespec now;
    char suffix[64];
    clock_gettime(CLOCK_REALTIME, &now);
    (void)snprintf(suffix, sizeof suffix, ".%lx-%lx.part", (unsigned long)getpid(),
                   (unsigned long)now.tv_nsec);
    free(file->temporary);
    file->temporary = temporary_name(file->target, suffix);
    if (file->temporary == NULL) {
      return hw_error_set(err, HW_NOMEM, "out of memory");
    }
    file->fd = open(file->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file->fd >= 0 || errno != EEXIST) {
      break;
    }
  }
  return file->fd >= 0 ? HW_OK : hw_file_error(err, errno, "creating", file->target);
}

static hw_status reserve(hw_file *file, hw_error *err) {
  uint64_t total = file->size + (file->resumable ? TRAILER_HEAD + file->count : 0);
  if (total < MIN_RESERVED) {
    return HW_OK;
  }
#ifdef __linux__
  if (fallocate(file->fd, 0, 0, (off_t)total) != 0 && errno != EOPNOTSUPP && errno != ENOSYS &&
      errno != EINTR) {
    return hw_file_error(err, errno, "reserving space for", file->target);
  }
#else
  (void)err;
#endif
  return HW_OK;
}

hw_status hw_file_open(const char *target, uint64_t size, uint64_t piece, hw_view identity,
                       hw_file **out, hw_error *err) {
  *out = NULL;
  if (piece == 0 || size > INT64_MAX / 2 || size / piece > 1u << 24) {
    return hw_error_set(err, HW_ARGUMENT, "%s: a size of %llu bytes cannot be handled", target,
                        (unsigned long long)size);
  }
  hw_status status = HW_OK;
  hw_file *file = calloc(1, sizeof *file);
  if (file == NULL) {
    return hw_error_set(err, HW_NOMEM, "out of memory");
  }
  file->fd = -1;
  file->size = size;
  file->piece = piece;
  file->count = (size + piece - 1) / piece;
  file->target = strdup(target);
  file->have = calloc((size_t)file->count + 1, 1);
  if (file->target == NULL || file->have == NULL) {
    status = hw_error_set(err, HW_NOMEM, "out of memory");
    goto done;
  }
  memcpy(file->head.magic, trailer_magic, sizeof trailer_magic);
  file->head.size = size;
  file->head.piece = piece;
  file->head.identity = hash_text(identity);
  file->resumable = identity.len > 0 && file->count > 1 && read_boot_id(file->head.boot);
  if (!file->resumable || !open_shared(file)) {
    file->resumable = false;
    status = open_private(file, err);
    if (status != HW_OK) {
      goto done;
    }
  }
  file->named = true;
  if (file->resumable) {
    continue_partial(file);
    if (file->done == 0 && ftruncate(file->fd, 0) != 0) {
      status = hw_file_error(err, errno, "emptying", file->temporary);
      goto done;
    }
  }
  status = reserve(file, err);
  if (status == HW_OK && file->resumable) {
    status = write_trailer(file, err);
  }
done:
  if (status != HW_OK) {
    hw_file_free(file, false);
    return status;
  }
  *out = file;
  return HW_OK;
}

bool hw_file_has(const hw_file *file, uint64_t index) {
  return file->have[index] == 1;
}

uint64_t hw_file_done(const hw_file *file) {
  return file->done;
}

hw_status hw_file_write(hw_file *file, uint64_t offset, hw_view bytes, hw_error *err) {
  if (offset > file->size || bytes.len > file->size - offset) {
    return hw_error_set(err, HW_INTEGRITY, "more than the announced %llu bytes arrived for %s",
                        (unsigned long long)file->size, file->target);
  }
  return write_at(file->fd, file->temporary, offset, bytes.ptr, bytes.len, err);
}

hw_status hw_file_complete(hw_file *file, uint64_t index, hw_error *err) {
  if (file->have[index] == 1) {
    return HW_OK;
  }
  file->have[index] = 1;
  file->done += piece_length(file, index);
#ifdef __linux__
  /* Begin to write the piece back now, so that the flush at the end finds little to do. */
  if (!file->later) {
    (void)sync_file_range(file->fd, (off_t)(index * file->piece), (off_t)piece_length(file, index),
                          SYNC_FILE_RANGE_WRITE);
  }
#endif
  if (!file->resumable) {
    return HW_OK;
  }
  return write_at(file->fd, file->temporary, file->size + TRAILER_HEAD + index, &file->have[index],
                  1, err);
}

hw_status hw_file_restart(hw_file *file, hw_error *err) {
  memset(file->have, 0, (size_t)file->count);
  file->done = 0;
  return file->resumable ? write_trailer(file, err) : HW_OK;
}

static void flush_folder(const char *path) {
  char folder[512];
  folder_of(path, folder, sizeof folder);
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) {
    (void)fsync(fd); /* where folders cannot be flushed, the rename itself is all there is */
    (void)close(fd);
  }
}

hw_status hw_file_commit(hw_file *file, hw_error *err) {
  if (file->done != file->size) {
    return hw_error_set(err, HW_INTEGRITY, "%llu of %llu bytes are there for %s",
                        (unsigned long long)file->done, (unsigned long long)file->size,
                        file->target);
  }
  if (ftruncate(file->fd, (off_t)file->size) != 0 || (!file->later && fsync(file->fd) != 0)) {
    return hw_file_error(err, errno, "completing", file->temporary);
  }
  if (rename(file->temporary, file->target) != 0) {
    return hw_file_error(err, errno, "giving its name to", file->target);
  }
  file->named = false;
  if (!file->later) {
    flush_folder(file->target);
  }
  return HW_OK;
}

void hw_file_flush_later(hw_file *file) {
  file->later = true;
}

hw_status hw_file_flush_together(const char *path, hw_error *err) {
#ifdef __linux__
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return hw_file_error(err, errno, "opening", path);
  }
  int failed = syncfs(fd) == 0 ? 0 : errno;
  (void)close(fd);
  return failed == 0 ? HW_OK : hw_file_error(err, failed, "flushing", path);
#else
  (void)path;
  (void)err;
  sync();
  return HW_OK;
#endif
}

void hw_file_free(hw_file *file, bool keep) {
  if (file == NULL) {
    return;
  }
  if (file->named && file->temporary != NULL && !(keep && file->resumable && file->done > 0)) {
    (void)unlink(file->temporary);
  }
  if (file->fd >= 0) {
    (void)close(file->fd);
  }
  free(file->have);
  free(file->temporary);
  free(file->target);
  free(file);
}

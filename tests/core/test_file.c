/*
 * test_file.c - files that appear only when they are complete, and parts that are continued.
 */
#include "check.h"
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 4096 };

static char folder[] = "/tmp/hopsworks-test-file-XXXXXX";
static char target[256];
static char content[10 * PIECE];

/* Entries of the folder, apart from "." and "..". */
static int entries(void) {
  int count = 0;
  DIR *open = opendir(folder);
  for (struct dirent *entry; (entry = readdir(open)) != NULL;) {
    count += entry->d_name[0] != '.' || (entry->d_name[1] != '\0' && entry->d_name[1] != '.');
  }
  (void)closedir(open);
  return count;
}

static void start(void) {
  (void)unlink(target);
  CHECK_INT(entries(), 0);
}

static hw_status put(hw_file *file, uint64_t index, size_t len) {
  hw_view bytes = {.ptr = content + index * PIECE, .len = len};
  hw_status status = hw_file_write(file, index * PIECE, bytes, NULL);
  return status == HW_OK ? hw_file_complete(file, index, NULL) : status;
}

static int same_content(size_t size) {
  char *found = malloc(size + 1);
  int fd = open(target, O_RDONLY | O_CLOEXEC);
  ssize_t got = fd < 0 ? -1 : read(fd, found, size + 1);
  int same = got == (ssize_t)size && memcmp(found, content, size) == 0;
  if (fd >= 0) {
    (void)close(fd);
  }
  free(found);
  return same;
}

static void appears_only_when_complete(void) {
  hw_file *file = NULL;
  hw_error err;
  start();
  hw_error_init(&err);
  CHECK_INT(hw_file_open(target, 2 * PIECE + 5, PIECE, hw_view_of(""), &file, &err), HW_OK);
  CHECK_INT(put(file, 1, PIECE), HW_OK);
  CHECK_INT(put(file, 2, 5), HW_OK);
  CHECK_INT(access(target, F_OK), -1);
  CHECK_INT(hw_file_commit(file, &err), HW_INTEGRITY);
  CHECK(strstr(err.message, target) != NULL);
  CHECK_INT(put(file, 0, PIECE), HW_OK);
  CHECK_INT(hw_file_commit(file, NULL), HW_OK);
  hw_file_free(file, false);
  CHECK(same_content(2 * PIECE + 5));
  CHECK_INT(entries(), 1);
}

static void an_empty_file(void) {
  hw_file *file = NULL;
  start();
  CHECK_INT(hw_file_open(target, 0, PIECE, hw_view_of("id"), &file, NULL), HW_OK);
  CHECK_INT(hw_file_commit(file, NULL), HW_OK);
  hw_file_free(file, true);
  CHECK(same_content(0));
}

static void has_the_rights_of_a_new_file(void) {
  hw_file *file = NULL;
  struct stat status;
  start();
  mode_t before = umask(027);
  CHECK_INT(hw_file_open(target, 0, PIECE, hw_view_of(""), &file, NULL), HW_OK);
  CHECK_INT(hw_file_commit(file, NULL), HW_OK);
  hw_file_free(file, false);
  (void)umask(before);
  CHECK_INT(stat(target, &status), 0);
  CHECK_INT(status.st_mode & 0777, 0640);
}

static void a_failed_one_leaves_the_old(void) {
  hw_file *file = NULL;
  start();
  int fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  CHECK_INT(write(fd, content, 3), 3);
  (void)close(fd);
  CHECK_INT(hw_file_open(target, 3 * PIECE, PIECE, hw_view_of("id"), &file, NULL), HW_OK);
  CHECK_INT(put(file, 0, PIECE), HW_OK);
  hw_file_free(file, false);
  CHECK(same_content(3));
  CHECK_INT(entries(), 1);
}

/* Opens, writes the first pieces, and lets go as a broken-off download does. */
static void leave_part(const char *identity, uint64_t pieces) {
  hw_file *file = NULL;
  CHECK_INT(hw_file_open(target, 5 * PIECE, PIECE, hw_view_of(identity), &file, NULL), HW_OK);
  for (uint64_t i = 0; i < pieces; i++) {
    CHECK_INT(put(file, i, PIECE), HW_OK);
  }
  hw_file_free(file, true);
}

static uint64_t found_again(const char *identity, uint64_t size) {
  hw_file *file = NULL;
  CHECK_INT(hw_file_open(target, size, PIECE, hw_view_of(identity), &file, NULL), HW_OK);
  uint64_t done = hw_file_done(file);
  for (uint64_t i = 0; i < (size + PIECE - 1) / PIECE; i++) {
    CHECK_INT(hw_file_has(file, i), i < done / PIECE);
    CHECK_INT(put(file, i, PIECE), HW_OK);
  }
  CHECK_INT(hw_file_commit(file, NULL), HW_OK);
  hw_file_free(file, true);
  CHECK(same_content(size));
  CHECK_INT(entries(), 1);
  return done;
}

static void a_part_is_continued(void) {
  start();
  leave_part("id", 2);
  CHECK_INT(entries(), 1);
  CHECK_INT(access(target, F_OK), -1);
  CHECK_INT(found_again("id", 5 * PIECE), 2 * PIECE);
}

static void a_part_of_something_else_is_not(void) {
  start();
  leave_part("id", 2);
  CHECK_INT(found_again("another", 5 * PIECE), 0);
  start();
  leave_part("id", 2);
  CHECK_INT(found_again("id", 4 * PIECE), 0);
}

static void without_identity_nothing_is_left(void) {
  start();
  leave_part("", 2);
  CHECK_INT(entries(), 0);
}

static void a_restart_forgets(void) {
  hw_file *file = NULL;
  start();
  leave_part("id", 3);
  CHECK_INT(hw_file_open(target, 5 * PIECE, PIECE, hw_view_of("id"), &file, NULL), HW_OK);
  CHECK_INT(hw_file_done(file), 3 * PIECE);
  CHECK_INT(hw_file_restart(file, NULL), HW_OK);
  CHECK_INT(hw_file_done(file), 0);
  CHECK(!hw_file_has(file, 0));
  hw_file_free(file, true);
  CHECK_INT(entries(), 0);
}

static void two_at_once_do_not_share(void) {
  hw_file *first = NULL;
  hw_file *second = NULL;
  start();
  CHECK_INT(hw_file_open(target, 2 * PIECE, PIECE, hw_view_of("id"), &first, NULL), HW_OK);
  CHECK_INT(hw_file_open(target, 2 * PIECE, PIECE, hw_view_of("id"), &second, NULL), HW_OK);
  for (uint64_t i = 0; i < 2; i++) {
    CHECK_INT(put(first, i, PIECE), HW_OK);
    CHECK_INT(put(second, i, PIECE), HW_OK);
  }
  CHECK_INT(hw_file_commit(first, NULL), HW_OK);
  CHECK_INT(hw_file_commit(second, NULL), HW_OK);
  hw_file_free(first, true);
  hw_file_free(second, true);
  CHECK(same_content(2 * PIECE));
  CHECK_INT(entries(), 1);
}

/* Whoever can write to the folder could put a link there; it is not followed. */
static void a_link_in_the_way_is_not_followed(void) {
  char part[300], victim[300];
  hw_file *file = NULL;
  start();
  (void)snprintf(part, sizeof part, "%s/.x.hopsworks-part", folder);
  (void)snprintf(victim, sizeof victim, "%s/victim", folder);
  CHECK_INT(symlink(victim, part), 0);
  CHECK_INT(hw_file_open(target, 2 * PIECE, PIECE, hw_view_of("id"), &file, NULL), HW_OK);
  CHECK_INT(put(file, 0, PIECE), HW_OK);
  hw_file_free(file, false);
  CHECK_INT(access(victim, F_OK), -1);
  CHECK_INT(unlink(part), 0);
}

static void more_than_announced_is_refused(void) {
  hw_file *file = NULL;
  start();
  CHECK_INT(hw_file_open(target, 10, PIECE, hw_view_of(""), &file, NULL), HW_OK);
  CHECK_INT(hw_file_write(file, 5, (hw_view){content, 6}, NULL), HW_INTEGRITY);
  CHECK_INT(hw_file_write(file, 11, (hw_view){content, 0}, NULL), HW_INTEGRITY);
  hw_file_free(file, false);
  CHECK_INT(entries(), 0);
}

static void errors_name_the_place_and_the_remedy(void) {
  hw_file *file = NULL;
  hw_error err;
  struct rlimit before, small;
  start();
  hw_error_init(&err);
  CHECK_INT(hw_file_open("/tmp/no-such-folder-here/x", 5, PIECE, hw_view_of(""), &file, &err),
            HW_IO);
  CHECK(file == NULL);
  CHECK_INT(err.os_error, ENOENT);
  CHECK(strstr(err.message, "/tmp/no-such-folder-here/x") != NULL);

  CHECK_INT(getrlimit(RLIMIT_FSIZE, &before), 0);
  small = before;
  small.rlim_cur = 1 << 16;
  (void)signal(SIGXFSZ, SIG_IGN);
  CHECK_INT(setrlimit(RLIMIT_FSIZE, &small), 0);
  hw_error_init(&err);
  CHECK_INT(hw_file_open(target, 1 << 20, PIECE, hw_view_of("id"), &file, &err), HW_IO);
  CHECK_INT(setrlimit(RLIMIT_FSIZE, &before), 0);
  CHECK_INT(err.os_error, EFBIG);
  CHECK(strstr(err.message, folder) != NULL);
  CHECK(strstr(err.message, "ulimit") != NULL);
  CHECK_INT(entries(), 0);

  hw_error_init(&err);
  CHECK_INT(hw_file_error(&err, ENOSPC, "writing", target), HW_IO);
  CHECK(strstr(err.message, "No space left in folder") != NULL);
  CHECK(strstr(err.message, "MiB are free") != NULL);
}

int main(void) {
  if (mkdtemp(folder) == NULL) {
    perror(folder);
    return 2;
  }
  (void)snprintf(target, sizeof target, "%s/x", folder);
  for (size_t i = 0; i < sizeof content; i++) {
    content[i] = (char)(i * 7 + i / PIECE);
  }
  RUN(appears_only_when_complete);
  RUN(an_empty_file);
  RUN(has_the_rights_of_a_new_file);
  RUN(a_failed_one_leaves_the_old);
  RUN(a_part_is_continued);
  RUN(a_part_of_something_else_is_not);
  RUN(without_identity_nothing_is_left);
  RUN(a_restart_forgets);
  RUN(two_at_once_do_not_share);
  RUN(a_link_in_the_way_is_not_followed);
  RUN(more_than_announced_is_refused);
  RUN(errors_name_the_place_and_the_remedy);
  (void)unlink(target);
  (void)rmdir(folder);
  return check_failures == 0 ? 0 : 1;
}

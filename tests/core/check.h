/*
 * check.h - the few macros that the core's test programs use.
 *
 * A test is a static function without arguments; main() lists them with RUN. A failed check prints
 * where and what and makes the program exit with 1 after the other tests have run.
 */
#ifndef HW_TESTS_CHECK_H
#define HW_TESTS_CHECK_H

#include <stdio.h>
#include <string.h>

static int check_failures;

#define CHECK(condition)                                                                           \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      check_failures++;                                                                            \
      (void)fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
    }                                                                                              \
  } while (0)

#define CHECK_INT(found, expected)                                                                 \
  do {                                                                                             \
    long long check_found = (long long)(found), check_expected = (long long)(expected);            \
    if (check_found != check_expected) {                                                           \
      check_failures++;                                                                            \
      (void)fprintf(stderr, "%s:%d: %s is %lld, expected %lld\n", __FILE__, __LINE__, #found,      \
                    check_found, check_expected);                                                  \
    }                                                                                              \
  } while (0)

#define CHECK_STR(found, expected)                                                                 \
  do {                                                                                             \
    const char *check_found = (found), *check_expected = (expected);                               \
    if (check_found == NULL || strcmp(check_found, check_expected) != 0) {                         \
      check_failures++;                                                                            \
      (void)fprintf(stderr, "%s:%d: %s is \"%s\", expected \"%s\"\n", __FILE__, __LINE__, #found,  \
                    check_found == NULL ? "(null)" : check_found, check_expected);                 \
    }                                                                                              \
  } while (0)

#define RUN(test)                                                                                  \
  do {                                                                                             \
    int check_before = check_failures;                                                             \
    test();                                                                                        \
    (void)printf("%s %s\n", check_failures == check_before ? "ok  " : "FAIL", #test);              \
  } while (0)

#endif

#include "cancel.h"

#include <pthread.h>

#include "check.h"

static void count(void *ctx) {
  ++*(int *)ctx;
}

static void every_waiter_is_woken(void) {
  hw_cancel cancel;
  int woken[3] = {0};
  hw_waiter waiters[3];
  CHECK_INT(hw_cancel_init(&cancel, NULL), HW_OK);
  CHECK(!hw_cancel_fired(&cancel));
  for (int i = 0; i < 3; i++) {
    waiters[i] = (hw_waiter){.wake = count, .ctx = &woken[i]};
    hw_cancel_attach(&cancel, &waiters[i]);
  }
  hw_cancel_detach(&cancel, &waiters[1]);
  hw_cancel_detach(&cancel, &waiters[1]);
  hw_cancel_fire(&cancel);
  CHECK(hw_cancel_fired(&cancel));
  CHECK_INT(woken[0], 1);
  CHECK_INT(woken[1], 0);
  CHECK_INT(woken[2], 1);
  hw_cancel_detach(&cancel, &waiters[0]);
  hw_cancel_fire(&cancel);
  CHECK_INT(woken[0], 1);
  CHECK_INT(woken[2], 2);
  hw_cancel_detach(&cancel, &waiters[2]);
  hw_cancel_destroy(&cancel);
}

static void none_is_never_fired(void) {
  hw_waiter waiter = {.wake = count};
  CHECK(!hw_cancel_fired(NULL));
  hw_cancel_attach(NULL, &waiter);
  hw_cancel_detach(NULL, &waiter);
  hw_cancel_destroy(NULL);
}

enum { ROUNDS = 2000 };

static void *attach_and_detach(void *ctx) {
  hw_cancel *cancel = ctx;
  int woken = 0;
  for (int i = 0; i < ROUNDS; i++) {
    hw_waiter waiter = {.wake = count, .ctx = &woken};
    hw_cancel_attach(cancel, &waiter);
    hw_cancel_detach(cancel, &waiter);
  }
  return NULL;
}

static void threads_come_and_go(void) {
  hw_cancel cancel;
  pthread_t threads[4];
  CHECK_INT(hw_cancel_init(&cancel, NULL), HW_OK);
  for (int i = 0; i < 4; i++) {
    pthread_create(&threads[i], NULL, attach_and_detach, &cancel);
  }
  for (int i = 0; i < ROUNDS; i++) {
    hw_cancel_fire(&cancel);
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
  }
  CHECK(cancel.waiters == NULL);
  hw_cancel_destroy(&cancel);
}

int main(void) {
  RUN(every_waiter_is_woken);
  RUN(none_is_never_fired);
  RUN(threads_come_and_go);
  return check_failures == 0 ? 0 : 1;
}

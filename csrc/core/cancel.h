/*
 * cancel.h - a flag that ends waits in other threads.
 *
 * One thread fires it, any number of threads wait with it attached. A waiter is woken at once, so
 * that nobody sits out a poll. Owned by whoever declares it; it must outlive every wait it was
 * given to.
 */
#ifndef HW_CANCEL_H
#define HW_CANCEL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "error.h"

/* One wait; lives on the stack of the waiting thread. */
typedef struct hw_waiter {
  void (*wake)(void *ctx); /* called by the firing thread; must be quick and thread-safe */
  void *ctx;
  struct hw_waiter *next;
} hw_waiter;

typedef struct hw_cancel {
  atomic_bool fired;
  pthread_mutex_t lock;
  hw_waiter *waiters;
} hw_cancel;

hw_status hw_cancel_init(hw_cancel *cancel, hw_error *err) HW_MUST_CHECK;
/* Nobody may be attached any more. NULL is allowed. */
void hw_cancel_destroy(hw_cancel *cancel);

/* Sets the flag and wakes everybody. May be called more than once, from any thread. */
void hw_cancel_fire(hw_cancel *cancel);
/* False for NULL. */
bool hw_cancel_fired(const hw_cancel *cancel);

/* `cancel` may be NULL; then both do nothing. A wait attached after firing is not woken: check the
 * flag. */
void hw_cancel_attach(hw_cancel *cancel, hw_waiter *waiter);
void hw_cancel_detach(hw_cancel *cancel, hw_waiter *waiter);

#endif

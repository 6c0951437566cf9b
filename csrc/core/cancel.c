#include "cancel.h"

hw_status hw_cancel_init(hw_cancel *cancel, hw_error *err) {
  atomic_init(&cancel->fired, false);
  cancel->waiters = NULL;
  if (pthread_mutex_init(&cancel->lock, NULL) != 0) {
    return hw_error_set(err, HW_NOMEM, "no lock could be made");
  }
  return HW_OK;
}

void hw_cancel_destroy(hw_cancel *cancel) {
  if (cancel != NULL) {
    pthread_mutex_destroy(&cancel->lock);
  }
}

void hw_cancel_fire(hw_cancel *cancel) {
  atomic_store(&cancel->fired, true);
  pthread_mutex_lock(&cancel->lock);
  for (hw_waiter *waiter = cancel->waiters; waiter != NULL; waiter = waiter->next) {
    waiter->wake(waiter->ctx);
  }
  pthread_mutex_unlock(&cancel->lock);
}

bool hw_cancel_fired(const hw_cancel *cancel) {
  return cancel != NULL && atomic_load(&cancel->fired);
}

void hw_cancel_attach(hw_cancel *cancel, hw_waiter *waiter) {
  if (cancel == NULL) {
    return;
  }
  pthread_mutex_lock(&cancel->lock);
  waiter->next = cancel->waiters;
  cancel->waiters = waiter;
  pthread_mutex_unlock(&cancel->lock);
}

void hw_cancel_detach(hw_cancel *cancel, hw_waiter *waiter) {
  if (cancel == NULL) {
    return;
  }
  pthread_mutex_lock(&cancel->lock);
  for (hw_waiter **link = &cancel->waiters; *link != NULL; link = &(*link)->next) {
    if (*link == waiter) {
      *link = waiter->next;
      break;
    }
  }
  pthread_mutex_unlock(&cancel->lock);
}

/*
 * http_fork.h - what happens to pools when the process forks (private to http*.c).
 *
 * A forked child has copies of the parent's sockets. Writing to them, even to say good-bye in TLS,
 * would break the parent's connections; keeping them open would keep the server from seeing the
 * parent leave. So the child closes the copies and forgets the handles, whose memory stays behind
 * on purpose.
 */
#ifndef HW_HTTP_FORK_H
#define HW_HTTP_FORK_H

#include "http_pool.h"

/* Registers a pool. The registry and its handlers are the one piece of state that belongs to the
   process and not to a pool: fork handlers take no argument. */
hw_status hw__fork_register(hw_http_pool *pool, hw_error *err) HW_MUST_CHECK;
void hw__fork_unregister(hw_http_pool *pool);

#endif

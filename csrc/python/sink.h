/*
 * sink.h - one walk over one document into Python objects: what it needs to know, and its sink.
 */
#ifndef HWPY_SINK_H
#define HWPY_SINK_H

#include "types.h"

/* One walk over one document. */
typedef struct hwpy_decoding {
  hwpy_state *state;
  PyObject *scope;          /* borrowed, may be NULL */
  hwpy_record *only_record; /* objects of this record become `only_class` */
  PyTypeObject *only_class; /* borrowed */
  bool without_hook;        /* ... and their hook is not run */
} hwpy_decoding;

/* The sink of a walk; it borrows `d`. */
hw_sink hwpy_sink(hwpy_decoding *d);

/* Runs `_after_decode`; of the classes that decoding yields it has been looked up already. 0, or -1
   with an exception set. */
int hwpy_run_hook(const hwpy_object *self, PyObject *object);

#endif

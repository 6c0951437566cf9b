/*
 * object_show.c - what resource objects look like: repr, and an HTML table for notebooks. Secrets
 * are masked.
 */
#include "types.h"

enum { SHOWN_ITEMS = 5 };

/* The text of a value: long lists are counted, secrets masked. */
static PyObject *show_value(const hw_field *field, PyObject *value) {
  if (field->secret && value != Py_None) {
    return PyUnicode_FromString("'***'");
  }
  if (PyList_Check(value) && PyList_Size(value) > SHOWN_ITEMS) {
    return PyUnicode_FromFormat("[%zd items]", PyList_Size(value));
  }
  if (PyDict_Check(value) && PyDict_Size(value) > SHOWN_ITEMS) {
    return PyUnicode_FromFormat("{%zd entries}", PyDict_Size(value));
  }
  return PyObject_Repr(value);
}

static PyObject *class_name(PyObject *self) {
  return PyObject_GetAttrString((PyObject *)Py_TYPE(self), "__name__");
}

/* "name=value" of every shown field that is set, as a list of str. */
static PyObject *show_fields(hwpy_object *self) {
  const hw_type *table = self->record->table;
  PyObject *parts = PyList_New(0);
  for (size_t i = 0; parts != NULL && i < table->field_count; i++) {
    const hw_field *field = &table->fields[i];
    if (!field->shown || self->slots[i] == NULL || self->slots[i] == Py_None) {
      continue;
    }
    PyObject *value = hwpy_object_slot(self, i);
    PyObject *text = value == NULL ? NULL : show_value(field, value);
    PyObject *part = text == NULL ? NULL : PyUnicode_FromFormat("%s=%U", field->argument, text);
    if (part == NULL || PyList_Append(parts, part) < 0) {
      Py_CLEAR(parts);
    }
    Py_XDECREF(part);
    Py_XDECREF(text);
    Py_XDECREF(value);
  }
  return parts;
}

PyObject *hwpy_object_repr(PyObject *object) {
  PyObject *name = class_name(object), *parts = NULL, *comma = NULL, *joined = NULL, *repr = NULL;
  int entered = name == NULL ? -1 : Py_ReprEnter(object);
  if (entered > 0) {
    repr = PyUnicode_FromFormat("%U(...)", name);
  }
  if (entered != 0) {
    Py_XDECREF(name);
    return repr;
  }
  parts = show_fields(hwpy_cast(object));
  comma = parts == NULL ? NULL : PyUnicode_FromString(", ");
  joined = comma == NULL ? NULL : PyUnicode_Join(comma, parts);
  repr = joined == NULL ? NULL : PyUnicode_FromFormat("%U(%U)", name, joined);
  Py_ReprLeave(object);
  Py_XDECREF(joined);
  Py_XDECREF(comma);
  Py_XDECREF(parts);
  Py_DECREF(name);
  return repr;
}

/* --- HTML
 * ------------------------------------------------------------------------------------------------
 */

static PyObject *escape_html(PyObject *text) {
  static const char *const pairs[][2] = {
      {"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}};
  PyObject *result = Py_NewRef(text);
  for (size_t i = 0; result != NULL && i < sizeof pairs / sizeof *pairs; i++) {
    PyObject *next = PyObject_CallMethod(result, "replace", "ss", pairs[i][0], pairs[i][1]);
    Py_DECREF(result);
    result = next;
  }
  return result;
}

static PyObject *html_row(const hw_field *field, PyObject *value) {
  PyObject *text =
      field->secret || !PyUnicode_Check(value) ? show_value(field, value) : Py_NewRef(value);
  PyObject *escaped = text == NULL ? NULL : escape_html(text);
  PyObject *row = escaped == NULL ? NULL
                                  : PyUnicode_FromFormat("<tr><th>%s</th><td>%U</td></tr>",
                                                         field->name, escaped);
  Py_XDECREF(escaped);
  Py_XDECREF(text);
  return row;
}

PyObject *hwpy_object_repr_html(PyObject *object, PyObject *Py_UNUSED(unused)) {
  hwpy_object *self = hwpy_cast(object);
  const hw_type *table = self->record->table;
  PyObject *name = class_name(object);
  PyObject *html = name == NULL ? NULL : PyUnicode_FromFormat("<table><caption>%U</caption>", name);
  Py_XDECREF(name);
  for (size_t i = 0; html != NULL && i < table->field_count; i++) {
    if (!table->fields[i].shown) {
      continue;
    }
    PyObject *value = hwpy_object_slot(self, i);
    if (value != Py_None) {
      PyObject *row = value == NULL ? NULL : html_row(&table->fields[i], value);
      PyObject *next = row == NULL ? NULL : PyUnicode_Concat(html, row);
      Py_XDECREF(row);
      Py_DECREF(html);
      html = next;
    }
    Py_XDECREF(value);
  }
  if (html != NULL) {
    PyObject *end = PyUnicode_FromString("</table>"),
             *next = end == NULL ? NULL : PyUnicode_Concat(html, end);
    Py_XDECREF(end);
    Py_DECREF(html);
    html = next;
  }
  return html;
}

/*
 * module.c - the extension `hopsworks._native`: its state, its start and its end.
 */
#include "types.h"

hwpy_state *hwpy_state_of(PyObject *module) {
  return PyModule_GetState(module);
}

static int module_exec(PyObject *module) {
  hwpy_state *state = hwpy_state_of(module);
  state->module = module;
  return hwpy_types_add(module) < 0 || hwpy_client_add_types(module) < 0 ? -1 : 0;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg) {
  hwpy_state *state = hwpy_state_of(module);
  if (state == NULL) {
    return 0;
  }
  int stopped = hwpy_client_traverse(state, visit, arg);
  return stopped != 0 ? stopped : hwpy_types_traverse(state, visit, arg);
}

static int module_clear(PyObject *module) {
  hwpy_state *state = hwpy_state_of(module);
  if (state != NULL) {
    hwpy_client_clear(state);
    hwpy_types_clear(state);
  }
  return 0;
}

static void module_free(void *module) {
  hwpy_state *state = hwpy_state_of(module);
  if (state != NULL) {
    hwpy_client_clear(state);
    hwpy_types_free(state);
  }
}

static PyMethodDef module_methods[] = {
    {"__getattr__", hwpy_types_getattr, METH_O,
     "__getattr__($module, name, /)\n--\n\nMakes a resource type when it is first asked for."},
    {"__dir__", hwpy_types_dir, METH_NOARGS,
     "__dir__($module)\n--\n\nNames of the module, types not yet made included."},
    {"decode_response", hwpy_decode_recorded, METH_VARARGS,
     "decode_response($module, endpoint, body, scope=None, /)\n--\n\n"
     "What a call of an endpoint makes of an answer's bytes; for recorded answers.\n\n"
     "Raises:\n"
     "    LookupError: If no table has the endpoint.\n"
     "    ResponseDecodeError: If the answer does not fit the table."},
    {"read_keystore", hwpy_read_keystore, METH_VARARGS,
     "read_keystore($module, data, password=None, /)\n--\n\n"
     "Private key, certificate chain and trusted certificates of a JKS or PKCS#12 store.\n\n"
     "The kind is told by the content. Without a password, trust stores only.\n\n"
     "Returns:\n"
     "    Three bytes objects of PEM text, each empty when the store has nothing of the kind.\n\n"
     "Raises:\n"
     "    ValueError: If the password is wrong, or the content is damaged or no key store."},
    {"sigv4_signature", (PyCFunction)(void (*)(void))hwpy_sigv4_signature,
     METH_VARARGS | METH_KEYWORDS,
     "sigv4_signature($module, /, verb, path, query, headers, *, secret, date, region, service, "
     "payload_hash='')\n--\n\n"
     "Signature of a request to AWS (AWS4-HMAC-SHA256).\n\n"
     "Parameters:\n"
     "    query: Pairs of name and value, not quoted, all but the signature.\n"
     "    headers: Pairs of name and value, those that are signed.\n"
     "    secret: Secret access key.\n"
     "    date: A moment as in ``20150830T123600Z``.\n"
     "    payload_hash: SHA-256 of the body in hex, or ``UNSIGNED-PAYLOAD``; empty for no body.\n\n"
     "Returns:\n"
     "    The signature in hex.\n\n"
     "Raises:\n"
     "    ValueError: If the date is none."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, (void *)module_exec},
    {0, NULL},
};

static PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "hopsworks._native",
    .m_doc = "The native core: resource types made from tables, and the connection to a server.",
    .m_size = sizeof(hwpy_state),
    .m_methods = module_methods,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__native(void) {
  return PyModuleDef_Init(&module_def);
}

"""What to do about a refusal: a sentence that fits what the service said, for the message of an exception.

Loaded when something failed. An unfitting remedy is worse than none: where the service gives a reason that is not known
here, its words stand alone.
"""

_GIVE = "pass api_key_value or api_key_file to login(), or set HOPSWORKS_API_KEY."
_MAKE = "Keys are made in the account settings of the Hopsworks host."
_KEY = f"Check the API key: {_GIVE} {_MAKE} Inside a cluster, check the token in SECRETS_DIR."
_WRONG_KEY = (
    f"Check that the API key was copied as a whole, prefix, dot and secret; {_GIVE} {_MAKE}"
)
_UNKNOWN_KEY = (
    "The API key was deleted, or belongs to another host. Check the host, or make a key in its account settings: "
    + _GIVE
)
_ACCOUNT = (
    "Ask an administrator of the host to activate the account; another API key does not help."
)
_SCOPE = f"Use an API key with the scope that this operation needs. {_MAKE}"
_ADMIN = "This is for administrators of the host; ask one of them."
_MEMBER = "Ask a data owner of the project to make you a member."
_ROLE = "Ask a data owner of the project for the role that this operation needs."
_PERMISSION = "Ask a data owner of the project that the data belongs to for the permission."
_SWITCHED_OFF = "Ask an administrator of the host whether this can be switched on."
_ANY = "Use an API key with the scope that this operation needs, or ask a data owner of the project for the role."

_BY_CODE = {
    320012: _WRONG_KEY,
    320002: _UNKNOWN_KEY,
    320013: _UNKNOWN_KEY,
    320004: _SCOPE,
    320003: _ADMIN,
    200014: _ADMIN,
    160000: _MEMBER,
    150023: _MEMBER,
    150068: _ROLE,
    110000: _PERMISSION,
    110050: _PERMISSION,
    110045: _SWITCHED_OFF,
    110046: _SWITCHED_OFF,
    110048: _SWITCHED_OFF,
    160047: "Ask the owner of the secret to share it with a project of yours.",
}
# Words of an account that exists and is not to be used, whatever the code beside them.
_OF_ACCOUNTS = ("not active", "inactive", "deactivated", "not activated", "blocked", "locked")
_OF_TLS = ("HTTPS", "TLS", "SSL")
# What the core says when a server that speaks TLS gets plain text.
_OF_OTHER_TALK = ("broke while an answer was awaited", "did not answer in HTTP")
_BY_WORD = (("scope", _SCOPE), ("role", _ROLE), ("member", _MEMBER), ("permission", _PERMISSION))


def of_answer(url, response, code, reason):
    """The remedy for an answer that refuses the request.

    Parameters:
        url: Address that was asked, or None.
        response: The answer.
        code: Code of the service, or None.
        reason: The explanation that the service gives to users, or "".

    Returns:
        A sentence, or "" where none is known.
    """
    status = response.status_code
    if status == 400 and _is_plain(url) and any(word in response.text for word in _OF_TLS):
        return _with_tls(url)
    if status not in (401, 403):
        return ""
    words = str(reason or "").lower()
    if "account" in words and any(word in words for word in _OF_ACCOUNTS):
        return _ACCOUNT
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status == 401:
        return _KEY
    for word, remedy in _BY_WORD:
        if word in words:
            return remedy
    return "" if reason else _ANY


def of_silence(url, kind, message):
    """The remedy where no answer came: the host is not known, or one side speaks TLS and the other does not; or "".

    Parameters:
        url: Address that was asked, or None.
        kind: Status word of the core.
        message: What the core says.
    """
    if _is_plain(url) and any(words in message for words in _OF_OTHER_TALK):
        return f"If the server speaks TLS there: {_with_tls(url)}"
    if kind == "RESOLVE" and "for the host" in message:
        return "The host is the argument host of login(), else HOPSWORKS_HOST, else that of ~/.hops.toml."
    if kind == "TLS" and "wrong version number" in message:
        return "That port does not speak TLS. Check the port."
    return ""


def _is_plain(url):
    """Whether an address is of plain HTTP; those of the embedded server's socket have no port."""
    return bool(url) and url.startswith("http://") and _place(url).rpartition(":")[2].isdigit()


def _place(url):
    return url.partition("://")[2].partition("/")[0]


def _with_tls(url):
    return f"give the host as 'https://{_place(url)}', or without a scheme."

"""Key stores made by keytool and by OpenSSL, read through the extension; stores made on the spot with OpenSSL."""

from __future__ import annotations

import inspect
import ssl
import subprocess
from pathlib import Path

import pytest

from hopsworks import _native
from hopsworks.local import keystore
from tests import java_stores

STORES = Path(__file__).parent.parent / "data" / "keystores"
PASSWORD = "storepass-of-the-tests"
KEY = (STORES / "key.pem").read_bytes()
CHAIN = (STORES / "chain.pem").read_bytes()
ROOT = (STORES / "root.pem").read_bytes()
MID = (STORES / "mid.pem").read_bytes()


def read(name: str, password: str | None = PASSWORD) -> tuple[bytes, bytes, bytes]:
    return _native.read_keystore((STORES / name).read_bytes(), password)


@pytest.mark.parametrize("name", ["client.jks", "client-pkcs12.jks", "client-java8.p12"])
def test_client_stores_of_keytool(name: str, tmp_path: Path) -> None:
    key, chain, authorities = read(name)
    assert (key, chain, authorities) == (KEY, CHAIN, ROOT)
    (tmp_path / "key").write_bytes(key)
    (tmp_path / "chain").write_bytes(chain)
    # OpenSSL refuses a certificate that is not the key's.
    ssl.create_default_context().load_cert_chain(tmp_path / "chain", tmp_path / "key")


@pytest.mark.parametrize("name", ["trust.jks", "trust-pkcs12.jks"])
def test_trust_stores_of_keytool(name: str) -> None:
    assert read(name) == (b"", b"", ROOT + MID)


def test_a_trust_store_without_its_password() -> None:
    assert read("trust.jks", None) == (b"", b"", ROOT + MID)
    assert read("trust-changeit.p12", None) == (b"", b"", ROOT)
    with pytest.raises(ValueError, match="needs its password"):
        read("trust-pkcs12.jks", None)


def test_passwords_that_are_not_ascii() -> None:
    assert read("unicode-password.jks", "pässwörd-鍵-🔑")[:2] == (KEY, CHAIN)
    assert read("openssl-empty-password.p12", "")[:2] == (KEY, CHAIN)


@pytest.mark.parametrize(
    "name", ["client.jks", "trust.jks", "client-pkcs12.jks", "openssl.p12", "openssl-nomac.p12"]
)
def test_a_wrong_password_is_told_and_not_repeated(name: str) -> None:
    with pytest.raises(ValueError, match=r"password of the .* key store is wrong") as caught:
        read(name, "guess-of-mine")
    assert "guess-of-mine" not in str(caught.value)


def test_a_password_that_is_no_text_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="not valid Unicode") as caught:
        read("client.jks", "guess-of-mine\udc80")
    assert not isinstance(caught.value, UnicodeError)
    with pytest.raises(TypeError):
        _native.read_keystore("text", PASSWORD)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("client.jceks", "JCEKS.*keytool -importkeystore"),
        ("root.pem", "neither a JKS nor a PKCS#12"),
        ("other-key-password.jks", "keytool -keypasswd"),
        ("openssl-costly.p12", "2000000 rounds"),
    ],
)
def test_other_stores_are_refused_with_a_remedy(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read(name)


@pytest.mark.parametrize("name", ["client.jks", "openssl-nomac.p12"])
def test_a_store_that_was_cut_short(name: str) -> None:
    whole = (STORES / name).read_bytes()
    for size in (0, 4, 12, 40, len(whole) // 2, len(whole) - 1):
        with pytest.raises(ValueError, match=r"cut short|empty"):
            _native.read_keystore(whole[:size], PASSWORD)


def test_any_buffer_is_taken() -> None:
    raw = (STORES / "trust.jks").read_bytes()
    expected = (b"", b"", ROOT + MID)
    for data in (raw, bytearray(raw), memoryview(raw)):
        assert _native.read_keystore(data, PASSWORD.encode()) == expected
    assert str(inspect.signature(_native.read_keystore)) == "(data, password=None, /)"


@pytest.mark.parametrize("options", [[], ["-legacy"], ["-nomac", "-iter", "1"]])
def test_a_store_made_by_this_machines_openssl(options: list[str], tmp_path: Path) -> None:
    (tmp_path / "authorities.pem").write_bytes(MID + ROOT)
    command = ["openssl", "pkcs12", "-export", "-out", "made.p12", "-passout", "pass:geheim-é"]
    command += ["-inkey", STORES / "key.pem", "-in", STORES / "chain.pem", *options]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    key, chain, authorities = _native.read_keystore(
        (tmp_path / "made.p12").read_bytes(), "geheim-é"
    )
    assert (key, chain, authorities) == (KEY, CHAIN, b"")


@pytest.mark.parametrize(
    ("kind", "algorithm", "password"),
    [
        ("JKS", "rsa:2048", "plain-password"),
        ("JKS", "ec", "geheim-é"),
        ("PKCS12", "rsa:2048", "plain-password"),
        ("PKCS12", "ec", "plain-password"),
    ],
)
def test_a_round_trip_through_this_machines_keytool(
    kind: str, algorithm: str, password: str, tmp_path: Path
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    curve = ["-pkeyopt", "ec_paramgen_curve:prime256v1"] if algorithm == "ec" else []
    command = ["openssl", "req", "-x509", "-newkey", algorithm, *curve, "-nodes", "-days", "30"]
    command += ["-subj", "/CN=demo__meb10000", "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)
    made = java_stores.key_store(tmp_path / "k.jks", certificate, key, password, kind)
    found = _native.read_keystore(made.read_bytes(), password)
    assert found == (key.read_bytes(), certificate.read_bytes(), b"")
    made = java_stores.trust_store(tmp_path / "t.jks", certificate, password, kind)
    assert _native.read_keystore(made.read_bytes(), password) == (
        b"",
        b"",
        certificate.read_bytes(),
    )
    for store in ("k.jks", "t.jks"):
        with pytest.raises(ValueError, match=r"password of the .* key store is wrong"):
            _native.read_keystore((tmp_path / store).read_bytes(), "guess-of-mine")


def test_stores_of_the_local_server() -> None:
    made = keystore.key_store(CHAIN.decode(), KEY.decode(), "pässwörd")
    assert _native.read_keystore(made, "pässwörd") == (KEY, CHAIN, b"")
    trust = keystore.trust_store(ROOT.decode(), PASSWORD)
    assert _native.read_keystore(trust, PASSWORD) == (b"", b"", ROOT)

"""A certificate authority of the data folder: for TLS and for the credentials of projects.

It is made when it is first needed and lies in ``tls/`` of the data folder, readable by the owner
only. Server and client certificates are signed by it, so one file (``ca.pem``) is all that a client
has to trust.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import ipaddress
import os
import secrets
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from cryptography import x509

_DAY = datetime.timedelta(days=1)
_RENEW_BEFORE = 30 * _DAY


class Material(NamedTuple):
    """Files of a certificate: its chain, its key and the authority's certificate."""

    certificate: Path
    key: Path
    authority: Path

    def context(self) -> ssl.SSLContext:
        """A server-side TLS context."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context


class Authority:
    """The authority of a data folder."""

    def __init__(self, folder: Path, certificate: x509.Certificate, key: Any) -> None:
        self.folder = folder
        self._certificate = certificate
        self._key = key

    @classmethod
    def load(cls, data_dir: Path) -> Authority:
        """Read the authority of a data folder, or make it.

        Raises:
            ModuleNotFoundError: the package ``cryptography`` is missing; the text names the extra.
        """
        try:
            from cryptography import x509
            from cryptography.hazmat.primitives.serialization import load_pem_private_key
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "Certificates need the package 'cryptography': pip install 'hopsworks[local]'."
            ) from error
        folder = data_dir / "tls"
        folder.mkdir(mode=0o700, exist_ok=True)
        files = (folder / "ca.pem", folder / "ca.key")
        if all(path.exists() for path in files):
            certificate = x509.load_pem_x509_certificate(files[0].read_bytes())
            if _fresh(certificate):
                return cls(folder, certificate, load_pem_private_key(files[1].read_bytes(), None))
        certificate, key = _issue("Hopsworks local authority", [], None, None, 3650 * _DAY)
        _write(files[1], _key_pem(key))
        _write(files[0], _pem(certificate))
        return cls(folder, certificate, key)

    @property
    def certificate_file(self) -> Path:
        """The PEM file of the authority's certificate."""
        return self.folder / "ca.pem"

    def server_material(self, names: list[str]) -> Material:
        """A server certificate for host names and addresses; made anew when they change."""
        from cryptography import x509

        stem = self.folder / "server"
        files = Material(stem.with_suffix(".pem"), stem.with_suffix(".key"), self.certificate_file)
        if files.certificate.exists() and files.key.exists():
            certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
            if (
                _fresh(certificate)
                and certificate.issuer == self._certificate.subject
                and _names_of(certificate) >= set(names)
            ):
                return files
        certificate, key = _issue(names[0], names, self._certificate, self._key, 397 * _DAY)
        _write(files.key, _key_pem(key))
        _write(files.certificate, _pem(certificate) + _pem(self._certificate))
        return files

    def client_material(self, name: str) -> Material:
        """A client certificate for a project user, ``<project>__<username>``, kept between calls."""
        from cryptography import x509

        stem = self.folder / f"client-{name}"
        files = Material(stem.with_suffix(".pem"), stem.with_suffix(".key"), self.certificate_file)
        if files.certificate.exists() and files.key.exists():
            certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
            if (
                _fresh(certificate)
                and certificate.issuer == self._certificate.subject
                and certificate.subject == _subject(name)
            ):
                return files
        certificate, key = _issue(name, [], self._certificate, self._key, 397 * _DAY)
        _write(files.key, _key_pem(key))
        _write(files.certificate, _pem(certificate) + _pem(self._certificate))
        return files


def common_name(name: str) -> str:
    """A name as certificates hold it, in at most 64 characters; others than the same name differ."""
    if len(name) <= 64:
        return name
    return f"{name[:31]}.{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def _subject(name: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name(name))])


def _fresh(certificate: x509.Certificate) -> bool:
    now = datetime.datetime.now(datetime.UTC)
    return certificate.not_valid_after_utc - now > _RENEW_BEFORE


def _names_of(certificate: x509.Certificate) -> set[str]:
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(entry.value) for entry in found}


def _issue(
    name: str,
    hosts: list[str],
    issuer: x509.Certificate | None,
    issuer_key: Any,
    lifetime: datetime.timedelta,
) -> tuple[x509.Certificate, Any]:
    """A certificate and its key; without an issuer it is an authority that signs itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(name)
    now = datetime.datetime.now(datetime.UTC)
    signer = issuer_key or key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer is not None else subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(secrets.token_bytes(19), "big"))
        .not_valid_before(now - _DAY)
        .not_valid_after(now + lifetime)
        .add_extension(
            x509.BasicConstraints(ca=issuer is None, path_length=0 if issuer is None else None),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                key_cert_sign=issuer is None,
                crl_sign=issuer is None,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if hosts:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False
        )
    if issuer is not None:
        usage = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return builder.sign(signer, SHA256()), key


def _general_name(host: str) -> x509.GeneralName:
    from cryptography import x509

    with contextlib.suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(host))
    return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM)


def _key_pem(key: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    pem: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)

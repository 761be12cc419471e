"""The certificate this machine shows on the network, and the small authority that signs it.

A person installs the authority's certificate on a phone once; the machine's own is made anew when its addresses change
or it grows old. The authority can speak for nothing but this machine's names and private addresses (name constraints,
RFC 5280, 4.2.1.10): a phone that trusts it does not trust whoever steals its key with the rest of the world.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sensors.keep import config_folder, read_private, write_private

CA_DAYS = 3650
SERVER_DAYS = 730  # iOS takes no more than 825
RENEW_DAYS = 30  # before the end
SLACK = timedelta(days=1)  # a phone's clock may be behind

PRIVATE_NETWORKS = (
    *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"),
    *("::1/128", "fc00::/7", "fe80::/10"),
)
LOCAL_NAMES = ("local", "localhost")


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files of a certificate.

    Attributes
    ----------
    pem : Path
        Certificate and key of this machine, for the broker alone.
    ca : Path
        The authority's certificate, to install on a device.
    fingerprint : str
        SHA-256 of the authority's certificate, pairs of hexadecimal digits.
    """

    pem: Path
    ca: Path
    fingerprint: str


@dataclass(frozen=True, slots=True)
class _Pair:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return self.certificate.public_bytes(Encoding.PEM) + key


def certificate_for(hosts: Iterable[str], names: Iterable[str], now: datetime | None = None) -> Certificate:
    """Give a certificate for this machine, the kept one where it still does.

    Parameters
    ----------
    hosts : iterable of str
        IP addresses.
    names : iterable of str
        DNS names.
    now : datetime, optional

    Raises
    ------
    BrokerError
        It cannot be read or kept.
    """
    now = now or datetime.now(UTC)
    folder = config_folder()
    signer_path, public_path, server_path = folder / "ca-key.pem", folder / "palmpace-ca.crt", folder / "server-key.pem"
    addresses = sorted({ipaddress.ip_address(host) for host in hosts}, key=str)
    names = sorted(set(names))

    signer = _read(signer_path)
    if signer is None or not _young(signer, now) or not _may_sign(signer, addresses, names):
        signer = _authority(addresses, names, now)
        write_private(signer_path, signer.pem())
    public = signer.certificate.public_bytes(Encoding.PEM)
    if read_private(public_path) != public:
        write_private(public_path, public)

    server = _read(server_path)
    if server is None or not _young(server, now) or not _speaks_for(server, signer, addresses, names):
        server = _server(signer, addresses, names, now)
        write_private(server_path, server.pem())
    fingerprint = signer.certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    return Certificate(server_path, public_path, fingerprint)


_Addresses = list[ipaddress.IPv4Address | ipaddress.IPv6Address]


def _authority(addresses: _Addresses, names: list[str], now: datetime) -> _Pair:
    networks = [ipaddress.ip_network(network) for network in PRIVATE_NETWORKS]
    strange = [ipaddress.ip_network(each) for each in addresses if not any(each in network for network in networks)]
    permitted = [
        *(x509.IPAddress(network) for network in (*networks, *strange)),
        *(x509.DNSName(name) for name in sorted({*LOCAL_NAMES, *names})),
    ]
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name("Palmpace, for this machine alone")
    builder = _signed_by(key, subject, _builder(key, subject, now, CA_DAYS))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs=True), critical=True)
    builder = builder.add_extension(x509.NameConstraints(permitted, None), critical=True)
    return _Pair(builder.sign(key, hashes.SHA256()), key)


def _server(signer: _Pair, addresses: _Addresses, names: list[str], now: datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(key, _name("Palmpace broker"), now, SERVER_DAYS)
    builder = _signed_by(signer.key, signer.certificate.subject, builder)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(_alternatives(addresses, names), critical=False)
    return _Pair(builder.sign(signer.key, hashes.SHA256()), key)


def _builder(key: ec.EllipticCurvePrivateKey, subject: x509.Name, now: datetime, days: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLACK)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _signed_by(
    key: ec.EllipticCurvePrivateKey, issuer: x509.Name, builder: x509.CertificateBuilder
) -> x509.CertificateBuilder:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    return builder.issuer_name(issuer).add_extension(identifier, critical=False)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(addresses: _Addresses, names: list[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([*(x509.DNSName(name) for name in names), *map(x509.IPAddress, addresses)])


def _read(path: Path) -> _Pair | None:
    """Read a pair; None where there is none or it is damaged: another is made."""
    content = read_private(path)
    if content is None:
        return None
    try:
        certificate, key = x509.load_pem_x509_certificate(content), load_pem_private_key(content, None)
    except (ValueError, TypeError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        return None
    return _Pair(certificate, key)


def _young(pair: _Pair, now: datetime) -> bool:
    certificate = pair.certificate
    return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - timedelta(days=RENEW_DAYS)


def _may_sign(signer: _Pair, addresses: _Addresses, names: list[str]) -> bool:
    try:
        constraints = signer.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return False
    permitted = constraints.permitted_subtrees or []
    networks = [each.value for each in permitted if isinstance(each, x509.IPAddress)]
    suffixes = [each.value for each in permitted if isinstance(each, x509.DNSName)]
    return all(
        any(
            isinstance(network, ipaddress.IPv4Network | ipaddress.IPv6Network) and each in network
            for network in networks
        )
        for each in addresses
    ) and all(any(name == suffix or name.endswith(f".{suffix}") for suffix in suffixes) for name in names)


def _speaks_for(server: _Pair, signer: _Pair, addresses: _Addresses, names: list[str]) -> bool:
    certificate = server.certificate
    try:
        certificate.verify_directly_issued_by(signer.certificate)
        spoken = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (InvalidSignature, x509.ExtensionNotFound, ValueError, TypeError):
        return False
    return spoken == _alternatives(addresses, names)

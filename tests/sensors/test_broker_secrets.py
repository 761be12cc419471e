"""What is kept in the configuration folder: the devices' password and the certificate."""

from __future__ import annotations

import math
import os
import re
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from sensors.address import BrokerError
from sensors.broker.certificate import CA_DAYS, SERVER_DAYS, Certificate, certificate_for
from sensors.broker.password import ALPHABET, GROUPS, LETTERS, device_password, renew_device_password

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOSTS = ["127.0.0.1", "192.168.1.20"]
NAMES = ["localhost", "laptop", "laptop.local"]

posix = pytest.mark.skipif(os.name != "posix", reason="this system has no modes of files")


def modes(folder: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in folder.iterdir()}


# --- the password ---


def test_the_password_is_long_enough_and_easy_to_type(config_folder: Path) -> None:
    password = device_password()
    assert re.fullmatch(rf"([{ALPHABET}]{{{LETTERS}}}-){{{GROUPS - 1}}}[{ALPHABET}]{{{LETTERS}}}", password)
    assert GROUPS * LETTERS * math.log2(len(set(ALPHABET))) > 50
    assert not set("0o1li") & set(ALPHABET)


@posix
def test_the_password_stays_until_it_is_renewed_and_is_for_nobody_else(config_folder: Path) -> None:
    first = device_password()
    (file,) = config_folder.iterdir()
    file.chmod(0o644)
    assert device_password() == first
    second = renew_device_password()
    assert second != first
    assert device_password() == second
    assert modes(config_folder) == {0o600}
    assert config_folder.stat().st_mode & 0o777 == 0o700


def test_a_password_of_a_persons_own_is_taken_and_one_that_is_none_is_told(config_folder: Path) -> None:
    renew_device_password()
    (file,) = config_folder.iterdir()
    file.write_text("my own words\n")
    assert device_password() == "my own words"
    for bad in (b"", b"short\n", b"two lines\nof text\n", b"nul\x00 in between"):
        file.write_bytes(bad)
        with pytest.raises(BrokerError, match=rf"{file} holds no usable password: delete it"):
            device_password()


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("PALMPACE_CONFIG_DIR", str(file))
    with pytest.raises(BrokerError, match=rf"cannot read {file}/device-password: Not a directory"):
        device_password()
    with pytest.raises(BrokerError, match=rf"cannot write {file}/device-password: .*; set PALMPACE_CONFIG_DIR"):
        renew_device_password()


# --- the certificate ---


def certificate(hosts: list[str] = HOSTS, names: list[str] = NAMES, now: datetime = NOW) -> Certificate:
    return certificate_for(hosts, names, now)


def handshake(made: Certificate, name: str, ca: bytes | None = None) -> None:
    """Shake hands through a pair of buffers, as a device that trusts ``ca`` would with a broker of this name."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.pem)
    client = ssl.create_default_context(cadata=(ca or made.ca.read_bytes()).decode())
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(to_server, to_client, server_side=True)
    theirs = client.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(4):
        for side in (theirs, ours):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert theirs.getpeercert()


def server_of(made: Certificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(made.pem.read_bytes())


@pytest.mark.parametrize("name", ["127.0.0.1", "192.168.1.20", "localhost", "laptop", "laptop.local"])
def test_the_certificate_speaks_for_each_name_of_this_machine(name: str, config_folder: Path) -> None:
    handshake(certificate_for(HOSTS, NAMES), name)


def test_the_certificate_speaks_for_no_other_machine(config_folder: Path) -> None:
    made = certificate_for(HOSTS, NAMES)
    for name in ("192.168.1.21", "example.org"):
        with pytest.raises(ssl.SSLCertVerificationError):
            handshake(made, name)


def test_the_authority_cannot_speak_for_the_world(config_folder: Path, tmp_path: Path) -> None:
    """Whoever steals its key signs for a bank: nobody who trusts the authority believes it."""
    made = certificate_for(HOSTS, NAMES)
    trusted = made.ca.read_bytes()
    from sensors.broker import certificate as module

    signer = module._read(config_folder / "ca-key.pem")
    assert signer is not None
    for names in (["bank.example"], ["localhost", "bank.example"]):
        stolen = module._server(signer, [], names, datetime.now(UTC))
        made.pem.write_bytes(stolen.pem())
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
            handshake(made, names[-1], trusted)


@posix
def test_the_certificate_is_kept_and_for_nobody_else(config_folder: Path) -> None:
    made = certificate()
    kept = {path: path.read_bytes() for path in config_folder.iterdir()}
    assert certificate() == made
    assert certificate(HOSTS[::-1], [*NAMES, *NAMES], NOW + timedelta(days=600)) == made
    assert {path: path.read_bytes() for path in config_folder.iterdir()} == kept
    assert modes(config_folder) == {0o600}
    assert b"PRIVATE" not in made.ca.read_bytes()
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", made.fingerprint)


def test_a_new_address_changes_the_machines_certificate_alone(config_folder: Path) -> None:
    first = certificate()
    before = server_of(first)
    second = certificate(["127.0.0.1", "10.3.4.5"])
    assert second == first  # what a phone has installed still holds
    assert server_of(second) != before
    handshake(certificate_for(["127.0.0.1", "10.3.4.5"], NAMES), "10.3.4.5")


def test_a_public_address_or_another_name_needs_another_authority(config_folder: Path) -> None:
    first = certificate()
    public = certificate_for([*HOSTS, "8.8.4.4"], NAMES)
    assert public.fingerprint != first.fingerprint
    handshake(public, "8.8.4.4")
    assert certificate_for(HOSTS, NAMES).fingerprint == public.fingerprint
    assert certificate_for(HOSTS, ["desk"]).fingerprint != public.fingerprint


def test_an_old_certificate_is_made_anew_in_time(config_folder: Path) -> None:
    first = certificate()
    before = server_of(first)
    later = certificate(now=NOW + timedelta(days=SERVER_DAYS - 20))
    assert later.fingerprint == first.fingerprint
    assert server_of(later).not_valid_after_utc > before.not_valid_after_utc
    assert certificate(now=NOW + timedelta(days=CA_DAYS - 20)).fingerprint != first.fingerprint
    assert certificate(now=NOW - timedelta(days=400)).fingerprint != first.fingerprint  # the clock was wrong


@pytest.mark.parametrize("name", ["ca-key.pem", "server-key.pem", "palmpace-ca.crt"])
@pytest.mark.parametrize("content", ["", "not PEM", "other"])
def test_a_damaged_file_is_replaced(name: str, content: str, config_folder: Path) -> None:
    certificate_for(HOSTS, NAMES)
    file = config_folder / name
    if content == "other":  # right by itself, but not what belongs here
        content = (config_folder / ("ca-key.pem" if name == "server-key.pem" else "server-key.pem")).read_text()
    file.write_text(content)
    handshake(certificate_for(HOSTS, NAMES), "laptop")

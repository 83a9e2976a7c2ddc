"""What a search node's folder begins with: certificates, secrets, settings.

Here: making them, once, from the templates in infra/opensearch.
Not here: who owns the files, and the process that reads them (node).
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from iimm_pipelines.search.layout import SOURCES

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What only this node's owner knows; stands in private/secrets.json."""

    admin: str
    ingest: str
    jwt_key: str
    salt: str

    @classmethod
    def made(cls) -> Secrets:
        """New random ones: 192 bits for passwords, 512 for the key of HS512, as base64."""
        return cls(
            admin=secrets.token_urlsafe(24),
            ingest=secrets.token_urlsafe(24),
            jwt_key=base64.b64encode(secrets.token_bytes(64)).decode("ascii"),
            salt=secrets.token_hex(8),  # 16 characters: a longer one is cut, and written to the log in clear
        )

    @classmethod
    def read(cls, private: Path) -> Secrets:
        """Those of the node whose private folder this is."""
        return cls(**json.loads((private / "secrets.json").read_bytes()))

    def write(self, private: Path) -> None:
        """Keep them in the node's private folder."""
        write_private(private / "secrets.json", json.dumps(asdict(self)).encode())


def write_certificates(config: Path, private: Path) -> None:
    """Make a certificate authority of this node alone, the server's certificate, and the admin's for repairs.

    The authority's key is thrown away at once, so that nobody can make a second admin. Ten years for all three: there
    is no renewal, a new set is a new node, whose index is rebuilt.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    def name(common: str) -> x509.Name:
        organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "iimm")
        return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, common)])

    def usage(*, signs_certificates: bool) -> x509.KeyUsage:
        return x509.KeyUsage(
            digital_signature=not signs_certificates,
            key_cert_sign=signs_certificates,
            crl_sign=signs_certificates,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )

    def signed(common: str, key: ec.EllipticCurvePrivateKey, *extensions: x509.ExtensionType) -> bytes:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder(name("authority"), name(common), key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=3650))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)
            .add_extension(x509.BasicConstraints(ca=key is authority, path_length=None), critical=True)
            .add_extension(usage(signs_certificates=key is authority), critical=True)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
        # PKCS#8: the security plugin reads no other form.
        form = serialization.PrivateFormat.PKCS8
        return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())

    authority, node, admin = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    authority_pem = signed("authority", authority)
    addresses = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address(LOOPBACK))])
    # The transport port is server and client at once.
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    certificates = config / "certificates"
    certificates.mkdir(mode=0o700)
    write_private(certificates / "ca.pem", authority_pem)
    write_private(certificates / "node.pem", signed("node", node, addresses, both))
    write_private(certificates / "node.key", pem(node))
    client = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    write_private(private / "ca.pem", authority_pem)
    write_private(private / "admin.pem", signed("admin", admin, client))
    write_private(private / "admin.key", pem(admin))


def write_settings(config: Path, made: Secrets) -> None:
    """Fill in the templates: passwords as bcrypt hashes, the token key and the salt as they are."""
    import bcrypt

    def hashed(password: str) -> str:
        return bcrypt.hashpw(password.encode("ascii"), bcrypt.gensalt(12)).decode("ascii")

    values = {
        "@SALT@": made.salt,
        "@JWT_KEY@": made.jwt_key,
        "@ADMIN_HASH@": hashed(made.admin),
        "@INGEST_HASH@": hashed(made.ingest),
    }
    write_private(config / "opensearch.yml", _filled(SOURCES / "opensearch.yml.template", values))
    write_private(config / "log4j2.properties", (SOURCES / "log4j2.properties").read_bytes())
    security = config / "opensearch-security"
    security.mkdir(mode=0o700)
    for template in (SOURCES / "security").glob("*.yml"):
        write_private(security / template.name, _filled(template, values))


def _filled(template: Path, values: Mapping[str, str]) -> bytes:
    return re.sub(r"@[A-Z_]+@", lambda place: values[place[0]], template.read_text(encoding="utf-8")).encode()


def write_private(file: Path, content: bytes) -> None:
    """Write a file that is never, not even while it is made, readable by others."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)

"""A certificate authority for one test, with a server's and a client's certificate."""
from .setting_up import need, sh


def make_certificates(pki):
    pki.mkdir()
    openssl = lambda *args: need(sh(["openssl", *args], cwd=pki), "openssl")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", "/CN=interop CA", "-keyout", "ca.key", "-out", "ca.pem")
    (pki / "ext").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    for name in ("server", "client"):
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-out", f"{name}.key")
        openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}", "-out", f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", "ext", "-out", f"{name}.pem")
        (pki / f"{name}.key").chmod(0o600)
    both = (pki / "client.key").read_text() + (pki / "client.pem").read_text()
    (pki / "client.both.pem").write_text(both)

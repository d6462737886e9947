"""Certificates that are wrong, expired, foreign, absent or renewed; TLS and plain mixed up."""
import os
import ssl
import time

from .processes import Authority, check, kcat_produce, line_with, pages, wait_for
from .wire import Wire


def context(domain, name=None):
    made = ssl.create_default_context(cafile=str(domain.ca))
    made.check_hostname = False
    if name:
        made.load_cert_chain(domain.crt(name), domain.key(name))
    return made


def serial(address, domain, name):
    with Wire(address, context=context(domain, name)) as wire:
        check(wire.alive(), "no answer over TLS")
        return wire.socket.getpeercert()["serialNumber"]


def logged_after(daemon, mark, *patterns):
    def look():
        try:
            return line_with(daemon.logged()[mark:], *patterns)
        except Exception:
            return None

    return wait_for(f"a log line of {daemon.name} with {patterns}", look, 10)


def clients(bench, report, broker, domain, foreign):
    """Who comes with which certificate, what the client sees, what the broker logs."""
    address = broker.address("tls")
    cases = [
        ("no client certificate", "a client without one", domain.flags(None),
         ["wants a client certificate and we presented none"], ["presented no certificate"]),
        ("foreign client certificate", "one of another domain's authority",
         foreign.flags("client", domain.ca),
         ["refused", "does not trust"], ["CN=client", "foreign", "unknown CA|not an authority"]),
        ("expired client certificate", "one that ended yesterday", domain.flags("expired"),
         ["refused", "expired.crt", "expired"], ["CN=expired", "expired at"]),
        ("client certificate for servers only", "extendedKeyUsage serverAuth",
         domain.flags("serveronly"), ["refused"], ["may not be used for this"]),
        ("client trusts another authority", "the broker is foreign to the client",
         foreign.flags("client"), ["issued by", "foreign domain"], []),
    ]  # fmt: skip
    for name, did, flags, seen, logged in cases:
        with report.case("TLS", name, did) as saw:
            mark = len(broker.logged())
            code, out = bench.sealane(
                "topic", "list", f"--bootstrap={address}", *flags, "--timeout=8s"
            )
            saw("client: " + line_with(out, *seen))
            check(code == 5, f"exit {code}, not 5 (not trusted)")
            if logged:
                saw("broker: " + logged_after(broker, mark, "handshake failed", *logged))
            check(serial(address, domain, "client"), "nobody is let in any more")


def servers(bench, report, domain):
    for name, seen in (("expired", "expired at"), ("elsewhere", "is for .*not for '127.0.0.1'")):
        with report.case("TLS", f"server certificate: {name}", "a broker that has such") as saw:
            broker = bench.broker(f"server-{name}", listeners=domain.listener("tls", name)).start()
            code, out = bench.sealane(
                "topic", "list", f"--bootstrap={broker.address('tls')}", *domain.flags("client"),
                "--timeout=8s",
            )  # fmt: skip
            saw(line_with(out, seen, f"CN={name}"))
            check(code == 5, f"exit {code}, not 5")
            check(broker.running(), "the broker ended")
            broker.stop()


def mixed_up(bench, report, broker, domain):
    plain, tls = broker.address("plain"), broker.address("tls")
    with report.case("TLS", "plain to a TLS port", "sealane and kcat without TLS") as saw:
        mark = len(broker.logged())
        code, out = bench.sealane("topic", "list", f"--bootstrap={tls}", "--timeout=6s")
        saw("client: " + line_with(out, tls.rsplit(":", 1)[1]))
        check(code in (4, 5), f"exit {code}, not 4 or 5")
        saw("broker: " + logged_after(broker, mark, "handshake failed", "plaintext to a TLS listener"))
        code, out = kcat_produce(bench, tls, "t", ["x"], "-X", "message.timeout.ms=2000")
        saw("kcat: " + line_with(out, "SSL|isconnected|ransport"))
        check(code != 0, "kcat believes that it produced")
    with report.case("TLS", "TLS to a plain port", "sealane with certificates") as saw:
        mark = len(broker.logged())
        code, out = bench.sealane(
            "topic", "list", f"--bootstrap={plain}", *domain.flags("client"), "--timeout=6s"
        )
        saw("client: " + line_with(out, "does not speak TLS|closed|plain listener"))
        check(code in (4, 5), f"exit {code}, not 4 or 5")
        saw("broker: " + logged_after(broker, mark, "not a request"))
        broker.alive()


def renewed(report, broker, domain):
    address = broker.address("tls")
    with report.case("TLS", "renewed certificate", "files replaced while it runs") as saw:
        before = serial(address, domain, "client")
        with Wire(address, context=context(domain, "client")) as old:
            domain.issue("fresh")
            os.replace(domain.key("fresh"), domain.key("server"))
            os.replace(domain.crt("fresh"), domain.crt("server"))
            after = wait_for(
                "the new certificate", lambda: (s := serial(address, domain, "client")) != before and s
            )
            check(old.alive(), "the connection from before the renewal was cut")
        saw(f"serial {before[-8:]}, then {after[-8:]} without a restart")
    with report.case("TLS", "half a renewal", "a certificate without its key") as saw:
        mark, before = len(broker.logged()), serial(address, domain, "client")
        domain.issue("half")
        os.replace(domain.crt("half"), domain.crt("server"))
        time.sleep(1.1)  # file times of the replaced files must differ for any file system
        check(serial(address, domain, "client") == before, "it does not serve the old pair")
        saw(logged_after(broker, mark, "server.(crt|key)"))
        os.replace(domain.key("half"), domain.key("server"))
        wait_for("the new pair", lambda: serial(address, domain, "client") != before)


def mirror_refused(bench, report, broker, domain, foreign):
    with report.case("TLS", "mirror with a foreign certificate", "its page tells") as saw:
        mirror = bench.daemon(
            "sealane-mirror",
            "mirror",
            f"domain: tls\ndata.dir: {bench.path('mirror')}\nadmin.address: 127.0.0.1:0\n"
            f"stalled.after.ms: 1000\nclusters:\n  - name: c\n    bootstrap: "
            f"['{broker.address('tls')}']\n    tls: {{domain: tls, ca: {domain.ca}, certificate: "
            f"{foreign.crt('client')}, key: {foreign.key('client')}}}\nhalves:\n  - {{link: l, "
            f"role: producer, cluster: c, socket: 'unix:{bench.path('s')}', kind: aggregate, topics: {{include: ['*']}}}}\n",
        ).start()
        link = wait_for(
            "the cause on the page",
            lambda: (found := pages(mirror)["l"])["verdict"] == "STALLED"
            and "does not trust" in found["cause"] and found,
        )  # fmt: skip
        saw(f"{link['verdict']}: {link['cause']}")
        mirror.stop()


def run(bench, report):
    domain, foreign = Authority(bench, "tls"), Authority(bench, "elsewhere")
    domain.issue("server").issue("client", usage="clientAuth").issue("expired", days=-1)
    domain.issue("serveronly", usage="serverAuth").issue("elsewhere", names="DNS:db.example")
    foreign.issue("client")
    plain = "  - {name: plain, address: '127.0.0.1:0'}\n"
    broker = bench.broker("broker", listeners=domain.listener("tls", "server") + plain).start()
    clients(bench, report, broker, domain, foreign)
    mixed_up(bench, report, broker, domain)
    mirror_refused(bench, report, broker, domain, foreign)
    renewed(report, broker, domain)
    servers(bench, report, domain)

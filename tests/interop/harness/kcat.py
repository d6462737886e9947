"""kcat, the witness that is neither the client under test nor ours."""
import subprocess


def kcat(bootstrap, *arguments, stdin=None, seconds=60):
    done = subprocess.run(
        ["kcat", "-b", bootstrap, *map(str, arguments)], input=stdin, text=True,
        capture_output=True, timeout=seconds, check=False,
    )  # fmt: skip
    return done.stdout


def values(bootstrap, topic):
    """Every committed record's value, in the order of the log, as lines."""
    return kcat(bootstrap, "-C", "-t", topic, "-e", "-q").splitlines()

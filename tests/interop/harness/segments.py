"""Apache Kafka's DumpLogSegments on what the clients of the table wrote."""
import re

from . import kafka_jars
from .setting_up import sh
from .table import COUNT, SASL

CODECS = ("gzip", "snappy", "lz4", "zstd")
NOT_DUMPED = ("admin", "tls", "group", "group-848", "headers", *SASL)




def dump(jars, files, *arguments):
    """What the tool says about each of these files, by path; one start of Java for all of them."""
    done = sh(
        kafka_jars.java("-cp", str(jars / "*"), kafka_jars.DUMP, "--files", ",".join(map(str, files)),
                        *arguments),
        timeout=300,
    )  # fmt: skip
    parts = re.split(r"^Dumping (.+)$", done.stdout, flags=re.MULTILINE)
    said = {path: text for path, text in zip(parts[1::2], parts[2::2])}
    trouble = "" if done.returncode == 0 else f"exit {done.returncode}: {done.stderr.strip()[-600:]}"
    # Mismatches are listed at the end, with the file's name.
    ends = re.search(r"(Mismatches in|Non-consecutive)[\s\S]*", done.stdout)
    return said, trouble or (ends[0][:600] if ends else "")


def why_not(said, log, cell):
    """What is wrong with a cell's log, or nothing."""
    if cell.feature == "transactions":
        snapshots = [said.get(str(path), "") for path in log.glob("*.snapshot")]
        index = "".join(said.get(str(path), "") for path in log.glob("*.txnindex"))
        aborted = len(re.findall(r"producerId: \d+ firstOffset: \d+ lastOffset: \d+", index))
        if aborted == 2 and any("currentTxnFirstOffset" in text for text in snapshots):
            return ""
        return f"{aborted} aborted transactions instead of 2, or no producers: {index[-300:]} {snapshots}"
    text = said.get(str(sorted(log.glob("*.log"))[0]), "")
    if "isvalid: false" in text:
        return text[-600:]
    records = text.count("| offset: ")
    if records != COUNT:
        return f"{records} records instead of {COUNT}"
    codec = cell.feature if cell.feature in CODECS else "none"
    return "" if f"compresscodec: {codec}" in text.lower() else f"no batch with codec {codec}"


def check_segments(jars, data, cells):
    """(what, why not) of each cell whose log is to be read."""
    chosen = [cell for cell in cells if cell.state == "ok" and cell.feature not in NOT_DUMPED]
    chosen.sort(key=lambda cell: cell.topic)
    logs = {cell.topic: data / f"{cell.topic}-0" for cell in chosen}
    find = lambda *kinds: [f for log in logs.values() for kind in kinds for f in sorted(log.glob(f"*.{kind}"))]
    if not chosen:
        return []
    said, trouble = dump(jars, find("log", "txnindex", "snapshot"), "--deep-iteration")
    _, wrong_indexes = dump(jars, find("log", "index", "timeindex"), "--deep-iteration", "--verify-index-only")
    results = [(f"{cell.client} {cell.feature}", why_not(said, logs[cell.topic], cell)) for cell in chosen]
    return [*results, ("all records", trouble), ("all indexes", wrong_indexes)]

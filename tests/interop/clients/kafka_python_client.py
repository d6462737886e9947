"""kafka-python: one feature per run; see tests/interop/run for the contract."""
import os
import sys
import time

import kafka
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

feature, env = sys.argv[1], os.environ
if feature == "version":
    print(kafka.__version__)
    sys.exit(0)
topic, count = env["TOPIC"], int(env["COUNT"])
base = {"bootstrap_servers": env["BOOTSTRAP"]}
if feature == "tls":
    pki = env["TLS_DIR"]
    base |= {
        "security_protocol": "SSL",
        "ssl_cafile": pki + "/ca.pem",
        "ssl_certfile": pki + "/client.pem",
        "ssl_keyfile": pki + "/client.key",
    }
if "SASL_MECHANISM" in env:
    base |= {
        "security_protocol": "SASL_SSL",
        "ssl_cafile": env["TLS_DIR"] + "/ca.pem",
        "sasl_mechanism": env["SASL_MECHANISM"],
        "sasl_plain_username": env["SASL_USER"],
        "sasl_plain_password": env["SASL_PASSWORD"],
    }
values = [f"value {i} ".encode() * 10 for i in range(count)]


def produce(items):
    codec = feature if feature in ("gzip", "snappy", "lz4", "zstd") else None
    producer = KafkaProducer(
        **base, compression_type=codec, enable_idempotence=feature == "idempotent", acks="all"
    )
    sent = []
    for i, value in enumerate(items):
        headers = [("h", b"x%d" % i)] if feature == "headers" else None
        sent.append(producer.send(topic, value=value, key=b"k", headers=headers))
    for future in sent:
        future.get(30)
    producer.close()


def consume(consumer, wanted):
    found = []
    for message in consumer:
        found.append(message)
        if len(found) == wanted:
            break
    return found


def group_consumer():
    return KafkaConsumer(
        topic,
        **base,
        group_id=env["GROUP"],
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        consumer_timeout_ms=15000,
    )


def group():
    produce(values)
    first = group_consumer()
    assert [m.value for m in consume(first, count)] == values
    first.commit()
    first.close()
    produce([b"after"])
    second = group_consumer()
    assert [m.value for m in consume(second, 2)] == [b"after"]
    second.close()


def admin():
    client = KafkaAdminClient(**base)
    client.create_topics([NewTopic(topic, 2, 1)])
    described = client.describe_topics([topic])
    assert "partition" in str(described) and topic in str(described)
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    end = time.monotonic() + 10
    # The broker that is asked may hear of the topic a moment later than the one that made it.
    while "cleanup.policy" not in str(configs := client.describe_configs([resource], config_filter="all")):
        assert time.monotonic() < end, configs
    client.delete_topics([topic])
    while topic in client.list_topics():
        assert time.monotonic() < end, "still listed"


def transactional():
    producer = KafkaProducer(**base, transactional_id=topic)
    producer.init_transactions()
    return producer


def send(producer, items):
    for future in [producer.send(topic, value=value, key=b"k") for value in items]:
        future.get(30)


def send_offset(producer, offset):
    metadata = OffsetAndMetadata(offset, "", -1)
    producer.send_offsets_to_transaction({TopicPartition(topic, 0): metadata}, env["GROUP"])


def read_as(isolation, wanted, seconds):
    consumer = KafkaConsumer(**base, isolation_level=isolation, consumer_timeout_ms=seconds * 1000)
    consumer.assign([TopicPartition(topic, 0)])
    consumer.seek_to_beginning()
    found = [m.value for m in consume(consumer, wanted)]
    consumer.close()
    return found


def transactions():
    """Commit and abort in turn, with offsets; then a successor fences the first producer."""
    half = count // 2
    zombie = transactional()
    zombie.begin_transaction()
    send(zombie, values[:half])
    send_offset(zombie, 7)
    zombie.commit_transaction()
    zombie.begin_transaction()
    send(zombie, [b"aborted"])
    send_offset(zombie, 9)
    zombie.abort_transaction()
    zombie.begin_transaction()
    send(zombie, [b"of a zombie"])
    assert read_as("read_committed", half + 1, 3) == values[:half]
    successor = transactional()
    try:
        zombie.commit_transaction()
        raise AssertionError("the zombie has committed")
    except KafkaError:
        pass
    for value in values[half:]:
        successor.begin_transaction()
        send(successor, [value])
        successor.commit_transaction()
    assert read_as("read_committed", count, 30) == values
    assert len(read_as("read_uncommitted", count + 2, 30)) == count + 2
    member = KafkaConsumer(**base, group_id=env["GROUP"])
    assert member.committed(TopicPartition(topic, 0)) == 7
    member.close()
    successor.close()


if feature == "transactions":
    transactions()
elif feature == "admin":
    admin()
elif feature == "group":
    group()
else:
    produce(values)
    consumer = KafkaConsumer(**base, consumer_timeout_ms=20000)
    consumer.assign([TopicPartition(topic, 0)])
    consumer.seek_to_beginning()
    messages = consume(consumer, count)
    assert [m.value for m in messages] == values, len(messages)
    if feature == "headers":
        assert [list(m.headers) for m in messages] == [[("h", b"x%d" % i)] for i in range(count)]
    consumer.close()

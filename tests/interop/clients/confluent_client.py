"""confluent-kafka (librdkafka): one feature per run; see tests/interop/run for the contract."""
import os
import sys
import time

import confluent_kafka
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

feature, env = sys.argv[1], os.environ
if feature == "version":
    print(f"{confluent_kafka.__version__} (librdkafka {confluent_kafka.libversion()[0]})")
    sys.exit(0)
topic, count = env["TOPIC"], int(env["COUNT"])
base = {"bootstrap.servers": env["BOOTSTRAP"]}
if feature == "tls":
    pki = env["TLS_DIR"]
    base |= {
        "security.protocol": "ssl",
        "ssl.ca.location": pki + "/ca.pem",
        "ssl.certificate.location": pki + "/client.pem",
        "ssl.key.location": pki + "/client.key",
    }
if "SASL_MECHANISM" in env:
    base |= {
        "security.protocol": "sasl_ssl",
        "ssl.ca.location": env["TLS_DIR"] + "/ca.pem",
        "sasl.mechanism": env["SASL_MECHANISM"],
        "sasl.username": env["SASL_USER"],
        "sasl.password": env["SASL_PASSWORD"],
    }
values = [f"value {i} ".encode() * 10 for i in range(count)]


def produce(items):
    failed = []
    codec = feature if feature in ("gzip", "snappy", "lz4", "zstd") else "none"
    producer = Producer(
        base | {"compression.type": codec, "enable.idempotence": feature == "idempotent"}
    )
    for i, value in enumerate(items):
        headers = [("h", b"x%d" % i)] if feature == "headers" else None
        report = lambda error, _: failed.append(error) if error else None
        producer.produce(topic, value=value, key=b"k", headers=headers, on_delivery=report)
    assert producer.flush(30) == 0 and not failed, failed


def consume(consumer, wanted, seconds):
    found, end = [], time.time() + seconds
    while len(found) < wanted and time.time() < end:
        message = consumer.poll(0.5)
        if message is None:
            continue
        assert not message.error(), message.error()
        found.append(message)
    return found


def group_consumer():
    consumer = Consumer(
        base
        | {"group.id": env["GROUP"], "auto.offset.reset": "earliest", "enable.auto.commit": False}
    )
    consumer.subscribe([topic])
    return consumer


def group():
    produce(values)
    first = group_consumer()
    assert [m.value() for m in consume(first, count, 30)] == values
    first.commit(asynchronous=False)
    first.close()
    produce([b"after"])
    second = group_consumer()
    assert [m.value() for m in consume(second, 2, 15)] == [b"after"]
    second.close()


def group_848():
    """The consumer protocol: two share the partitions, one leaves, the other takes over."""
    client = AdminClient(base)
    client.create_topics([NewTopic(topic, 4, 1)])[topic].result(10)

    def member(name):
        held = set()
        consumer = Consumer(
            base
            | {
                "group.id": env["GROUP"], "group.protocol": "consumer", "client.id": name,
                "auto.offset.reset": "earliest", "enable.auto.commit": False,
            }
        )  # fmt: skip
        consumer.subscribe(
            [topic],
            on_assign=lambda _, all: held.update(p.partition for p in all),
            on_revoke=lambda _, all: held.difference_update(p.partition for p in all),
        )
        return consumer, held

    producer = Producer(base)
    for i in range(count):
        producer.produce(topic, value=b"%d" % i, partition=i % 4)
    assert producer.flush(30) == 0
    read, members = set(), [member("first")]

    def until(what, holds):
        end = time.time() + 60
        while not holds():
            assert time.time() < end, what
            for consumer, _ in members:
                message = consumer.poll(0.05)
                if message is not None and not message.error():
                    read.add(message.value())
                    consumer.commit(message, asynchronous=False)

    until("the first reads all", lambda: len(read) == count)
    members.append(member("second"))
    until("they share", lambda: [len(held) for _, held in members] == [2, 2])
    assert not members[0][1] & members[1][1], members
    members.pop(0)[0].close()
    until("the second takes over", lambda: len(members[0][1]) == 4)
    members[0][0].close()


def admin():
    client = AdminClient(base)
    client.create_topics([NewTopic(topic, 2, 1)])[topic].result(10)
    assert len(client.list_topics(topic, 10).topics[topic].partitions) == 2
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    assert client.describe_configs([resource])[resource].result(10)["cleanup.policy"]
    client.delete_topics([topic])[topic].result(10)
    assert topic not in client.list_topics(timeout=10).topics


def transactional():
    producer = Producer(base | {"transactional.id": topic, "transaction.timeout.ms": 60000})
    producer.init_transactions(30)
    return producer


def read_as(isolation, wanted, seconds):
    reader = Consumer(base | {"group.id": "none", "isolation.level": isolation})
    reader.assign([TopicPartition(topic, 0, 0)])
    found = [m.value() for m in consume(reader, wanted, seconds)]
    reader.close()
    return found


def transactions():
    """Commit and abort in turn, with offsets; then a successor fences the first producer."""
    half = count // 2
    member = Consumer(base | {"group.id": env["GROUP"], "enable.auto.commit": False})
    zombie = transactional()
    zombie.begin_transaction()
    for value in values[:half]:
        zombie.produce(topic, value=value, key=b"k")
    offset = TopicPartition(topic, 0, 7)
    zombie.send_offsets_to_transaction([offset], member.consumer_group_metadata(), 30)
    zombie.commit_transaction(30)
    zombie.begin_transaction()
    zombie.produce(topic, value=b"aborted", key=b"k")
    assert zombie.flush(30) == 0
    offset = TopicPartition(topic, 0, 9)
    zombie.send_offsets_to_transaction([offset], member.consumer_group_metadata(), 30)
    zombie.abort_transaction(30)
    zombie.begin_transaction()
    zombie.produce(topic, value=b"of a zombie", key=b"k")
    assert zombie.flush(30) == 0
    assert read_as("read_committed", half + 1, 3) == values[:half]
    successor = transactional()
    try:
        zombie.commit_transaction(30)
        raise AssertionError("the zombie has committed")
    except KafkaException as fenced:
        assert fenced.args[0].fatal(), fenced
    for value in values[half:]:
        successor.begin_transaction()
        successor.produce(topic, value=value, key=b"k")
        successor.commit_transaction(30)
    assert read_as("read_committed", count, 30) == values
    assert len(read_as("read_uncommitted", count + 2, 30)) == count + 2
    assert member.committed([TopicPartition(topic, 0)], 10)[0].offset == 7
    member.close()


if feature == "transactions":
    transactions()
elif feature == "admin":
    admin()
elif feature == "group":
    group()
elif feature == "group-848":
    group_848()
else:
    produce(values)
    consumer = Consumer(base | {"group.id": "none", "auto.offset.reset": "earliest"})
    consumer.assign([TopicPartition(topic, 0, 0)])
    messages = consume(consumer, count, 30)
    assert [m.value() for m in messages] == values, len(messages)
    if feature == "headers":
        assert [m.headers() for m in messages] == [[("h", b"x%d" % i)] for i in range(count)]
    consumer.close()

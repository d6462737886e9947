"""confluent-kafka (librdkafka): one feature per run; see tests/interop/run for the contract."""
import os
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

feature, env = sys.argv[1], os.environ
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


def admin():
    client = AdminClient(base)
    client.create_topics([NewTopic(topic, 2, 1)])[topic].result(10)
    assert len(client.list_topics(topic, 10).topics[topic].partitions) == 2
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    assert client.describe_configs([resource])[resource].result(10)["cleanup.policy"]
    client.delete_topics([topic])[topic].result(10)
    assert topic not in client.list_topics(timeout=10).topics


if feature == "admin":
    admin()
elif feature == "group":
    group()
else:
    produce(values)
    consumer = Consumer(base | {"group.id": "none", "auto.offset.reset": "earliest"})
    consumer.assign([TopicPartition(topic, 0, 0)])
    messages = consume(consumer, count, 30)
    assert [m.value() for m in messages] == values, len(messages)
    if feature == "headers":
        assert [m.headers() for m in messages] == [[("h", b"x%d" % i)] for i in range(count)]
    consumer.close()

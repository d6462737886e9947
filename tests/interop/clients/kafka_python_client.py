"""kafka-python: one feature per run; see tests/interop/run for the contract."""
import os
import sys

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic

feature, env = sys.argv[1], os.environ
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
    assert "cleanup.policy" in str(
        client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
    )
    client.delete_topics([topic])
    assert topic not in client.list_topics()


if feature == "admin":
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

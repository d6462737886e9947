"""Avro records through a schema registry; see tests/interop/registry.

Arguments: write or read, and the file of a schema; BOOTSTRAP, REGISTRY and TOPIC in the environment.
`write` takes one JSON object a line from its input, `read` prints all records of the topic as such.
"""
import json
import os
import pathlib
import sys

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

what, schema, env = sys.argv[1], pathlib.Path(sys.argv[2]).read_text(), os.environ
topic = env["TOPIC"]
registry = SchemaRegistryClient({"url": env["REGISTRY"]})
context = SerializationContext(topic, MessageField.VALUE)


def write():
    serialize = AvroSerializer(registry, schema)
    failed = []
    producer = Producer({"bootstrap.servers": env["BOOTSTRAP"]})
    for line in sys.stdin:
        value = serialize(json.loads(line), context)
        producer.produce(topic, value, on_delivery=lambda error, _: failed.append(error) if error else None)
    assert producer.flush(60) == 0 and not failed, failed


def read():
    deserialize = AvroDeserializer(registry, schema)
    consumer = Consumer({"bootstrap.servers": env["BOOTSTRAP"], "group.id": "none", "enable.partition.eof": True})
    consumer.assign([TopicPartition(topic, 0, 0)])
    while True:
        message = consumer.poll(30)
        assert message is not None, "no record for 30 s"
        if message.error():
            break
        print(json.dumps(deserialize(message.value(), context), sort_keys=True))
    consumer.close()


{"write": write, "read": read}[what]()

"""aiokafka: one feature per run; see tests/interop/run for the contract."""
import asyncio
import os
import ssl
import sys
import time

import aiokafka
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import ProducerFenced

feature, env = sys.argv[1], os.environ
if feature == "version":
    print(aiokafka.__version__)
    sys.exit(0)
topic, count = env["TOPIC"], int(env["COUNT"])
partition = TopicPartition(topic, 0)
base = {"bootstrap_servers": env["BOOTSTRAP"]}
if feature == "tls" or "SASL_MECHANISM" in env:
    trust = ssl.create_default_context(cafile=env["TLS_DIR"] + "/ca.pem")
    base |= {"security_protocol": "SSL", "ssl_context": trust}
if feature == "tls":
    trust.load_cert_chain(env["TLS_DIR"] + "/client.pem", env["TLS_DIR"] + "/client.key")
if "SASL_MECHANISM" in env:
    base |= {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": env["SASL_MECHANISM"],
        "sasl_plain_username": env["SASL_USER"],
        "sasl_plain_password": env["SASL_PASSWORD"],
    }
values = [f"value {i} ".encode() * 10 for i in range(count)]


async def produce(items):
    codec = feature if feature in ("gzip", "snappy", "lz4", "zstd") else None
    async with AIOKafkaProducer(
        **base, compression_type=codec, enable_idempotence=feature == "idempotent"
    ) as producer:
        sent = []
        for i, value in enumerate(items):
            headers = [("h", b"x%d" % i)] if feature == "headers" else None
            sent.append(await producer.send(topic, value, key=b"k", headers=headers))
        await asyncio.gather(*sent)


async def consume(consumer, wanted, seconds):
    found = []

    async def read():
        while len(found) < wanted:
            found.append(await consumer.getone())

    try:
        await asyncio.wait_for(read(), seconds)
    except asyncio.TimeoutError:
        pass
    return found


def reader(isolation="read_uncommitted"):
    return AIOKafkaConsumer(**base, auto_offset_reset="earliest", isolation_level=isolation)


async def read_as(isolation, wanted, seconds):
    async with reader(isolation) as consumer:
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        return await consume(consumer, wanted, seconds)


async def group_read(wanted, seconds):
    async with AIOKafkaConsumer(
        topic, **base, group_id=env["GROUP"], auto_offset_reset="earliest", enable_auto_commit=False
    ) as consumer:
        found = [m.value for m in await consume(consumer, wanted, seconds)]
        await consumer.commit()
        return found


async def group():
    await produce(values)
    assert await group_read(count, 30) == values
    await produce([b"after"])
    assert await group_read(2, 6) == [b"after"]


async def admin():
    client = AIOKafkaAdminClient(**base)
    await client.start()
    created = await client.create_topics([NewTopic(topic, 2, 1)])
    assert created.topic_errors[0][1] == 0, created
    described = await client.describe_topics([topic])
    assert len(described[0]["partitions"]) == 2, described
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    end = time.monotonic() + 10
    # The broker that is asked may hear of the topic a moment later than the one that made it.
    while "cleanup.policy" not in str(configs := await client.describe_configs([resource])):
        assert time.monotonic() < end, configs
    await client.delete_topics([topic])
    while topic in await client.list_topics():
        assert time.monotonic() < end, "still listed"
    await client.close()


async def transactions():
    """Commit and abort in turn, with offsets; then a successor fences the first producer."""
    half = count // 2
    zombie = AIOKafkaProducer(**base, transactional_id=topic)
    await zombie.start()
    async with zombie.transaction():
        for value in values[:half]:
            await zombie.send(topic, value, key=b"k")
        await zombie.send_offsets_to_transaction({partition: 7}, env["GROUP"])
    await zombie.begin_transaction()
    await zombie.send_and_wait(topic, b"aborted", key=b"k")
    await zombie.send_offsets_to_transaction({partition: 9}, env["GROUP"])
    await zombie.abort_transaction()
    await zombie.begin_transaction()
    await zombie.send_and_wait(topic, b"of a zombie", key=b"k")
    assert [m.value for m in await read_as("read_committed", half + 1, 3)] == values[:half]
    async with AIOKafkaProducer(**base, transactional_id=topic) as successor:
        try:
            await zombie.commit_transaction()
            raise AssertionError("the zombie has committed")
        except ProducerFenced:
            pass
        for value in values[half:]:
            async with successor.transaction():
                await successor.send_and_wait(topic, value, key=b"k")
    assert [m.value for m in await read_as("read_committed", count, 30)] == values
    assert len(await read_as("read_uncommitted", count + 2, 30)) == count + 2
    async with AIOKafkaConsumer(**base, group_id=env["GROUP"]) as member:
        assert await member.committed(partition) == 7
    try:
        await zombie.stop()
    except ProducerFenced:
        pass


async def plain():
    await produce(values)
    messages = await read_as("read_uncommitted", count, 30)
    assert [m.value for m in messages] == values, len(messages)
    if feature == "headers":
        assert [m.headers for m in messages] == [(("h", b"x%d" % i),) for i in range(count)]


asyncio.run({"group": group, "admin": admin, "transactions": transactions}.get(feature, plain)())

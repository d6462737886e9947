// Kafka Streams with processing.guarantee=exactly_once_v2: counts words until it is killed. Every
// count of every word goes to the output, so that what is lost or doubled shows. See
// tests/interop/exactly_once.

import java.util.*;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.state.KeyValueStore;

public class WordCount {
    public static void main(String[] args) throws Exception {
        Map<String, String> env = System.getenv();
        Properties p = new Properties();
        p.put("application.id", "word-count");
        p.put("bootstrap.servers", env.get("BOOTSTRAP"));
        p.put("state.dir", env.get("STATE_DIR"));
        p.put("processing.guarantee", "exactly_once_v2");
        p.put("replication.factor", "3");
        p.put("num.stream.threads", "2");
        p.put("commit.interval.ms", "100");
        p.put("statestore.cache.max.bytes", "0");
        p.put("default.key.serde", Serdes.String().getClass().getName());
        p.put("default.value.serde", Serdes.String().getClass().getName());
        p.put("session.timeout.ms", "6000");
        p.put("auto.offset.reset", "earliest");
        StreamsBuilder builder = new StreamsBuilder();
        builder.<String, String>stream("lines")
            .flatMapValues(line -> Arrays.asList(line.split(" ")))
            .groupBy((key, word) -> word)
            .count(Materialized.<String, Long, KeyValueStore<Bytes, byte[]>>as("counts-store"))
            .toStream()
            .mapValues(count -> Long.toString(count))
            .to("counts", Produced.with(Serdes.String(), Serdes.String()));
        KafkaStreams streams = new KafkaStreams(builder.build(), p);
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler
                .StreamThreadExceptionResponse.REPLACE_THREAD;
        });
        streams.start();
        System.out.println("started");
        Thread.currentThread().join();
    }
}

// rskafka: one feature per run; see tests/interop/run for the contract.

use std::collections::BTreeMap;
use std::env::var;
use std::sync::Arc;
use std::time::Duration;

use rskafka::client::partition::{Compression, PartitionClient, UnknownTopicHandling};
use rskafka::client::{Client, ClientBuilder, Credentials, SaslConfig};
use rskafka::record::Record;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn env(name: &str) -> String {
    var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

fn unsupported(why: &str) -> ! {
    println!("{why}");
    std::process::exit(77)
}

fn tls(with_certificate: bool) -> Outcome<rustls::ClientConfig> {
    let pki = env("TLS_DIR");
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(format!("{pki}/ca.pem"))?)?;
    let config = rustls::ClientConfig::builder().with_root_certificates(roots);
    if !with_certificate {
        return Ok(config.with_no_client_auth());
    }
    let certificate = CertificateDer::from_pem_file(format!("{pki}/client.pem"))?;
    let key = PrivateKeyDer::from_pem_file(format!("{pki}/client.key"))?;
    Ok(config.with_client_auth_cert(vec![certificate], key)?)
}

async fn connect(feature: &str) -> Outcome<Client> {
    let mut builder = ClientBuilder::new(vec![env("BOOTSTRAP")]);
    if feature == "tls" {
        builder = builder.tls_config(Arc::new(tls(true)?));
    }
    if let Ok(mechanism) = var("SASL_MECHANISM") {
        let who = Credentials::new(env("SASL_USER"), env("SASL_PASSWORD"));
        builder = builder.tls_config(Arc::new(tls(false)?)).sasl_config(match mechanism.as_str() {
            "PLAIN" => SaslConfig::Plain(who),
            "SCRAM-SHA-256" => SaslConfig::ScramSha256(who),
            _ => SaslConfig::ScramSha512(who),
        });
    }
    Ok(builder.build().await?)
}

fn compression(feature: &str) -> Compression {
    match feature {
        "gzip" => Compression::Gzip,
        "snappy" => Compression::Snappy,
        "lz4" => Compression::Lz4,
        "zstd" => Compression::Zstd,
        _ => Compression::NoCompression,
    }
}

fn records(values: &[String], with_headers: bool) -> Vec<Record> {
    let one = |(i, value): (usize, &String)| Record {
        key: Some(b"k".to_vec()),
        value: Some(value.clone().into_bytes()),
        headers: if with_headers {
            BTreeMap::from([("h".to_owned(), format!("x{i}").into_bytes())])
        } else {
            BTreeMap::new()
        },
        timestamp: chrono::Utc::now(),
    };
    values.iter().enumerate().map(one).collect()
}

async fn read_back(partition: &PartitionClient, wanted: usize) -> Outcome<Vec<Record>> {
    let (mut found, mut next) = (Vec::new(), 0);
    while found.len() < wanted {
        let (fetched, _) = partition.fetch_records(next, 1..1_000_000, 1_000).await?;
        next = fetched.last().map_or(next, |last| last.offset + 1);
        found.extend(fetched.into_iter().map(|each| each.record));
    }
    Ok(found)
}

async fn admin(client: &Client, topic: &str) -> Outcome<()> {
    let controller = client.controller_client()?;
    controller.create_topic(topic, 2, 1, 10_000).await?;
    let mut topics = client.list_topics().await?;
    while topics.iter().all(|each| each.name != topic) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        topics = client.list_topics().await?;
    }
    let partitions = topics.iter().find(|each| each.name == topic).map(|each| each.partitions.len());
    assert_eq!(partitions, Some(2));
    controller.delete_topic(topic, 10_000).await?;
    // The broker that is asked may hear of it a moment later than the one that did it.
    while client.list_topics().await?.iter().any(|each| each.name == topic) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn run(feature: &str) -> Outcome<()> {
    let topic = env("TOPIC");
    let count: usize = env("COUNT").parse()?;
    let client = connect(feature).await?;
    if feature == "admin" {
        return admin(&client, &topic).await;
    }
    client.controller_client()?.create_topic(&topic, 1, 1, 10_000).await?;
    let partition = client.partition_client(&topic, 0, UnknownTopicHandling::Retry).await?;
    let values: Vec<String> = (0..count).map(|i| format!("value {i} ").repeat(10)).collect();
    let sent = records(&values, feature == "headers");
    partition.produce(sent.clone(), compression(feature)).await?;
    let found = read_back(&partition, count).await?;
    assert_eq!(found.len(), count);
    for (found, sent) in found.iter().zip(&sent) {
        assert_eq!((&found.key, &found.value, &found.headers), (&sent.key, &sent.value, &sent.headers));
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let feature = std::env::args().nth(1).expect("a feature");
    match feature.as_str() {
        "version" => {
            let lock = include_str!("../Cargo.lock");
            let package = lock.split("[[package]]").find(|each| each.contains("name = \"rskafka\""));
            println!("{}", package.and_then(|each| each.split('"').nth(3)).expect("a version"));
            return Ok(());
        }
        "group" => unsupported("rskafka has no consumer groups"),
        "idempotent" => unsupported("rskafka has no idempotent producer"),
        "transactions" => unsupported("rskafka has no transactions"),
        _ => {}
    }
    tokio::time::timeout(Duration::from_secs(60), run(&feature)).await?
}

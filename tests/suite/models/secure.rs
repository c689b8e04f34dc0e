//! TLS as the binary does it: whom it trusts, and that it is not led away from it.

use super::command::Desk;
use super::hub::{Answer, Hub};
use super::{body, write};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;

/// An authority of our own, and a server on 127.0.0.1 that it vouches for.
fn authority() -> (String, ServerConfig) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let root = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["127.0.0.1".into()]).unwrap();
    let server = server.signed_by(&key, &issuer).unwrap();
    let provider = rustls::crypto::ring::default_provider();
    let config = ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![server.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        );
    (root, config.unwrap())
}

#[test]
fn a_server_is_trusted_if_the_systems_roots_vouch_for_it() {
    let bytes = body(1);
    let served = bytes.clone();
    let (root, tls) = authority();
    let hub = Hub::start_secure(tls, move |asked| Answer::file(&served, "a", asked));
    let desk = Desk::new(&bytes);
    let pull = ["models", "pull", "tale"];
    let (code, _, err) = desk.run(&pull, &[("HF_ENDPOINT", &hub.url())]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("cannot reach 127.0.0.1"), "{err}");
    assert!(err.to_lowercase().contains("certificate"), "{err}");
    assert_eq!(hub.asked().len(), 0);
    write(&desk.path("root.pem"), root);
    let trusting = [
        ("HF_ENDPOINT", &*hub.url()),
        ("SSL_CERT_FILE", "models/root.pem"),
    ];
    let (code, _, err) = desk.run(&pull, &trusting);
    assert_eq!(code, Some(0), "{err}");
    assert!(std::fs::read(desk.path("tale.bin")).unwrap() == bytes);
}

#[test]
fn https_is_never_left() {
    let bytes = body(1);
    let served = bytes.clone();
    let plain = Hub::start(move |asked| Answer::file(&served, "a", asked));
    let to = format!("{}/blob", plain.url());
    let target = to.clone();
    let (root, tls) = authority();
    let hub = Hub::start_secure(tls, move |_| {
        Answer::status(302).header("Location", target.clone())
    });
    let desk = Desk::new(&bytes);
    write(&desk.path("root.pem"), root);
    let trusting = [
        ("HF_ENDPOINT", &*hub.url()),
        ("SSL_CERT_FILE", "models/root.pem"),
    ];
    let (code, _, err) = desk.run(&["models", "pull", "tale"], &trusting);
    assert_eq!(code, Some(1), "{err}");
    assert!(
        err.contains(&format!("leads to {to}, which is not https")),
        "{err}"
    );
    assert_eq!((hub.asked().len(), plain.asked().len()), (1, 0));
}

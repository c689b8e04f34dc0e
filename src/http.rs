//! Requests to other machines: the one place that makes an HTTP client.
//!
//! Decides what every client has in common: whose TLS it is and whom it trusts. Time limits, redirects and
//! proxies are the caller's.

use reqwest::{Certificate, Client, ClientBuilder};

/// A client to be finished. Proxies come from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
pub fn client() -> ClientBuilder {
    // reqwest has no TLS of its own here (its default one needs a C++ toolchain). An error says that one is
    // installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Beside the system's roots, which may hold a company's own: bare containers have none.
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|root| Certificate::from_der(root).ok());
    Client::builder()
        .user_agent(concat!("attendant/", env!("CARGO_PKG_VERSION")))
        .tls_certs_merge(roots)
}

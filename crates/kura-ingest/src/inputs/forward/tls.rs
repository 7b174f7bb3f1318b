//! TLS from a certificate and a key in files. What cannot be read is an error: there is no way
//! from here back to plain text.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{StartError, Tls};

pub(super) fn acceptor(tls: &Tls) -> Result<TlsAcceptor, StartError> {
    let unreadable =
        |reason: String| StartError::Certificate { path: tls.certificate.clone(), reason };
    let certificates = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(error.to_string()))?;
    if certificates.is_empty() {
        return Err(unreadable("no certificate in it".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(&tls.key)
        .map_err(|error| StartError::Key { path: tls.key.clone(), reason: error.to_string() })?;
    let unusable = |error: tokio_rustls::rustls::Error| StartError::Tls(error.to_string());
    // Named, since two libraries for it may be in the binary.
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(unusable)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

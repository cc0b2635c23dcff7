//! HTTPS under the platform's own host names, by a CA that only this sandbox knows.
//!
//! Clients with hard-coded hosts are pointed here through the hosts file (or a resolver override) and told to
//! trust the CA. The CA and its key stay in the data folder, so that it has to be trusted once.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// Names that the certificate covers.
pub const HOSTS: &[&str] = &[
    "openapi.zalo.me",
    "oauth.zaloapp.com",
    "business.openapi.zalo.me",
    "graph.zalo.me",
    "openapi.zaloapp.com",
    "localhost",
];

/// Certificate for the server, and the CA that clients have to trust.
pub struct Tls {
    /// For the listener.
    pub config: Arc<ServerConfig>,
    /// The CA, PEM.
    pub ca_pem: String,
    /// Where the CA stands on disk, when there is a data folder.
    pub ca_file: Option<PathBuf>,
}

/// Takes ring as the process's cryptography; a second call changes nothing.
pub fn install_provider() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Reads or makes the CA, and makes a fresh server certificate.
///
/// # Errors
/// When the folder cannot be written or holds something else under these names.
pub fn prepare(folder: Option<&Path>) -> anyhow::Result<Tls> {
    install_provider();
    let files = folder.map(|f| (f.join("sandbox-ca.pem"), f.join("sandbox-ca.key")));
    let (ca_pem, key) = match &files {
        Some((pem, key)) if pem.exists() && key.exists() => {
            let text = std::fs::read_to_string(key)?;
            (std::fs::read_to_string(pem)?, KeyPair::from_pem(&text).context("key of the CA")?)
        }
        _ => {
            let key = KeyPair::generate()?;
            let ca_pem = ca_params()?.self_signed(&key)?.pem();
            if let Some((pem_file, key_file)) = &files {
                if let Some(folder) = pem_file.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                std::fs::write(pem_file, &ca_pem)?;
                write_private(key_file, &key.serialize_pem())?;
            }
            (ca_pem, key)
        }
    };
    let issuer = Issuer::new(ca_params()?, key);
    let server_key = KeyPair::generate()?;
    let names: Vec<String> = HOSTS.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names)?;
    params.subject_alt_names.push(SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    params.subject_alt_names.push(SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)));
    params.distinguished_name = name("zalo-sandbox");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let certificate = params.signed_by(&server_key, &issuer)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
    let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
    let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Tls { config: Arc::new(config), ca_pem, ca_file: files.map(|(pem, _)| pem) })
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}

fn ca_params() -> anyhow::Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.distinguished_name = name("zalo-sandbox local CA (for development only)");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

/// A file that only its owner may read.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())?;
    Ok(())
}

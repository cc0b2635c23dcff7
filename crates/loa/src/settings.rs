//! Settings: defaults, then `loa.toml`, then the environment (`LOA_…`), then flags. Each key is explained in
//! docs/operations.md; an unknown key is refused, so that a typing slip does not silently do nothing.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use loa_channels::CONSOLE;
use loa_kernel::Random;
use loa_outbound::{Links, OutboundSettings};
use serde::{Deserialize, Serialize};

use crate::system::OsRandom;

/// Everything an operator can set.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Folder for the database, the event log, files and the key.
    pub data: PathBuf,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Address under which browsers and the platform reach this server, without a slash at the end.
    pub public_url: String,
    /// `postgres://…`, or `sqlite:<file>`; empty means `loa.db` in the data folder.
    pub database: String,
    /// Connections to the database at most.
    pub database_connections: u32,
    /// File with the 32-byte key that seals secrets, as 64 hexadecimal digits; made on the first start.
    pub key_file: PathBuf,
    /// Hosts of the platform.
    pub zalo: ZaloHosts,
    /// Origins (`http://host:port`) besides `https:` from which pictures and films are shown. Empty: those of the
    /// platform's hosts that are not reached by https.
    pub media_origins: Vec<String>,
    /// Pages of the platform that Loa links to.
    pub links: PlatformPages,
    /// Background refreshing.
    pub refresh: Refresh,
    /// Sending.
    pub sending: Sending,
    /// Logging.
    pub log: Log,
    /// Behind a reverse proxy that sets X-Forwarded-For: take the client's address from it.
    pub trust_proxy: bool,
    /// The largest file of customers that is taken, in MiB.
    pub import_max_mib: u32,
}

/// Where the platform is. The defaults are the real hosts; the demo points them at the sandbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZaloHosts {
    /// Official Account API.
    pub openapi: String,
    /// OAuth.
    pub oauth: String,
    /// File with the stickers that the picker offers, in the form of `rules/stickers.toml`.
    pub stickers: Option<PathBuf>,
    /// Path of a call that ends a customer's follow, `/…`. The platform publishes none: leave it out, and "Xóa quan
    /// tâm" is noted here only. The demo sets the sandbox's.
    pub remove_follower_path: Option<String>,
}

impl ZaloHosts {
    /// The path of the call that ends a follow, when there is one.
    pub fn remove_follower_path(&self) -> anyhow::Result<Option<String>> {
        let path = self.remove_follower_path.as_deref().map(str::trim).filter(|path| !path.is_empty());
        match path {
            Some(path) if !path.starts_with('/') || path.contains(['?', '#']) => {
                bail!("zalo.remove_follower_path: {path:?} is not a path like /v3.0/oa/…")
            }
            path => Ok(path.map(str::to_owned)),
        }
    }
}

/// Pages of the platform that Loa links to. An empty address takes the link away.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlatformPages {
    /// What messages cost: "Tìm hiểu thêm".
    pub pricing: String,
    /// Where money is added to the account that pays: "Nạp tiền" and "Tại đây".
    pub top_up: String,
    /// Where template messages (ZNS) are sent from.
    pub templates: String,
    /// The platform's own console, for what it offers no call for.
    pub console: String,
}

impl Default for PlatformPages {
    fn default() -> Self {
        let usual = Links::default();
        let text = Option::unwrap_or_default;
        Self {
            pricing: text(usual.pricing),
            top_up: text(usual.top_up),
            templates: text(usual.templates),
            console: CONSOLE.to_owned(),
        }
    }
}

impl PlatformPages {
    /// For the capability. Browsers follow them, so only web addresses are taken.
    pub fn links(&self) -> anyhow::Result<Links> {
        Ok(Links {
            pricing: page("pricing", &self.pricing)?,
            top_up: page("top_up", &self.top_up)?,
            templates: page("templates", &self.templates)?,
        })
    }

    /// The platform's own console, when there is one to link to.
    pub fn console(&self) -> anyhow::Result<Option<String>> {
        page("console", &self.console)
    }
}

fn page(key: &str, text: &str) -> anyhow::Result<Option<String>> {
    match text.trim() {
        "" => Ok(None),
        text => match origin(text) {
            Ok(_) => Ok(Some(text.to_owned())),
            Err(error) => Err(error.context(format!("links.{key}"))),
        },
    }
}

/// How numbers are kept in step with the platform besides the answer to each send.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// Seconds between scheduled quota refreshes of a channel while somebody of its workspace is online; 0 switches
    /// them off.
    pub quota_seconds: u32,
    /// A quota that is older than so many seconds is read again when a thread is opened; 0 switches that off.
    pub quota_on_open_seconds: u32,
    /// Fetch customers' names and pictures from the platform.
    pub profiles: bool,
    /// Read an account's history from the platform when it is connected for the first time.
    pub import_on_connect: bool,
}

/// Sending. Change these only with a reason: shorter times repeat sooner what the platform may still be doing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sending {
    /// Look for due messages this often even when nobody calls, milliseconds.
    pub tick_ms: u64,
    /// A message that was taken to be sent and not begun within this time is taken again, milliseconds: its program
    /// has died in between.
    pub claim_lease_ms: i64,
    /// A call that was not settled within this time has an unknown outcome, milliseconds.
    pub call_lease_ms: i64,
    /// First look at the platform's history after an unknown outcome, milliseconds.
    pub unknown_first_look_ms: i64,
    /// A message that is not in the history after this time was not sent, milliseconds.
    pub unknown_grace_ms: i64,
    /// Longest wait before a message that was not sent is tried again, milliseconds.
    pub retry_most_ms: i64,
}

impl Default for Sending {
    fn default() -> Self {
        let usual = OutboundSettings::default();
        Self {
            tick_ms: 1_000,
            claim_lease_ms: usual.claim_lease_ms,
            call_lease_ms: usual.call_lease_ms,
            unknown_first_look_ms: usual.unknown_first_look_ms,
            unknown_grace_ms: usual.unknown_grace_ms,
            retry_most_ms: usual.retry_most_ms,
        }
    }
}

impl Sending {
    /// For the capability.
    pub fn outbound(&self) -> OutboundSettings {
        OutboundSettings {
            claim_lease_ms: self.claim_lease_ms,
            call_lease_ms: self.call_lease_ms,
            unknown_first_look_ms: self.unknown_first_look_ms,
            unknown_grace_ms: self.unknown_grace_ms,
            retry_most_ms: self.retry_most_ms,
            ..OutboundSettings::default()
        }
    }
}

/// Logging.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Filter in the syntax of `tracing`, for example `info,loa_outbound=debug`.
    pub filter: String,
    /// One JSON object a line instead of text.
    pub json: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: String::new(),
            database: String::new(),
            database_connections: 16,
            key_file: PathBuf::new(),
            zalo: ZaloHosts {
                openapi: "https://openapi.zalo.me".into(),
                oauth: "https://oauth.zaloapp.com".into(),
                stickers: None,
                remove_follower_path: None,
            },
            media_origins: Vec::new(),
            links: PlatformPages::default(),
            refresh: Refresh {
                quota_seconds: 300,
                quota_on_open_seconds: 60,
                profiles: true,
                import_on_connect: true,
            },
            sending: Sending::default(),
            log: Log { filter: "info,sqlx=warn,hyper=warn,sea_orm_migration=warn".into(), json: false },
            trust_proxy: false,
            import_max_mib: 256,
        }
    }
}

impl Settings {
    /// Read `file` (or `loa.toml` when it is there) and the environment over the defaults.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        match file {
            Some(path) if !path.exists() => bail!("settings file {} does not exist", path.display()),
            Some(path) => figment = figment.merge(Toml::file_exact(path)),
            None => figment = figment.merge(Toml::file("loa.toml")),
        }
        figment = figment.merge(Env::prefixed("LOA_").ignore(&["key", "bin", "log_style"]).split("__"));
        let settings: Self = figment.extract().context("the settings cannot be read")?;
        Ok(settings.completed())
    }

    /// Fill what follows from other values.
    pub fn completed(mut self) -> Self {
        if self.public_url.is_empty() {
            self.public_url = format!("http://localhost:{}", self.listen.port());
        }
        self.public_url = self.public_url.trim_end_matches('/').to_owned();
        if self.database.is_empty() {
            self.database = format!("sqlite:{}", self.data.join("loa.db").display());
        }
        if self.key_file.as_os_str().is_empty() {
            self.key_file = self.data.join("loa.key");
        }
        self
    }

    /// The same with another port or data folder. What was derived from the old ones is derived anew.
    pub fn moved(mut self, port: Option<u16>, data: Option<PathBuf>) -> Self {
        let before = self.clone();
        if let Some(port) = port {
            self.listen.set_port(port);
            if before.public_url == format!("http://localhost:{}", before.listen.port()) {
                self.public_url.clear();
            }
        }
        if let Some(data) = data {
            if before.database == format!("sqlite:{}", before.data.join("loa.db").display()) {
                self.database.clear();
            }
            if before.key_file == before.data.join("loa.key") {
                self.key_file = PathBuf::new();
            }
            self.data = data;
        }
        self.completed()
    }

    /// Origins besides `https:` from which browsers may show pictures and films. They go into a header, so only
    /// what is an origin is taken.
    pub fn media_origins(&self) -> anyhow::Result<Vec<String>> {
        if !self.media_origins.is_empty() {
            return self
                .media_origins
                .iter()
                .map(|text| {
                    let (origin, rest) = origin(text)?;
                    if !rest.is_empty() && rest != "/" {
                        bail!("media_origins: {text} has more than scheme, host and port");
                    }
                    Ok(origin)
                })
                .collect();
        }
        let mut origins = Vec::new();
        for host in [&self.zalo.openapi, &self.zalo.oauth] {
            let (origin, _) = origin(host)?;
            if !origin.starts_with("https:") && !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        Ok(origins)
    }

    /// The key that seals secrets: `LOA_KEY`, else the key file, which is made with mode 600 when missing.
    pub fn key(&self) -> anyhow::Result<[u8; 32]> {
        let text = match std::env::var("LOA_KEY") {
            Ok(text) => text,
            Err(_) if self.key_file.exists() => std::fs::read_to_string(&self.key_file)
                .with_context(|| format!("the key file {} cannot be read", self.key_file.display()))?,
            Err(_) => {
                let mut key = [0u8; 32];
                OsRandom.fill(&mut key);
                write_private(&self.key_file, &hex(&key))?;
                return Ok(key);
            }
        };
        unhex(text.trim()).context("the key must be 64 hexadecimal digits (LOA_KEY or the key file)")
    }
}

/// Scheme, host and port of an address, and what follows them.
fn origin(address: &str) -> anyhow::Result<(String, &str)> {
    let wrong = || format!("{address:?} is not an address like http://host:port");
    let (scheme, rest) = address.split_once("://").with_context(wrong)?;
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    if !matches!(scheme, "http" | "https") || host.is_empty() || !host.chars().all(fits) {
        bail!(wrong());
    }
    Ok((format!("{scheme}://{host}"), path))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> anyhow::Result<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        bail!("{} characters", text.len());
    }
    let mut key = [0u8; 32];
    for (i, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16)?;
    }
    Ok(key)
}

/// Write a file that only its owner may read; never over an existing one.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot write the key file {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("loa.toml");
        std::fs::write(&file, "lisen = \"0.0.0.0:80\"\n").unwrap();
        let error = format!("{:#}", Settings::load(Some(&file)).unwrap_err());
        assert!(error.contains("lisen"), "{error}");
    }

    #[test]
    fn derived_values_follow() {
        let s = Settings {
            data: "/srv/loa".into(),
            listen: "0.0.0.0:9000".parse().unwrap(),
            ..Default::default()
        }
        .completed();
        assert_eq!(s.database, "sqlite:/srv/loa/loa.db");
        assert_eq!(s.public_url, "http://localhost:9000");
        assert_eq!(s.key_file, PathBuf::from("/srv/loa/loa.key"));
    }

    #[test]
    fn media_comes_from_where_the_platform_is() {
        let real = Settings::default();
        let hosts = |openapi: &str, oauth: &str| Settings {
            zalo: ZaloHosts { openapi: openapi.into(), oauth: oauth.into(), ..Settings::default().zalo },
            ..Settings::default()
        };
        let named = |origins: &[&str]| Settings {
            media_origins: origins.iter().map(|o| (*o).to_owned()).collect(),
            ..Settings::default()
        };
        for (settings, expected) in [
            (real, Some(vec![])),
            (hosts("http://localhost:8090", "http://localhost:8090/"), Some(vec!["http://localhost:8090"])),
            (hosts("http://a:1/x", "http://b"), Some(vec!["http://a:1", "http://b"])),
            (hosts("http://[::1]:8090", "https://b"), Some(vec!["http://[::1]:8090"])),
            (named(&["http://media.lan:8090/"]), Some(vec!["http://media.lan:8090"])),
            (named(&["http://media.lan/pictures"]), None),
            (named(&["media.lan"]), None),
            (named(&["ftp://media.lan"]), None),
            (named(&["http://"]), None),
            // It would end the rule and begin another one.
            (named(&["http://media.lan; script-src *"]), None),
        ] {
            let shown = format!("{:?} {:?}", settings.zalo, settings.media_origins);
            match (settings.media_origins(), expected) {
                (Ok(origins), Some(expected)) => assert_eq!(origins, expected, "{shown}"),
                (Err(_), None) => {}
                (got, expected) => panic!("{shown}: {got:?} instead of {expected:?}"),
            }
        }
    }

    #[test]
    fn links_are_web_addresses_or_none() {
        assert_eq!(PlatformPages::default().links().unwrap(), Links::default());
        let pages = |pricing: &str| PlatformPages { pricing: pricing.into(), ..PlatformPages::default() };
        assert_eq!(pages(" ").links().unwrap().pricing, None);
        assert_eq!(pages("https://x.vn/gia?a=1").links().unwrap().pricing.unwrap(), "https://x.vn/gia?a=1");
        for wrong in ["javascript:alert(1)", "zalo.solutions/oa/pricing", "https://", "ftp://x.vn"] {
            let error = format!("{:#}", pages(wrong).links().unwrap_err());
            assert!(error.contains("links.pricing"), "{error}");
        }
    }

    #[test]
    fn the_key_is_made_once_and_kept_private() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let s = Settings { data: dir.path().into(), ..Default::default() }.completed();
        let key = s.key().unwrap();
        assert_eq!(s.key().unwrap(), key);
        assert_eq!(std::fs::metadata(&s.key_file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&s.key_file, "short").unwrap();
        assert!(s.key().is_err());
    }
}

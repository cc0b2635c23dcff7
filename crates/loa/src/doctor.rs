//! `loa doctor`: look at everything an installation needs, and say what to do about what is wrong.

use std::time::Duration;

use loa_store::{Store, StoreConfig};

use crate::say;
use crate::settings::Settings;

/// Check all; fails when something is wrong, after everything was looked at.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let mut wrong = 0;
    let mut report = |what: &str, outcome: Result<String, String>| match outcome {
        Ok(text) => say(&format!("ok     {what}: {text}")),
        Err(text) => {
            wrong += 1;
            say(&format!("WRONG  {what}: {text}"));
        }
    };
    report("data folder", data_folder(settings));
    report("key", key(settings));
    report("database", database(settings).await);
    report("public address", public_url(settings));
    for (name, address) in [("zalo.openapi", &settings.zalo.openapi), ("zalo.oauth", &settings.zalo.oauth)] {
        report(name, reachable(address).await);
    }
    if wrong > 0 {
        anyhow::bail!("{wrong} of the checks failed; see above");
    }
    Ok(())
}

fn data_folder(settings: &Settings) -> Result<String, String> {
    let folder = &settings.data;
    if !folder.exists() {
        return Ok(format!("{} will be made on the first start", folder.display()));
    }
    let probe = folder.join(".loa-doctor");
    std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)).map_err(|e| {
        format!(
            "{} cannot be written: {e}. Give the user that runs Loa the right to write there",
            folder.display()
        )
    })?;
    Ok(folder.display().to_string())
}

fn key(settings: &Settings) -> Result<String, String> {
    if std::env::var("LOA_KEY").is_err() && !settings.key_file.exists() {
        return Ok(format!(
            "will be made as {} on the first start; keep a copy apart from the backups",
            settings.key_file.display()
        ));
    }
    settings.key().map_err(|e| format!("{e:#}"))?;
    if let Ok(meta) = std::fs::metadata(&settings.key_file) {
        use std::os::unix::fs::PermissionsExt;
        if meta.permissions().mode() & 0o077 != 0 {
            return Err(format!("others may read {0}. Run: chmod 600 {0}", settings.key_file.display()));
        }
    }
    Ok("readable, 32 bytes".into())
}

async fn database(settings: &Settings) -> Result<String, String> {
    if let Some(path) = settings.database.strip_prefix("sqlite:")
        && !std::path::Path::new(path.trim_start_matches("//")).exists()
    {
        return Ok("will be made on the first start".into());
    }
    let store = Store::connect(&StoreConfig::new(settings.database.clone()))
        .await
        .map_err(|e| format!("{e}. Check `database`, and that the server runs and lets this user in"))?;
    let state = store.schema_state().await.map_err(|e| e.to_string())?;
    store.close().await.map_err(|e| e.to_string())?;
    Ok(format!("answers; schema: {state:?}"))
}

fn public_url(settings: &Settings) -> Result<String, String> {
    let url = &settings.public_url;
    if url.starts_with("https://") {
        return Ok(url.clone());
    }
    if url.starts_with("http://localhost") || url.starts_with("http://127.0.0.1") {
        return Ok(format!(
            "{url} (only this machine; Zalo itself needs an https address: set `public_url`)"
        ));
    }
    Err(format!(
        "{url} is not https: cookies and Zalo's webhooks need it. Put a reverse proxy with TLS in front"
    ))
}

async fn reachable(address: &str) -> Result<String, String> {
    let rest = address.split_once("://").map_or(address, |(_, r)| r).trim_end_matches('/');
    let host = rest.split('/').next().unwrap_or(rest);
    let target = if host.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:{}", if address.starts_with("https") { 443 } else { 80 })
    };
    match tokio::time::timeout(Duration::from_secs(5), tokio::net::TcpStream::connect(&target)).await {
        Ok(Ok(_)) => Ok(format!("{target} answers")),
        Ok(Err(e)) => Err(format!("{target}: {e}. Check name resolution and the firewall")),
        Err(_) => Err(format!("{target} does not answer within 5 seconds. Check the firewall")),
    }
}

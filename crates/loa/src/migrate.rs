//! `loa migrate`: bring the schema up to date and say so.

use crate::settings::Settings;
use crate::{say, wiring};

/// Migrate and close.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let store = wiring::open_store(settings).await?;
    store.close().await?;
    say("The database has this version's schema.");
    Ok(())
}

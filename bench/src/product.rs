//! The product as a child process.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::http::{Connection, request};

/// A running `loa serve`; killed when dropped.
pub struct Product {
    child: Child,
    /// Its port on loopback.
    pub port: u16,
}

impl Product {
    /// Start it on a free port with this data folder and database, background refreshing off, and wait until it is ready.
    pub async fn start(loa: &Path, data: &Path, database: &str) -> anyhow::Result<Self> {
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let child = Command::new(loa)
            .arg("serve")
            .env("LOA_DATA", data)
            .env("LOA_DATABASE", database)
            .env("LOA_LISTEN", format!("127.0.0.1:{port}"))
            .env("LOA_REFRESH__QUOTA_SECONDS", "0")
            .env("LOA_REFRESH__QUOTA_ON_OPEN_SECONDS", "0")
            .env("LOA_REFRESH__PROFILES", "false")
            .env("LOA_LOG__FILTER", "warn")
            // Ours, not the product's, which refuses settings that it does not know.
            .env_remove("LOA_TEST_POSTGRES")
            .current_dir(data)
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}; build it with --release", loa.display()))?;
        let mut product = Self { child, port };
        let start = Instant::now();
        let ready = request("GET", "/readyz", &[], b"");
        loop {
            if let Ok(mut c) = Connection::open(port).await
                && let Ok((200, _)) = c.call(&ready).await
            {
                return Ok(product);
            }
            if let Some(status) = product.child.try_wait()? {
                bail!("the product ended with {status}");
            }
            if start.elapsed() > Duration::from_secs(60) {
                bail!("the product is not ready after a minute");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Memory it holds now, in MiB (resident set).
    pub fn memory_mib(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let kb: f64 = status
            .lines()
            .find_map(|l| l.strip_prefix("VmRSS:"))
            .and_then(|l| l.split_whitespace().next())
            .context("no VmRSS")?
            .parse()?;
        Ok(kb / 1024.0)
    }

    /// Processor time it has used, in seconds, user and system together.
    pub fn cpu_seconds(&self) -> anyhow::Result<f64> {
        // The kernel's unit for a process's times; 100 on every Linux that Rust runs on.
        const TICKS_A_SECOND: f64 = 100.0;
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name before it may hold anything but the last bracket.
        let (_, fields) = stat.rsplit_once(')').context("no name in stat")?;
        let ticks: Vec<f64> =
            fields.split_whitespace().skip(11).take(2).map(str::parse).collect::<Result<_, _>>()?;
        ensure!(ticks.len() == 2, "no times in stat");
        Ok(ticks.iter().sum::<f64>() / TICKS_A_SECOND)
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        // Already gone is as good as stopped.
        if self.child.kill().is_ok() && self.child.wait().is_err() {
            println!("the product could not be waited for");
        }
    }
}

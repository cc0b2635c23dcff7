//! The program as a child process.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use loa_testdb::{Engine, TestDb};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::net;

/// How long a start may take, on a busy machine with a debug build.
const START: Duration = Duration::from_secs(60);
/// How many lines of the log a failed test shows.
const SHOWN: usize = 60;

/// A `loa serve` with a data folder and a database of its own.
pub struct Loa {
    child: Option<Child>,
    program: PathBuf,
    env: Vec<(String, String)>,
    /// Its address, the same after every start.
    pub base: String,
    /// How often it was started.
    pub starts: u32,
    data: TempDir,
    http: reqwest::Client,
    // After the child, which must be gone before its database goes.
    _database: Option<TestDb>,
}

impl Loa {
    /// Start `program` on a fresh database of this kind, with these variables besides what every test needs.
    ///
    /// On SQLite the database is a file in the data folder that nobody else opens, so that a killed program leaves
    /// exactly what a killed program leaves.
    ///
    /// # Panics
    /// When it does not get ready.
    pub async fn start(program: &str, engine: Engine, env: Vec<(String, String)>) -> Self {
        let port = net::free_port();
        let base = format!("http://127.0.0.1:{port}");
        let data = tempfile::tempdir().expect("a temporary folder");
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(TestDb::new(engine).await),
        };
        let mut all = vec![
            ("LOA_DATA".to_owned(), data.path().display().to_string()),
            ("LOA_LISTEN".to_owned(), format!("127.0.0.1:{port}")),
            ("LOA_PUBLIC_URL".to_owned(), base.clone()),
            ("LOA_LOG__FILTER".to_owned(), "info,sqlx=warn,sea_orm_migration=warn".to_owned()),
            // Only what a test asks for moves the numbers.
            ("LOA_REFRESH__QUOTA_SECONDS".to_owned(), "0".to_owned()),
            ("LOA_REFRESH__QUOTA_ON_OPEN_SECONDS".to_owned(), "0".to_owned()),
            ("LOA_REFRESH__PROFILES".to_owned(), "false".to_owned()),
            ("LOA_REFRESH__IMPORT_ON_CONNECT".to_owned(), "false".to_owned()),
            // The sandbox answers within milliseconds, so what became of a lost call is known within seconds.
            ("LOA_SENDING__CLAIM_LEASE_MS".to_owned(), "3000".to_owned()),
            ("LOA_SENDING__CALL_LEASE_MS".to_owned(), "5000".to_owned()),
            ("LOA_SENDING__UNKNOWN_FIRST_LOOK_MS".to_owned(), "500".to_owned()),
            ("LOA_SENDING__UNKNOWN_GRACE_MS".to_owned(), "3000".to_owned()),
            ("LOA_SENDING__RETRY_MOST_MS".to_owned(), "2000".to_owned()),
        ];
        if let Some(database) = &database {
            all.push(("LOA_DATABASE".to_owned(), database.url.clone()));
            all.push(("LOA_DATABASE_CONNECTIONS".to_owned(), "6".to_owned()));
        }
        all.extend(env);
        let mut loa = Self {
            child: None,
            program: PathBuf::from(program),
            env: all,
            base,
            starts: 0,
            data,
            http: net::http(),
            _database: database,
        };
        loa.start_again().await;
        loa
    }

    /// Start it again, on the same port and data.
    ///
    /// # Panics
    /// When it runs already, or does not get ready.
    pub async fn start_again(&mut self) {
        assert!(self.child.is_none(), "it runs");
        let log = |path: &Path| -> std::io::Result<(File, File)> {
            let file = OpenOptions::new().create(true).append(true).open(path)?;
            Ok((file.try_clone()?, file))
        };
        let (out, err) = log(&self.log_file()).expect("a log file");
        let child = Command::new(&self.program)
            .arg("serve")
            .env_clear()
            .envs(self.env.iter().cloned())
            // Where no settings file lies.
            .current_dir(self.data.path())
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        self.child = Some(child);
        self.starts += 1;
        let begun = Instant::now();
        while !self.is_ready().await {
            let ended = self.child.as_mut().and_then(|c| c.try_wait().expect("a child"));
            if let Some(status) = ended {
                panic!("loa ended with {status}:\n{}", self.log_end());
            }
            assert!(begun.elapsed() < START, "loa is not ready after {START:?}:\n{}", self.log_end());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn is_ready(&self) -> bool {
        let answer = self.http.get(format!("{}/readyz", self.base)).send().await;
        answer.is_ok_and(|a| a.status().is_success())
    }

    /// End it at once, without a chance to finish anything (SIGKILL).
    ///
    /// # Panics
    /// When it does not run any more by itself.
    pub async fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        if let Some(status) = child.try_wait().expect("a child") {
            panic!("loa had ended with {status}:\n{}", self.log_end());
        }
        child.kill().await.expect("a child can be killed");
    }

    /// Ask it to end (SIGTERM) and go on while it does; [`Loa::ended`] waits for it.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn ask_to_stop(&self) {
        let pid = self.child.as_ref().and_then(Child::id).expect("it runs");
        let sent = Command::new("kill").arg("-TERM").arg(pid.to_string()).status().await;
        assert!(sent.expect("the program `kill` is there").success(), "SIGTERM to {pid}");
    }

    /// Wait until it has ended by itself, and answer how.
    ///
    /// # Panics
    /// When it has not after `within`.
    pub async fn ended(&mut self, within: Duration) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        match tokio::time::timeout(within, child.wait()).await {
            Ok(status) => status.expect("a child"),
            Err(_) => panic!("loa still runs after {within:?}:\n{}", self.log_end()),
        }
    }

    fn log_file(&self) -> PathBuf {
        self.data.path().join("test.log")
    }

    /// The last lines of its log.
    pub fn log_end(&self) -> String {
        let text = std::fs::read_to_string(self.log_file()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(SHOWN)..].join("\n")
    }

    /// Everything it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }
}

impl Drop for Loa {
    #[allow(clippy::print_stderr, reason = "shown by the test runner beside the failure")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the end of loa's log ---\n{}\n---", self.log_end());
        }
    }
}

//! Ports and connections.

use std::net::TcpListener;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Below the ports that the system gives to outgoing connections, so that a port stays free while the program that
/// used it is restarted.
const FIRST: u32 = 18_000;
const MANY: u32 = 14_000;

/// How long a call may take. A call that takes longer has failed.
const TIMEOUT: Duration = Duration::from_secs(30);

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A port of this machine that nobody uses, and that no other scene of this process gets.
pub(crate) fn free_port() -> u16 {
    // Programs that test side by side begin at different places.
    let start = std::process::id().wrapping_mul(97) % MANY;
    for _ in 0..MANY {
        let nth = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % MANY;
        let port = u16::try_from(FIRST + nth).expect("the range ends below 65536");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between {FIRST} and {}", FIRST + MANY);
}

/// Connections of its own for a client. Redirects are answers, not followed.
pub(crate) fn http() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Somebody else may have installed it before; it is the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT)
        .build()
        .expect("an HTTP client")
}

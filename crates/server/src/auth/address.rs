//! Where a request comes from.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;

use crate::state::AppState;

/// The client's address, and whether it speaks to us directly from this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientAddress {
    /// The client's address; from the proxy's header when the operator trusts it.
    pub ip: Option<IpAddr>,
    /// The connection comes from this machine, and no proxy handed it on.
    pub is_local: bool,
}

impl ClientAddress {
    /// For logs, limits and the list of sessions.
    pub fn text(&self) -> String {
        self.ip.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string())
    }
}

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(address(parts, state.config.trust_proxy))
    }
}

fn address(parts: &Parts, trust_proxy: bool) -> ClientAddress {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    let forwarded = parts.headers.get("x-forwarded-for").and_then(|v| v.to_str().ok());
    // The last entry is the one that our own proxy wrote; what stands before it, the client may have written.
    let handed_on = forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
    let ip = if trust_proxy { handed_on.or(peer) } else { peer };
    let is_local = peer.is_some_and(|ip| ip.is_loopback()) && forwarded.is_none();
    ClientAddress { ip, is_local }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_believed_only_when_trusted() {
        for (peer, header, trust, ip, is_local) in [
            ("127.0.0.1:5", None, false, Some("127.0.0.1"), true),
            ("127.0.0.1:5", Some("203.0.113.9"), false, Some("127.0.0.1"), false),
            ("127.0.0.1:5", Some("1.1.1.1, 203.0.113.9"), true, Some("203.0.113.9"), false),
            ("127.0.0.1:5", Some("nonsense"), true, Some("127.0.0.1"), false),
            ("[::ffff:198.51.100.7]:5", None, false, Some("198.51.100.7"), false),
        ] {
            let mut request = axum::http::Request::new(());
            if let Some(header) = header {
                request.headers_mut().insert("x-forwarded-for", header.parse().unwrap());
            }
            request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
            let (parts, ()) = request.into_parts();
            let expected = ClientAddress { ip: ip.map(|ip| ip.parse().unwrap()), is_local };
            assert_eq!(address(&parts, trust), expected, "{peer} {header:?}");
        }
    }
}

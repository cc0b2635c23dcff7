//! Starting and stopping.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::response::Response;
use axum_server::tls_rustls::RustlsConfig;
use futures::future::BoxFuture;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;
use utoipa_swagger_ui::SwaggerUi;

use crate::api::Abort;
use crate::config::Config;
use crate::world::{Shared, World};
use crate::{api, control, media, pages, persist, tls, webhook};

/// Largest upload of the phone page.
const MAX_MEDIA: usize = 32 * 1024 * 1024;

/// A Zalo on your machine.
pub struct Sandbox;

/// A sandbox that runs. Dropping it without [`Running::shutdown`] stops it too, but the last moments may not be
/// written to disk.
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Address to reach it: scheme, host, port; no slash at the end.
    pub base_url: String,
    /// The sandbox itself: state, clock, queue. For tests and for `loa demo`.
    pub handle: Shared,
    /// The CA to trust, PEM, with `tls`.
    pub ca_pem: Option<String>,
    /// Where the CA stands, with `tls` and a data folder.
    pub ca_file: Option<PathBuf>,
    server: axum_server::Handle<SocketAddr>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Sandbox {
    /// Starts a sandbox and answers when it listens.
    ///
    /// # Errors
    /// When the address is taken or the data folder cannot be used.
    pub async fn start(config: Config) -> anyhow::Result<Running> {
        // The client that posts events needs it too.
        tls::install_provider();
        let secure = if config.tls { Some(tls::prepare(config.data.as_deref())?) } else { None };
        let listener = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("cannot listen on {}", config.listen))?;
        let addr = listener.local_addr()?;
        let scheme = if secure.is_some() { "https" } else { "http" };
        let host = if addr.ip().is_unspecified() { "localhost".to_owned() } else { host_of(addr) };
        let base_url = format!("{scheme}://{host}:{}", addr.port());

        let world = World::open(config)?;
        world.set_base(world.config.public_url.as_deref().unwrap_or(&base_url));
        let service = Breakable(router(&world).with_state(world.clone()));

        let server = axum_server::Handle::new();
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let make = tower::make::Shared::new(service);
        match &secure {
            None => {
                let serve = axum_server::Server::<SocketAddr>::from_listener(listener).handle(server.clone());
                tasks.spawn(async move { log_end(serve.serve(make).await) });
            }
            Some(tls) => {
                let acceptor = axum_server::tls_rustls::RustlsAcceptor::new(RustlsConfig::from_config(
                    tls.config.clone(),
                ));
                let serve = axum_server::Server::<SocketAddr>::from_listener(listener)
                    .acceptor(acceptor)
                    .handle(server.clone());
                tasks.spawn(async move { log_end(serve.serve(make).await) });
            }
        }
        tasks.spawn(webhook::engine::run(world.clone(), stop.clone()));
        tasks.spawn(write_regularly(world.clone(), stop.clone()));
        tasks.close();
        let (ca_pem, ca_file) = secure.map(|t| (t.ca_pem, t.ca_file)).unzip();
        Ok(Running { addr, base_url, handle: world, ca_pem, ca_file: ca_file.flatten(), server, stop, tasks })
    }
}

impl Running {
    /// Stops listening and delivering, and writes the state.
    ///
    /// # Errors
    /// When the last write fails.
    pub async fn shutdown(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.server.graceful_shutdown(Some(Duration::from_millis(300)));
        self.tasks.wait().await;
        let world = self.handle.clone();
        tokio::task::spawn_blocking(move || world.flush()).await?
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        self.server.shutdown();
    }
}

fn host_of(addr: SocketAddr) -> String {
    match addr {
        SocketAddr::V4(v4) => v4.ip().to_string(),
        SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
    }
}

fn router(world: &Shared) -> Router<Shared> {
    let (control, openapi) = control::router();
    let docs = SwaggerUi::new("/_sandbox/docs").url("/_sandbox/api/openapi.json", openapi);
    Router::new()
        .merge(api::router(world))
        .merge(control.layer(DefaultBodyLimit::max(MAX_MEDIA)))
        .merge(Router::from(docs))
        .merge(media::router())
        .merge(pages::router())
}

async fn write_regularly(world: Shared, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(persist::EVERY) => {}
            () = stop.cancelled() => return,
        }
        let world = world.clone();
        let written = tokio::task::spawn_blocking(move || world.flush()).await;
        if let Ok(Err(error)) = written {
            tracing::error!(%error, "the state could not be written");
        }
    }
}

fn log_end(end: std::io::Result<()>) {
    if let Err(error) = end {
        tracing::error!(%error, "the server ended");
    }
}

/// The router, able to break a connection instead of answering: a service that fails makes the server close it.
#[derive(Clone)]
struct Breakable(Router);

/// Breaks the connection.
#[derive(Debug, thiserror::Error)]
#[error("connection broken on purpose")]
struct Broken;

impl<B> Service<Request<B>> for Breakable
where
    B: axum::body::HttpBody<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response;
    type Error = Broken;
    type Future = BoxFuture<'static, Result<Response, Broken>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Broken>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let mut router = self.0.clone();
        let answering = router.call(request.map(axum::body::Body::new));
        Box::pin(async move {
            let answer: Result<Response, Infallible> = answering.await;
            let Ok(response) = answer;
            if response.extensions().get::<Abort>().is_some() { Err(Broken) } else { Ok(response) }
        })
    }
}

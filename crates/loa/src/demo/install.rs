//! Setting the demo up: workspace, members, application, accounts by OAuth, and the past.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use loa_channels::ConsentAnswer;
use loa_channels::zalo::ZaloConnector;
use loa_kernel::{Actor, MemberId, Role, WorkspaceId};
use loa_server::{PasswordCost, Passwords};
use loa_store::members::{self, Member, MemberStatus};
use loa_store::workspaces::{self, Workspace};
use loa_store::{Secret, channels};
use serde_json::{Value, json};
use zalo_sandbox::Running as Sandbox;

use super::{PASSWORD, desk, past, script};
use crate::settings::Settings;
use crate::system;
use crate::wiring::Running;

/// A member of the demo.
pub struct DemoMember {
    /// To sign in with.
    pub email: &'static str,
    /// Name.
    pub name: &'static str,
    /// Role.
    pub role: Role,
}

/// The six members.
pub const MEMBERS: [DemoMember; 6] = [
    DemoMember { email: "lan@loa.example", name: "Hoàng Ngọc Lan", role: Role::Admin },
    DemoMember { email: "minh@loa.example", name: "Trần Quang Minh", role: Role::Manager },
    DemoMember { email: "hanh@loa.example", name: "Lê Thị Hạnh", role: Role::Agent },
    DemoMember { email: "tuan@loa.example", name: "Phạm Anh Tuấn", role: Role::Agent },
    DemoMember { email: "thao@loa.example", name: "Đặng Thu Thảo", role: Role::Agent },
    DemoMember { email: "duc@loa.example", name: "Võ Minh Đức", role: Role::Agent },
];

const APP_ID: &str = "2220000000000000001";
const APP_SECRET: &str = "demo-app-secret";
const OA_SECRET_KEY: &str = "demo-oa-secret-key";

/// Do what is not done yet.
pub async fn ensure(
    running: &Running,
    settings: &Settings,
    sandbox: &Sandbox,
    bare: bool,
) -> anyhow::Result<()> {
    let mark = settings.data.join("demo.done");
    if mark.exists() {
        return point_webhook(settings, sandbox).await;
    }
    let story = script::load()?;
    let workspace = workspace(running).await?;
    let team = team(running, workspace).await?;
    let actor = Actor::with_role(workspace, team[0], Role::Admin);
    plant(&story, settings, sandbox, bare).await?;
    connect(running, &actor, sandbox, story.accounts.len()).await?;
    if !bare {
        past::replay(running, &actor, &team[1..], sandbox, APP_ID).await?;
    }
    desk::ensure(running, &actor, team[2], bare).await.context("labels and canned replies")?;
    std::fs::write(&mark, "").context("the demo's folder cannot be written")?;
    Ok(())
}

fn app(settings: &Settings) -> Value {
    json!({
        "id": APP_ID,
        "name": "Loa",
        "secret": APP_SECRET,
        "oa_secret_key": OA_SECRET_KEY,
        "callback_url": format!("{}/api/channels/zalo/callback", settings.public_url),
        "webhook_url": format!("{}/webhooks/zalo", settings.public_url),
    })
}

/// Ports may have changed since the last start.
async fn point_webhook(settings: &Settings, sandbox: &Sandbox) -> anyhow::Result<()> {
    control(sandbox, "/apps", &app(settings)).await?;
    Ok(())
}

async fn control(sandbox: &Sandbox, path: &str, body: &Value) -> anyhow::Result<Value> {
    let url = format!("http://{}/_sandbox/api{path}", sandbox.addr);
    let answer = ZaloConnector::http()?
        .post(&url)
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await
        .with_context(|| format!("{path} of the sandbox"))?;
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "the sandbox answered {status} to {path}: {text}");
    Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? })
}

async fn workspace(running: &Running) -> anyhow::Result<WorkspaceId> {
    if let Some(there) = workspaces::list(running.store.reader()).await?.first() {
        return Ok(there.id);
    }
    let ids = system::ids();
    let new = Workspace {
        id: ids.next(),
        name: "Mộc Lan & An Tâm".into(),
        locale: "vi".into(),
        created_at: ids.clock().now(),
    };
    let tx = running.store.begin().await?;
    workspaces::create(&tx, &new).await?;
    tx.commit().await?;
    Ok(new.id)
}

async fn team(running: &Running, ws: WorkspaceId) -> anyhow::Result<Vec<MemberId>> {
    let ids = system::ids();
    let hash = Passwords::new(PasswordCost::default(), &ids).hash(PASSWORD).await?;
    let mut team = Vec::new();
    for wanted in &MEMBERS {
        if let Some((there, _)) =
            members::find_by_email(running.store.reader(), wanted.email).await?.into_iter().next()
        {
            team.push(there.id);
            continue;
        }
        let now = ids.clock().now();
        let member = Member {
            workspace: ws,
            id: ids.next(),
            email: wanted.email.into(),
            display_name: wanted.name.into(),
            role: wanted.role,
            status: MemberStatus::Active,
            locale: "vi".into(),
            created_at: now,
            updated_at: now,
        };
        let tx = running.store.begin().await?;
        members::create(&tx, &member, &hash).await?;
        tx.commit().await?;
        team.push(member.id);
    }
    Ok(team)
}

/// Give the sandbox its app, accounts, people and their past, once.
async fn plant(
    story: &script::Script,
    settings: &Settings,
    sandbox: &Sandbox,
    bare: bool,
) -> anyhow::Result<()> {
    let people = sandbox.handle.state().people().count();
    let body = script::seed(story, &app(settings), !bare && people == 0, sandbox.handle.now())?;
    control(sandbox, "/seed", &body).await?;
    Ok(())
}

/// Connect each account the way a person does: consent page, code, tokens.
async fn connect(running: &Running, actor: &Actor, sandbox: &Sandbox, accounts: usize) -> anyhow::Result<()> {
    let there = channels::list(running.store.reader(), actor.workspace).await?;
    running
        .channels
        .save_app(actor, APP_ID, Some(Secret::new(APP_SECRET)), Some(Secret::new(OA_SECRET_KEY)))
        .await?;
    let browser = ZaloConnector::http()?;
    for i in 0..accounts {
        let oa = script::oa_id(i);
        if there.iter().any(|c| c.external_id == oa) {
            continue;
        }
        let consent = running.channels.begin_connect(actor).await?;
        let path = consent.split_once("/v4/").map(|(_, rest)| rest).context("no consent page")?;
        let page = format!("http://{}/v4/{path}&sandbox_auto_oa={oa}", sandbox.addr);
        let answer = browser.get(&page).send().await?;
        let back = answer
            .headers()
            .get("location")
            .and_then(|l| l.to_str().ok())
            .with_context(|| format!("the consent page answered {}", answer.status()))?
            .to_owned();
        running.channels.finish_connect(actor, answer_of(&back)).await?;
    }
    Ok(())
}

fn answer_of(address: &str) -> ConsentAnswer {
    let mut answer = ConsentAnswer::default();
    let query = address.split_once('?').map_or("", |(_, q)| q);
    for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        // The sandbox's codes and our states are plain letters and digits; nothing needs decoding.
        let value = Some(value.to_owned());
        match key {
            "code" => answer.code = value,
            "oa_id" => answer.oa_id = value,
            "state" => answer.state = value,
            "error" => answer.error = value,
            _ => {}
        }
    }
    answer
}

/// Write the sandbox's stickers down as the catalogue of the demo; answers where.
pub fn stickers(data: &Path, sandbox: &Sandbox) -> anyhow::Result<PathBuf> {
    let mut text = "kind = \"stickers\"\n".to_owned();
    for (id, title, url) in sandbox.handle.stickers() {
        write!(text, "\n[[sticker]]\nid = {id:?}\ntitle = {title:?}\nurl = {url:?}\n")?;
    }
    let path = data.join("stickers.toml");
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

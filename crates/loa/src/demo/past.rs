//! The past of the demo: what was said before Loa came, through the event log like everything else.

use std::collections::BTreeMap;

use anyhow::ensure;
use bytes::Bytes;
use loa_channels::ChannelKind;
use loa_intake::IntakeError;
use loa_kernel::{Actor, ChannelId, ConversationId, MemberId, SeededRandom, Timestamp};
use loa_store::{authorship, channels, conversations};
use loa_stream::{EventLog, EventRecord, Topic, partition_of};
use zalo_sandbox::Running as Sandbox;

use crate::system;
use crate::wiring::Running;

/// Put the sandbox's history through the event log, wait until it is folded, and give the shop's part of it to the
/// members who are said to have written it.
pub async fn replay(
    running: &Running,
    actor: &Actor,
    team: &[MemberId],
    sandbox: &Sandbox,
    app: &str,
) -> anyhow::Result<()> {
    let channels: BTreeMap<String, ChannelId> = channels::list(running.store.reader(), actor.workspace)
        .await?
        .into_iter()
        .map(|c| (c.external_id, c.id))
        .collect();
    let past = sandbox.handle.past_events(app);
    let mut waiting = Vec::new();
    for event in &past {
        let Some(&channel) = channels.get(&event.oa_id) else { continue };
        let inbound = running.channels.parse(ChannelKind::Zalo, &event.oa_id, event.body.as_bytes());
        let key = inbound.map_err(|e| anyhow::anyhow!("{}: {}", e.event_name, e.reason))?.dedupe_key;
        waiting.push(running.event_log.append(EventRecord {
            partition: partition_of(channel),
            key,
            workspace: actor.workspace,
            channel,
            received_at: event.at,
            body: Bytes::from(event.body.clone()),
        }));
        if waiting.len() == 500 {
            flush(&mut waiting).await?;
        }
    }
    flush(&mut waiting).await?;
    folded(running).await?;
    give_authors(running, actor, team).await?;
    running.signals.notify(Topic::ChangesIn(actor.workspace));
    Ok(())
}

/// Wait until everything in the log is folded. The worker folds too; when both take the same batch, one of them
/// finds the cursor moved and looks again.
async fn folded(running: &Running) -> anyhow::Result<()> {
    loop {
        match running.intake.catch_up().await {
            Ok(_) => return Ok(()),
            Err(IntakeError::Moved) => tokio::task::yield_now().await,
            Err(error) => return Err(error.into()),
        }
    }
}

async fn flush<F>(waiting: &mut Vec<F>) -> anyhow::Result<()>
where
    F: Future<Output = Result<loa_stream::Appended, loa_stream::LogError>>,
{
    for stored in futures::future::join_all(waiting.drain(..)).await {
        stored?;
    }
    Ok(())
}

/// Threads whose last message is older than this are done.
const OPEN_FOR_DAYS: i64 = 5;

/// The same agent answers a whole thread; half of the threads are assigned to them, and old ones are closed.
async fn give_authors(running: &Running, actor: &Actor, team: &[MemberId]) -> anyhow::Result<()> {
    ensure!(!team.is_empty(), "nobody to give the past to");
    let dice = SeededRandom::new(7);
    let now = system::ids().clock().now();
    let reader = running.store.reader();
    let threads = authorship::threads_written_elsewhere(reader, actor.workspace).await?;
    let rows = conversations::by_ids(reader, actor.workspace, &threads).await?;
    let tx = running.store.begin().await?;
    for thread in &threads {
        let member = team[dice.below(team.len() as u64) as usize];
        authorship::give_to_member(&tx, actor.workspace, *thread, member, dice.below(2) == 0).await?;
    }
    for row in rows.iter().filter(|r| r.last_message_at < now.plus_days(-OPEN_FOR_DAYS).as_ms()) {
        let done = conversations::Edit {
            by: Some(actor.member),
            status: Some("closed"),
            read: true,
            ..Default::default()
        };
        let at = Timestamp::from_ms(row.last_message_at);
        conversations::edit(&tx, actor.workspace, ConversationId(row.id), done, at).await?;
    }
    tx.commit().await?;
    Ok(())
}

//! "Báo quản lý": a member who may not configure an account says that somebody has to (features reference §4.4).

use loa_kernel::{Action, Actor, ChannelId, Code, MemberId, Object, Problem, Role, Timestamp};
use loa_store::changes;
use loa_store::channels::{BillingState, Channel, ChannelStatus};
use loa_store::members::{self, MemberStatus};
use loa_store::notifications::{self, NewNotification, NotificationKind};
use loa_stream::Topic;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::Channels;

/// Managers hear of the same matter at most once in this time.
const ONCE_IN_MS: i64 = 3_600_000;

/// What is the matter with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportReason {
    /// The app has no Zalo Cloud Account.
    NotLinked,
    /// The Zalo Cloud Account is empty.
    NoMoney,
    /// The month's allowance is used up.
    QuotaUsedUp,
    /// It must be connected again.
    Reconnect,
}

impl ReportReason {
    /// As it travels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotLinked => "not_linked",
            Self::NoMoney => "no_money",
            Self::QuotaUsedUp => "quota_used_up",
            Self::Reconnect => "reconnect",
        }
    }

    /// Is it so?
    fn holds(self, channel: &Channel) -> bool {
        match self {
            Self::NotLinked => channel.billing == BillingState::NotLinked,
            Self::NoMoney => channel.billing == BillingState::OutOfMoney,
            Self::QuotaUsedUp => channel.quota.as_ref().is_some_and(|q| q.remain <= channel.quota_reserved),
            Self::Reconnect => channel.status != ChannelStatus::Connected,
        }
    }
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// True: managers were told now; false: they were told less than an hour ago, and are not told again.
    pub notified: bool,
    /// When they were last told.
    pub reported_at: Timestamp,
    /// From when they may be told again.
    pub again_at: Timestamp,
    /// How many were told now.
    pub managers: usize,
}

impl Channels {
    /// Tell managers and administrators that this account needs somebody. A matter that is not so is `conflict`
    /// (`not_so`); one of which they heard less than an hour ago is answered without telling them again.
    pub async fn report(
        &self,
        actor: &Actor,
        id: ChannelId,
        reason: ReportReason,
    ) -> Result<Report, Problem> {
        actor.require(Object::Channel, Action::View)?;
        let channel = self.visible(actor, id).await?;
        if !reason.holds(&channel) {
            return Err(Problem::new(Code::Conflict).param("reason", "not_so"));
        }
        let (ws, now) = (actor.workspace, self.now());
        let subject = subject(id, reason);
        let tx = self.store.begin().await?;
        if !notifications::may_tell(&tx, ws, &subject, ONCE_IN_MS, now).await? {
            let reported_at = notifications::told_at(&tx, ws, &subject).await?.unwrap_or(now);
            tx.rollback().await?;
            let again_at = reported_at.plus_ms(ONCE_IN_MS);
            return Ok(Report { notified: false, reported_at, again_at, managers: 0 });
        }
        let everybody = members::list(&tx, ws).await?;
        let by = everybody.iter().find(|member| member.id == actor.member);
        let audience: Vec<MemberId> = everybody
            .iter()
            .filter(|member| {
                member.status == MemberStatus::Active
                    && matches!(member.role, Role::Admin | Role::Manager)
                    && member.id != actor.member
            })
            .map(|member| member.id)
            .collect();
        let notice = NewNotification {
            kind: NotificationKind::ChannelReport,
            params: json!({
                "reason": reason.as_str(),
                "channel_name": channel.name,
                "by_name": by.map(|member| member.display_name.as_str()).unwrap_or_default(),
            }),
            actor: Some(actor.member),
            channel: Some(id),
            conversation: None,
            message: None,
        };
        let list = notifications::notify(&tx, ws, &self.ids, &audience, &notice, now).await?;
        changes::append(&tx, ws, &list, now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(ws));
        let again_at = now.plus_ms(ONCE_IN_MS);
        Ok(Report { notified: true, reported_at: now, again_at, managers: audience.len() })
    }
}

/// What makes two reports the same matter.
fn subject(channel: ChannelId, reason: ReportReason) -> String {
    format!("channel_report:{channel}:{}", reason.as_str())
}

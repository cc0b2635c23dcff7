//! Private notes: what colleagues tell each other in a thread.
//!
//! A note is an entry of the thread and no message (`loa_store::entries`), so nothing that sends can take it. It
//! moves neither the thread's last message nor what is unread or waits.

use loa_kernel::{
    Action, Actor, ChannelId, Code, ConversationId, MemberId, MessageId, Object, Problem, clip,
};
use loa_store::Tx;
use loa_store::changes::{self, NewChange};
use loa_store::conversations::Visibility;
use loa_store::entity::{conversations, thread_entries};
use loa_store::entries::{self, EntryKind, NewEntry};
use loa_store::members::{self, Member, MemberStatus};
use loa_store::notifications::{self, NewNotification, NotificationKind};
use loa_stream::Topic;
use serde_json::json;
use uuid::Uuid;

use crate::Inbox;
use crate::views::MessageView;

/// The longest note, in characters.
pub const MAX_NOTE_CHARS: usize = 5_000;
/// The most members that one note can mention.
pub const MAX_MENTIONS: usize = 20;
/// Characters of a note in a notice.
const PREVIEW_CHARS: usize = 120;

/// What became of a note that was handed in.
#[derive(Debug, Clone, PartialEq)]
pub enum Noted {
    /// It is written.
    New(MessageView),
    /// This client id was handed in before; the note as it is now.
    Known(MessageView),
}

impl Inbox {
    /// Write a note. Members in it stand as `@[mem_…]`; those who may see the thread get a notice. The same `client_id`
    /// again is answered with the note that is there.
    ///
    /// Refusals: `empty_message`, `text_too_long`, `invalid_field` (`unknown_member`, `too_many`), `conflict` when the
    /// client id belongs to another note, `not_found`.
    pub async fn write_note(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        client_id: Uuid,
        text: &str,
    ) -> Result<Noted, Problem> {
        let text = checked(text)?;
        let (ws, now) = (actor.workspace, self.now());
        let tx = self.store.begin().await?;
        let thread = self.visible_thread(&tx, actor, Action::Edit, conversation).await?;
        if let Some(known) = entries::by_client_id(&tx, ws, client_id).await? {
            return known_note(actor, conversation, &text, &known);
        }
        let mentioned = mentioned_members(&tx, actor, &text).await?;
        let channel = ChannelId(thread.channel_id);
        let new = NewEntry {
            id: self.ids.next::<MessageId>(),
            conversation,
            channel,
            kind: EntryKind::Note,
            member: Some(actor.member),
            text: Some(text.clone()),
            detail: json!({}),
            client_id: Some(client_id),
            at: now,
        };
        let (id, written) = (new.id, entries::add(&tx, ws, vec![new]).await);
        let rows = match written {
            Ok(rows) => rows,
            // Handed in twice at the same time: the other one was first.
            Err(loa_store::StoreError::Unique { .. }) => {
                tx.rollback().await?;
                let known = entries::by_client_id(self.store.reader(), ws, client_id).await?;
                let known = known.ok_or_else(|| Problem::new(Code::Conflict).param("reason", "client_id"))?;
                return known_note(actor, conversation, &text, &known);
            }
            Err(error) => return Err(error.into()),
        };
        let mut list = vec![NewChange::message(id, conversation, channel)];
        list.extend(self.tell(&tx, actor, &thread, id, &text, &mentioned).await?);
        changes::append(&tx, ws, &list, now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(ws));
        let row = rows.first().ok_or_else(|| Problem::internal("a note without a row"))?;
        Ok(Noted::New(MessageView::of_entry(row)?))
    }

    /// Give a note of one's own another text. Members who were not in it before get a notice.
    pub async fn edit_note(&self, actor: &Actor, id: MessageId, text: &str) -> Result<MessageView, Problem> {
        let text = checked(text)?;
        let (ws, now) = (actor.workspace, self.now());
        let tx = self.store.begin().await?;
        let (thread, row) = self.own_note(&tx, actor, id, Action::Edit).await?;
        let before = mentions(row.text.as_deref().unwrap_or_default());
        let mut mentioned = mentioned_members(&tx, actor, &text).await?;
        mentioned.retain(|member| !before.contains(&member.id));
        let row = entries::set_text(&tx, row, text.clone(), now).await?;
        let conversation = ConversationId(thread.id);
        let mut list = vec![NewChange::message(id, conversation, ChannelId(thread.channel_id))];
        list.extend(self.tell(&tx, actor, &thread, id, &text, &mentioned).await?);
        changes::append(&tx, ws, &list, now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(ws));
        MessageView::of_entry(&row)
    }

    /// Remove a note of one's own.
    pub async fn delete_note(&self, actor: &Actor, id: MessageId) -> Result<(), Problem> {
        let (ws, now) = (actor.workspace, self.now());
        let tx = self.store.begin().await?;
        let (thread, _) = self.own_note(&tx, actor, id, Action::Delete).await?;
        entries::remove(&tx, ws, id).await?;
        let gone = NewChange::message_removed(id, ConversationId(thread.id), ChannelId(thread.channel_id));
        changes::append(&tx, ws, &[gone], now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(ws));
        Ok(())
    }

    /// A note of the actor's, locked, with its thread. One that they may not see is not there; one of somebody else
    /// is `forbidden`.
    async fn own_note(
        &self,
        tx: &Tx,
        actor: &Actor,
        id: MessageId,
        action: Action,
    ) -> Result<(conversations::Model, thread_entries::Model), Problem> {
        let not_found = || Problem::not_found("note");
        let row = entries::lock(tx, actor.workspace, id).await?.ok_or_else(not_found)?;
        let conversation = ConversationId(row.conversation_id);
        let thread = self
            .visible_thread(tx, actor, Action::Edit, conversation)
            .await
            .map_err(|problem| if problem.code == Code::NotFound { not_found() } else { problem })?;
        if row.kind != EntryKind::Note.as_str() {
            return Err(not_found());
        }
        if row.member_id != Some(actor.member.0) {
            return Err(Problem::new(Code::Forbidden)
                .param("object", "note")
                .param("action", action.as_str()));
        }
        Ok((thread, row))
    }

    /// Notices to those of the mentioned who can sign in, may see the thread and did not write it themselves.
    async fn tell(
        &self,
        tx: &Tx,
        actor: &Actor,
        thread: &conversations::Model,
        note: MessageId,
        text: &str,
        mentioned: &[Member],
    ) -> Result<Vec<NewChange>, Problem> {
        let ws = actor.workspace;
        let channel = ChannelId(thread.channel_id);
        let audience: Vec<MemberId> = mentioned
            .iter()
            .filter(|member| member.status == MemberStatus::Active && member.id != actor.member)
            .filter(|member| {
                let reader = Actor::with_role(ws, member.id, member.role);
                Visibility::of(&reader, Object::Conversation, Action::View)
                    .is_ok_and(|sees| sees.shows(channel, thread.assignee_id.map(MemberId)))
            })
            .map(|member| member.id)
            .collect();
        if audience.is_empty() {
            return Ok(Vec::new());
        }
        let named = members::list(tx, ws).await?;
        let by = named.iter().find(|member| member.id == actor.member);
        let notice = NewNotification {
            kind: NotificationKind::Mention,
            params: json!({
                "by_name": by.map(|member| member.display_name.as_str()).unwrap_or_default(),
                "text": clip(&with_names(text, &named).split_whitespace().collect::<Vec<_>>().join(" "), PREVIEW_CHARS),
            }),
            actor: Some(actor.member),
            channel: Some(channel),
            conversation: Some(ConversationId(thread.id)),
            message: Some(note),
        };
        Ok(notifications::notify(tx, ws, &self.ids, &audience, &notice, self.now()).await?)
    }
}

fn known_note(
    actor: &Actor,
    conversation: ConversationId,
    text: &str,
    row: &thread_entries::Model,
) -> Result<Noted, Problem> {
    let same = row.conversation_id == conversation.0 && row.member_id == Some(actor.member.0);
    // Its text may have been changed since; then it is still the same note.
    if !same || (row.edited_at.is_none() && row.text.as_deref() != Some(text)) {
        return Err(Problem::new(Code::Conflict).param("reason", "client_id"));
    }
    Ok(Noted::Known(MessageView::of_entry(row)?))
}

/// The text as it is stored. PostgreSQL stores no NUL character.
fn checked(text: &str) -> Result<String, Problem> {
    let text = text.replace('\0', "").trim().to_owned();
    let length = text.chars().count();
    if length == 0 {
        return Err(Problem::new(Code::EmptyMessage));
    }
    if length > MAX_NOTE_CHARS {
        return Err(Problem::new(Code::TextTooLong).param("length", length).param("max", MAX_NOTE_CHARS));
    }
    Ok(text)
}

async fn mentioned_members(tx: &Tx, actor: &Actor, text: &str) -> Result<Vec<Member>, Problem> {
    let ids = mentions(text);
    if ids.len() > MAX_MENTIONS {
        return Err(Problem::invalid("text", "too_many_mentions").param("max", MAX_MENTIONS));
    }
    let found = members::get_many(tx, actor.workspace, &ids).await?;
    if found.len() < ids.len() {
        return Err(Problem::invalid("text", "unknown_member"));
    }
    Ok(found)
}

/// The members that a text mentions as `@[mem_…]`, each once, in order. Pure.
pub fn mentions(text: &str) -> Vec<MemberId> {
    let mut found = Vec::new();
    for (_, id) in tokens(text) {
        if !found.contains(&id) {
            found.push(id);
        }
    }
    found
}

/// Each `@[mem_…]` of a text, by its place in bytes, with the member. Something else in brackets is text.
fn tokens(text: &str) -> impl Iterator<Item = (std::ops::Range<usize>, MemberId)> + '_ {
    text.match_indices("@[").filter_map(|(start, _)| {
        let inner = start + 2;
        let end = inner + text[inner..].find(']')?;
        Some((start..end + 1, text[inner..end].parse().ok()?))
    })
}

/// The text with names where members are mentioned. Pure.
fn with_names(text: &str, members: &[Member]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (place, id) in tokens(text) {
        let name = members.iter().find(|member| member.id == id).map(|member| member.display_name.as_str());
        out.push_str(&text[from..place.start]);
        out.push('@');
        out.push_str(name.unwrap_or("…"));
        from = place.end;
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_in_a_text() {
        let id = |n: u8| MemberId(Uuid::from_bytes([n; 16]));
        let (a, b) = (id(1), id(2));
        for (text, expected) in [
            (format!("@[{a}] xem giúp @[{b}], @[{a}] nhé"), vec![a, b]),
            (format!("@[{a}"), vec![]),
            ("@[] @[x] [a] @".to_owned(), vec![]),
            (format!("@[@[{b}]"), vec![b]),
            (format!("đ@[{a}]đ"), vec![a]),
            (String::new(), vec![]),
        ] {
            assert_eq!(mentions(&text), expected, "{text}");
        }
    }

    #[test]
    fn names_stand_in_notices() {
        let id = MemberId(Uuid::from_bytes([1; 16]));
        let other = MemberId(Uuid::from_bytes([2; 16]));
        let member = Member {
            workspace: loa_kernel::WorkspaceId(Uuid::nil()),
            id,
            email: String::new(),
            display_name: "Lan Đỗ".into(),
            role: loa_kernel::Role::Agent,
            status: MemberStatus::Active,
            locale: "vi".into(),
            created_at: loa_kernel::Timestamp(0),
            updated_at: loa_kernel::Timestamp(0),
        };
        let text = with_names(&format!("@[{id}] hỏi @[{other}] nhé"), &[member]);
        assert_eq!(text, "@Lan Đỗ hỏi @… nhé");
    }
}

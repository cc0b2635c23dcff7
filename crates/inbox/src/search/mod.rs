//! Search in messages: the language of the box, what a message is found by, and the page of results.
//!
//! The index of the store answers candidates, the newest first, in bounded slices; each is read again and looked at, so
//! what is answered is exact and visible to who asks, and a common word costs what a rare one does.
//!
//! How to add an operator: a [`query::Part`], its line in the table of operators there, and its meaning in
//! [`Inbox::wanted`]; when the index must know it, a [`terms::Mark`] (old messages get it when they are read again).

pub mod query;
pub mod snippet;
pub mod terms;
mod work;

use std::collections::HashMap;

use loa_kernel::{
    Action, Actor, ChannelId, ConversationId, CustomerId, LabelId, MemberId, MessageId, Object, PageCursor,
    Problem, Timestamp, fold_vi, words_vi,
};
use loa_store::conversations::{self as threads, Visibility};
use loa_store::customers::Search as People;
use loa_store::entity::{conversations, customers, messages};
use loa_store::search::{self as index, Found, Slot, Wanted};
use loa_store::{ConnectionTrait, channels, labels, members};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Inbox;
use crate::views::CustomerBrief;
use crate::words::{Author, Direction, word};
use loa_channels::MessageKind;
use query::{Part, Query, wrong};
use snippet::{Piece, Reading};
use terms::{Document, Mark, Wording};

pub use work::SearchWork;

/// Most customers that `from:` may mean; more of them need more of the name.
const MAX_PEOPLE: usize = 100;
/// A label of so many customers at most is looked up in the index by their threads. More are asked of each message that
/// was found: then most of a slice fits.
const MAX_CARRIERS: usize = 100;
/// Slices of candidates that are looked at for one page. Beyond it the page ends early, with a cursor to go on.
const MAX_SLICES: usize = 12;

/// A page of results, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SearchPage)]
pub struct SearchPage {
    /// The results.
    pub items: Vec<Hit>,
    /// Pass as `cursor` for what follows; absent on the last page. A page may be short and yet not the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
    /// Older messages are still being read into the index, so some may be missing.
    pub indexing: bool,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SearchHit)]
pub struct Hit {
    /// The message.
    pub id: MessageId,
    /// Its thread.
    pub conversation_id: ConversationId,
    /// The account it runs on.
    pub channel_id: ChannelId,
    /// With whom.
    pub customer: CustomerBrief,
    /// Which way it went.
    pub direction: Direction,
    /// Who wrote it.
    pub author: Author,
    /// Which member, when a member wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub member_id: Option<MemberId>,
    /// What it is.
    pub kind: MessageKind,
    /// Its place in the thread.
    pub sent_at: Timestamp,
    /// A piece of its text, or of the name of what is attached, with what was looked for; empty when it has neither.
    pub snippet: Vec<Piece>,
}

/// A query in the words of the index.
#[derive(Debug, Default)]
struct Criteria {
    wordings: Vec<Wording>,
    /// Of each at least one.
    marks: Vec<Vec<Mark>>,
    /// Of each the customer carries at least one. The index does not know them.
    labels: Vec<Vec<LabelId>>,
    /// Nothing can fit.
    nothing: bool,
    /// Not before.
    from: Option<Timestamp>,
    /// Before.
    below: Option<Timestamp>,
}

impl Criteria {
    fn later(&mut self, at: Timestamp) {
        self.from = Some(self.from.map_or(at, |from| from.max(at)));
    }

    fn earlier(&mut self, at: Timestamp) {
        self.below = Some(self.below.map_or(at, |below| below.min(at)));
    }

    fn terms(&self) -> Vec<Vec<u32>> {
        let words = self.wordings.iter().flat_map(|wording| wording.terms()).map(|term| vec![term]);
        let marks = self.marks.iter().map(|any| any.iter().map(Mark::term).collect());
        let mut all: Vec<Vec<u32>> = words.chain(marks).collect();
        if all.is_empty() {
            all.push(vec![Mark::Any.term()]);
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Is it really one, after two terms may have shared a number?
    fn fits(&self, document: &Document, reading: &Reading<'_>) -> bool {
        self.marks.iter().all(|any| document.has_any(any)) && reading.has_all(&self.wordings)
    }
}

impl Inbox {
    /// One page of the messages that `text` finds among those that `actor` may see.
    pub async fn search(
        &self,
        actor: &Actor,
        text: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<SearchPage, Problem> {
        let visibility = Visibility::of(actor, Object::Conversation, Action::View)?;
        let after = cursor.map(PageCursor::decode::<MessageId>).transpose()?;
        let query = Query::parse(text)?;
        if query.parts.is_empty() {
            return Err(Problem::invalid("q", "empty"));
        }
        let db = self.store.reader();
        let mut criteria = self.wanted(actor, db, &query).await?;
        if let Some(channels) = &visibility.channels {
            criteria.marks.push(channels.iter().copied().map(Mark::Channel).collect());
        }
        let state = index::cursor(db, actor.workspace).await?;
        let indexing = state.is_none_or(|state| work::is_incomplete(&state));
        if criteria.nothing {
            return Ok(SearchPage { items: Vec::new(), next: None, indexing });
        }
        let (rows, next) = self.hits(actor, db, &criteria, &visibility, after, limit).await?;
        let items = briefs(actor, db, &criteria, rows, self.now()).await?;
        Ok(SearchPage { items, next: next.map(|id| PageCursor::encode(&id)), indexing })
    }

    /// What the parts of the query mean here: names of people and channels become ids.
    async fn wanted<C: ConnectionTrait>(
        &self,
        actor: &Actor,
        db: &C,
        query: &Query,
    ) -> Result<Criteria, Problem> {
        let mut criteria = Criteria::default();
        for part in &query.parts {
            match part {
                Part::Word(text) => {
                    let words = words_vi(text).into_iter();
                    criteria.wordings.extend(words.map(|word| Wording::Begins(word.folded)));
                }
                Part::Phrase(text) => {
                    let words: Vec<String> = words_vi(text).into_iter().map(|word| word.folded).collect();
                    if !words.is_empty() {
                        criteria.wordings.push(Wording::Phrase(words));
                    }
                }
                Part::From(name) => criteria.marks.push(self.people(actor, db, name, part).await?),
                Part::In(name) => {
                    let there = channels::list(db, actor.workspace).await?;
                    let named = there.iter().filter(|c| actor.sees_channel(c.id) && is_named(&c.name, name));
                    let marks: Vec<Mark> = named.map(|channel| Mark::Channel(channel.id)).collect();
                    if marks.is_empty() {
                        return Err(wrong("unknown_channel", part));
                    }
                    criteria.marks.push(marks);
                }
                Part::Has(thing) => criteria.marks.push(vec![Mark::Holds(thing.as_str())]),
                Part::Label(name) => self.labelled(actor, db, name, part, &mut criteria).await?,
                Part::Before(day) => criteria.earlier(Timestamp::from_vietnam_date(*day)),
                Part::After(day) => criteria.later(after_day(*day)),
                Part::On(day) => {
                    criteria.later(Timestamp::from_vietnam_date(*day));
                    criteria.earlier(after_day(*day));
                }
            }
        }
        if criteria.wordings.is_empty()
            && !query.parts.iter().any(|part| !matches!(part, Part::Word(_) | Part::Phrase(_)))
        {
            // Only punctuation was typed.
            return Err(Problem::invalid("q", "empty"));
        }
        Ok(criteria)
    }

    /// Whom `from:` names.
    async fn people<C: ConnectionTrait>(
        &self,
        actor: &Actor,
        db: &C,
        name: &str,
        part: &Part,
    ) -> Result<Vec<Mark>, Problem> {
        if ["me", "toi"].contains(&fold_vi(name).as_str()) {
            return Ok(vec![Mark::Member(actor.member)]);
        }
        let mut marks: Vec<Mark> = members::list(db, actor.workspace)
            .await?
            .into_iter()
            .filter(|member| is_named(&member.display_name, name))
            .map(|member| Mark::Member(member.id))
            .collect();
        let unmasked = actor.can(Object::Customer, Action::ViewUnmasked);
        if let (true, Some(search)) = (actor.can(Object::Customer, Action::View), People::new(name, unmasked))
        {
            let ids = match search.find(db, actor.workspace).await? {
                Found::Few(ids) => ids,
                Found::Many(_) => return Err(wrong("too_many_people", part)),
            };
            let rows = loa_store::customers::by_ids(db, actor.workspace, &ids).await?;
            let found: Vec<CustomerId> =
                rows.iter().filter(|row| search.finds(row)).map(|row| CustomerId(row.id)).collect();
            if found.len() > MAX_PEOPLE {
                return Err(wrong("too_many_people", part));
            }
            let ids = threads::ids_of_customers(db, actor.workspace, &found).await?;
            marks.extend(ids.into_iter().map(Mark::Customer));
        }
        if marks.is_empty() {
            return Err(wrong("unknown_person", part));
        }
        Ok(marks)
    }

    /// What `label:` means: the threads of those who carry it, when they are few, else a question to each of them.
    async fn labelled<C: ConnectionTrait>(
        &self,
        actor: &Actor,
        db: &C,
        name: &str,
        part: &Part,
        criteria: &mut Criteria,
    ) -> Result<(), Problem> {
        let all = labels::list(db, actor.workspace).await?;
        // A label that is called exactly so is meant alone, whatever else begins like it.
        let exactly = all.iter().filter(|label| label.name_folded == fold_vi(name));
        let mut ids: Vec<LabelId> = exactly.map(|label| LabelId(label.id)).collect();
        if ids.is_empty() {
            let alike = all.iter().filter(|label| is_named(&label.name, name));
            ids.extend(alike.map(|label| LabelId(label.id)));
        }
        if ids.is_empty() {
            return Err(wrong("unknown_label", part));
        }
        let carriers = labels::carriers(db, actor.workspace, &ids, MAX_CARRIERS as u64 + 1).await?;
        if carriers.len() > MAX_CARRIERS {
            criteria.labels.push(ids);
            return Ok(());
        }
        let there = threads::ids_of_customers(db, actor.workspace, &carriers).await?;
        criteria.nothing |= there.is_empty();
        criteria.marks.push(there.into_iter().map(Mark::Thread).collect());
        Ok(())
    }

    /// Rows that fit and may be seen, and the last one that was looked at when there may be more.
    async fn hits<C: ConnectionTrait>(
        &self,
        actor: &Actor,
        db: &C,
        criteria: &Criteria,
        visibility: &Visibility,
        after: Option<MessageId>,
        limit: usize,
    ) -> Result<(Vec<(messages::Model, conversations::Model)>, Option<MessageId>), Problem> {
        let mut found = Vec::new();
        // The slot of the last message once more, because it may hold another one.
        let mut below = after.map(|id| Slot(Slot::of(id).0 + 1));
        if let Some(at) = criteria.below {
            below = Some(below.map_or(Slot::at(at), |slot| slot.min(Slot::at(at))));
        }
        let mut wanted = Wanted { all: criteria.terms(), below, from: criteria.from.map(Slot::at), limit: 0 };
        for _ in 0..MAX_SLICES {
            wanted.limit = limit + 1 - found.len() + 8;
            let slots = index::slots(db, actor.workspace, &wanted).await?;
            let mut rows = index::messages_at(db, &[actor.workspace], &slots).await?;
            rows.retain(|row| after.is_none_or(|after| row.id < after.0));
            rows.retain(|row| {
                Document::of(row).is_some_and(|document| criteria.fits(&document, &Reading::of(&document)))
            });
            rows.sort_by_key(|row| std::cmp::Reverse(row.id));
            let mut ids: Vec<ConversationId> =
                rows.iter().map(|row| ConversationId(row.conversation_id)).collect();
            ids.sort_unstable();
            ids.dedup();
            let of: HashMap<_, _> = threads::by_ids(db, actor.workspace, &ids)
                .await?
                .into_iter()
                .map(|thread| (thread.id, thread))
                .collect();
            let carried = match criteria.labels.as_slice() {
                [] => HashMap::new(),
                _ => {
                    let customers: Vec<CustomerId> = of.values().map(|t| CustomerId(t.customer_id)).collect();
                    labels::of_customers(db, actor.workspace, &customers).await?
                }
            };
            for row in rows {
                let Some(thread) = of.get(&row.conversation_id) else { continue };
                let carries = carried.get(&CustomerId(thread.customer_id)).map_or(&[][..], Vec::as_slice);
                if !criteria.labels.iter().all(|any| any.iter().any(|label| carries.contains(label))) {
                    continue;
                }
                if visibility.shows(ChannelId(thread.channel_id), thread.assignee_id.map(MemberId)) {
                    found.push((row, thread.clone()));
                }
            }
            if found.len() > limit {
                found.truncate(limit);
                let last = found.last().map(|(row, _)| MessageId(row.id));
                return Ok((found, last));
            }
            if slots.len() < wanted.limit {
                return Ok((found, None));
            }
            wanted.below = slots.last().copied();
        }
        Ok((found, wanted.below.map(Slot::first_id)))
    }
}

fn after_day(day: jiff::civil::Date) -> Timestamp {
    day.tomorrow().map_or(Timestamp(i64::MAX), Timestamp::from_vietnam_date)
}

/// Has `name` words that begin like all words of `typed`?
fn is_named(name: &str, typed: &str) -> bool {
    let words = words_vi(name);
    let typed = words_vi(typed);
    !typed.is_empty()
        && typed.iter().all(|part| words.iter().any(|word| word.folded.starts_with(&part.folded)))
}

async fn briefs<C: ConnectionTrait>(
    actor: &Actor,
    db: &C,
    criteria: &Criteria,
    rows: Vec<(messages::Model, conversations::Model)>,
    now: Timestamp,
) -> Result<Vec<Hit>, Problem> {
    let mut ids: Vec<CustomerId> = rows.iter().map(|(_, thread)| CustomerId(thread.customer_id)).collect();
    ids.sort_unstable();
    ids.dedup();
    let people = loa_store::customers::by_ids(db, actor.workspace, &ids).await?;
    let groups = loa_store::customers::groups::of_customers(db, actor.workspace, &people, now).await?;
    let people: HashMap<_, customers::Model> = people.into_iter().map(|row| (row.id, row)).collect();
    let mut hits = Vec::with_capacity(rows.len());
    for (row, thread) in rows {
        let (Some(customer), Some(document)) = (people.get(&thread.customer_id), Document::of(&row)) else {
            continue;
        };
        hits.push(Hit {
            id: MessageId(row.id),
            conversation_id: ConversationId(row.conversation_id),
            channel_id: ChannelId(row.channel_id),
            customer: CustomerBrief {
                id: CustomerId(customer.id),
                display_name: customer.display_name.clone(),
                avatar_url: customer.avatar_url.clone(),
                group: groups.get(&CustomerId(customer.id)).copied(),
            },
            direction: word(&row.direction)?,
            author: word(&row.author)?,
            member_id: row.member_id.map(MemberId),
            kind: word(&row.kind)?,
            sent_at: Timestamp(row.sent_at),
            snippet: Reading::of(&document).snippet(&criteria.wordings),
        });
    }
    Ok(hits)
}

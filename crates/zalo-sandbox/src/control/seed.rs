//! History out of nothing: people and past messages, without a single event.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use loa_kernel::{Problem, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::{AppChange, OaChange, make_app, make_oa};
use super::actions::NewMessage;
use super::people::{UserChange, make_user};
use super::{Body, Refused};
use crate::domain::act::wrote;
use crate::media::avatar_path;
use crate::model::{Author, Contact, Message, Payer, State as Data, absolute};
use crate::script;
use crate::world::{Live, Shared, World};

/// A world to be made. Apps and OAs with known ids are changed, people too; messages are always added.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Seed {
    /// Apps.
    pub apps: Vec<AppChange>,
    /// Official Accounts.
    pub oas: Vec<OaChange>,
    /// People and their threads.
    pub users: Vec<SeedUser>,
}

/// A person.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SeedUser {
    /// Who.
    #[serde(flatten)]
    pub user: UserChange,
    /// With whom they talked.
    pub threads: Vec<SeedThread>,
}

/// A thread of a person.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeedThread {
    /// With which OA.
    pub oa_id: String,
    /// Follows it.
    #[serde(default)]
    pub follower: bool,
    /// Messages in any order.
    #[serde(default)]
    pub messages: Vec<SeedMessage>,
}

/// Who wrote a seeded message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The person.
    User,
    /// The OA, through an app that is not named.
    Oa,
    /// The OA, in Zalo's own tool.
    Tool,
}

/// A past message.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SeedMessage {
    /// When; not in the future.
    pub at: Timestamp,
    /// By whom.
    pub by: By,
    /// The app that sent it, for `oa`.
    #[serde(default)]
    pub app_id: Option<String>,
    /// Content.
    #[serde(flatten)]
    pub message: NewMessage,
}

/// What was made.
#[derive(Serialize, ToSchema)]
pub struct Seeded {
    /// One for each thread that was asked for, in that order.
    pub threads: Vec<SeededThread>,
}

/// A thread that was made.
#[derive(Serialize, ToSchema)]
pub struct SeededThread {
    /// The OA.
    pub oa_id: String,
    /// The person.
    pub person_id: String,
    /// The person's id for the OA.
    pub user_id: String,
    /// The person's id for each app: `[app id, user id by app]`.
    pub user_ids_by_app: Vec<(String, String)>,
    /// Display name.
    pub name: String,
    /// Picture.
    pub avatar: String,
    /// Follows.
    pub follower: bool,
    /// Messages, oldest first.
    pub messages: Vec<Message>,
}

/// Make people and past messages without any event. History calls and the phone page know them; quotas do not.
#[utoipa::path(post, path = "/seed", tag = "seed", request_body = Seed, responses((status = 201, body = Seeded)))]
pub async fn seed(
    State(world): State<Shared>,
    Body(seed): Body<Seed>,
) -> Result<(StatusCode, Json<Seeded>), Refused> {
    let seeded = plant(&world, seed)?;
    Ok((StatusCode::CREATED, Json(seeded)))
}

/// How much to invent.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    /// Seed of the invention: the same seed invents the same people and talks.
    #[serde(default)]
    pub seed: u64,
    /// With which OAs they talk; each person with one of them.
    pub oa_ids: Vec<String>,
    /// People.
    pub users: usize,
    /// Messages over all threads, about.
    pub messages: usize,
    /// Spread over the last so many days; 21 when absent.
    #[serde(default)]
    pub days: Option<u32>,
    /// The app that sent the OA's messages.
    #[serde(default)]
    pub app_id: Option<String>,
}

/// Invent Vietnamese customers and their talks with the OAs over the last weeks.
#[utoipa::path(post, path = "/seed/generate", tag = "seed", request_body = Generate,
    responses((status = 201, body = Seeded)))]
pub async fn generate(
    State(world): State<Shared>,
    Body(ask): Body<Generate>,
) -> Result<(StatusCode, Json<Seeded>), Refused> {
    if ask.oa_ids.is_empty() || ask.users > 100_000 || ask.messages > 1_000_000 {
        return Err(Problem::invalid("users", "too_many_or_no_oa").into());
    }
    let seeded = plant(&world, script::invent(&ask, world.now()))?;
    Ok((StatusCode::CREATED, Json(seeded)))
}

/// Many people who never wrote.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Crowd {
    /// Which OA knows them.
    pub oa_id: String,
    /// How many, at most 100,000.
    pub users: usize,
    /// Seed of the invention: the same seed invents the same people.
    #[serde(default)]
    pub seed: u64,
    /// Their last interactions lie in the last so many days, evenly; 90 when absent.
    #[serde(default)]
    pub days: Option<u32>,
}

/// How many there are now.
#[derive(Serialize, ToSchema)]
pub struct Crowded {
    /// People that were made.
    pub users: usize,
    /// Followers among them.
    pub followers: usize,
}

/// Invent many people at once, without talks and without events: for lists that are longer than one filter reaches.
#[utoipa::path(post, path = "/seed/people", tag = "seed", request_body = Crowd,
    responses((status = 201, body = Crowded)))]
pub async fn crowd(
    State(world): State<Shared>,
    Body(ask): Body<Crowd>,
) -> Result<(StatusCode, Json<Crowded>), Refused> {
    if ask.users > 100_000 {
        return Err(Problem::invalid("users", "too_many").into());
    }
    let mut state = world.state();
    if state.oa(&ask.oa_id).is_none() {
        return Err(Problem::not_found("oa").into());
    }
    let mut made = Crowded { users: 0, followers: 0 };
    for invented in script::people(ask.seed, ask.users, ask.days.unwrap_or(90), world.now()) {
        let mut contact = Contact::new(&ask.oa_id, &invented.person);
        contact.follower = invented.follower;
        contact.last_interaction_at = Some(invented.interacted_at);
        contact.shared = invented.shared.unwrap_or_default();
        made.users += 1;
        made.followers += usize::from(contact.follower);
        state.put_person(invented.person);
        state.put_contact(contact);
    }
    drop(state);
    world.publish(Live::Oa(ask.oa_id));
    Ok((StatusCode::CREATED, Json(made)))
}

fn plant(world: &World, seed: Seed) -> Result<Seeded, Problem> {
    let mut state = world.state();
    for app in seed.apps {
        make_app(world, &mut state, app)?;
    }
    for oa in seed.oas {
        make_oa(world, &mut state, oa)?;
    }
    let mut threads = Vec::new();
    for entry in seed.users {
        let (_, person) = make_user(world, &mut state, entry.user)?;
        for thread in entry.threads {
            threads.push(plant_thread(world, &mut state, &person.id, thread)?);
        }
    }
    drop(state);
    for oa in threads.iter().map(|t| &t.oa_id).collect::<std::collections::BTreeSet<_>>() {
        world.publish(Live::Oa(oa.clone()));
    }
    Ok(Seeded { threads })
}

fn plant_thread(
    world: &World,
    state: &mut Data,
    person_id: &str,
    mut thread: SeedThread,
) -> Result<SeededThread, Problem> {
    let now = world.now();
    let contact = world.meet(state, &thread.oa_id, person_id)?;
    let oa = state.oa(&thread.oa_id).cloned().ok_or_else(|| Problem::not_found("oa"))?;
    let rules = oa.edition.rules(&world.library, now);
    thread.messages.sort_by_key(|m| m.at);
    let mut contact = contact;
    contact.follower |= thread.follower;
    let first = thread.messages.first().map(|m| m.at);
    if contact.follower && contact.last_interaction_at.is_none() {
        contact.last_interaction_at = first;
    }
    let mut made = Vec::new();
    for seed in thread.messages {
        if seed.at > now {
            return Err(Problem::invalid("at", "in_the_future"));
        }
        let author = match seed.by {
            By::User => Author::User,
            By::Oa => Author::Api { app_id: seed.app_id.unwrap_or_default() },
            By::Tool => Author::Tool { admin_id: oa.admin_id.clone() },
        };
        let mut message =
            seed.message.content(state)?.into_message(world.hex(20), &contact, author.clone(), seed.at);
        message.seeded = true;
        if author.is_oa() {
            // Whether it was a free reply then; the counter of the contact must fit its history.
            let left = rules.reply_left(&contact.facts(), seed.at);
            let free = left.is_some_and(|l| l.remain != Some(0));
            message.payer = Some(if free { Payer::Reply } else { Payer::SubQuota });
            contact.replies_used += u32::from(free);
            message.received_at = Some(seed.at);
            message.seen_at = Some(seed.at);
        } else {
            wrote(&mut contact, seed.at);
        }
        let id = message.id.clone();
        state.push_message(message);
        made.extend(state.message(&id).map(|m| m.absolute(world.base())));
    }
    state.put_contact(contact.clone());
    let person = state.person(person_id).ok_or_else(|| Problem::not_found("user"))?;
    Ok(SeededThread {
        oa_id: contact.oa_id.clone(),
        person_id: person.id.clone(),
        user_id: contact.user_id.clone(),
        user_ids_by_app: state.apps().map(|a| (a.id.clone(), person.id_by_app(&a.id))).collect(),
        name: person.name.clone(),
        avatar: absolute(world.base(), &avatar_path(&person.id)),
        follower: contact.follower,
        messages: made,
    })
}
